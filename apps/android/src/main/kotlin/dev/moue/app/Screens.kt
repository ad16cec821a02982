package dev.moue.app

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxHeight
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.lazy.grid.GridCells
import androidx.compose.foundation.lazy.grid.LazyVerticalGrid
import androidx.compose.foundation.lazy.grid.items
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Button
import androidx.compose.material3.CircularProgressIndicator
import androidx.compose.material3.FilledTonalButton
import androidx.compose.material3.FilledTonalIconButton
import androidx.compose.material3.Icon
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalConfiguration
import androidx.compose.ui.res.painterResource
import androidx.compose.ui.res.pluralStringResource
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import dev.moue.Found

/** The camera's picture and the pictures that make the same face. */
@Composable
fun CameraScreen(model: MoueModel, actions: Actions, wide: Boolean) {
    val state by model.camera.collectAsState()
    Sources(model)
    val picture = state.picture
    when {
        !state.allowed && state.refused -> Message(stringResource(R.string.camera_refused)) {
            Button(actions::openSettings) { Text(stringResource(R.string.camera_settings)) }
            FilledTonalButton(actions::choosePhoto) { Text(stringResource(R.string.photo_choose)) }
        }
        !state.allowed -> Message(stringResource(R.string.camera_asks)) {
            Button(actions::allowCamera) { Text(stringResource(R.string.camera_allow)) }
        }
        state.failed -> Message(stringResource(R.string.camera_failed)) {
            FilledTonalButton(actions::choosePhoto) { Text(stringResource(R.string.photo_choose)) }
        }
        picture == null -> Message(stringResource(R.string.make_a_face)) { CircularProgressIndicator() }
        else -> {
            val faces = state.answer.faces
            Answer(wide, picture = { modifier ->
                PictureWithFaces(picture, faces.map { it.face.bounds }, stringResource(R.string.preview), modifier)
            }) { FaceMatches(faces, R.string.make_a_face, model, actions) }
        }
    }
}

/** A photo and the pictures that make the same face. */
@Composable
fun PhotoScreen(model: MoueModel, actions: Actions, wide: Boolean) {
    val state by model.photo.collectAsState()
    Sources(model)
    val picture = state.picture
    when {
        state.busy -> Message("") { CircularProgressIndicator() }
        state.unreadable -> Message(stringResource(R.string.photo_unreadable)) { Choose(actions) }
        picture == null -> Message(stringResource(R.string.photo_empty)) { Choose(actions) }
        else -> Answer(wide, picture = { modifier ->
            PictureWithFaces(picture, state.faces.map { it.face.bounds }, stringResource(R.string.photo_shown), modifier)
        }) {
            FaceMatches(state.faces, R.string.photo_no_face, model, actions)
            Box(Modifier.fillMaxWidth(), contentAlignment = Alignment.Center) { Choose(actions) }
        }
    }
}

@Composable
private fun Choose(actions: Actions) =
    FilledTonalButton(actions::choosePhoto) { Text(stringResource(R.string.photo_choose)) }

/** The picture above its matches; beside them where the screen is wider than it is high. */
@Composable
private fun Answer(wide: Boolean, picture: @Composable (Modifier) -> Unit, matches: @Composable () -> Unit) {
    val screen = LocalConfiguration.current
    val gap = Arrangement.spacedBy(16.dp)
    if (wide && screen.screenWidthDp > screen.screenHeightDp) {
        Row(Modifier.fillMaxSize().padding(bottom = 16.dp), horizontalArrangement = gap) {
            Box(Modifier.weight(1f).fillMaxHeight(), contentAlignment = Alignment.TopCenter) { picture(Modifier) }
            Column(Modifier.weight(1f).verticalScroll(rememberScrollState()), verticalArrangement = gap) { matches() }
        }
        return
    }
    Column(
        Modifier.fillMaxSize().verticalScroll(rememberScrollState()).padding(bottom = 16.dp),
        verticalArrangement = gap,
        horizontalAlignment = Alignment.CenterHorizontally,
    ) {
        picture(Modifier.widthIn(max = 560.dp).fillMaxWidth())
        Column(Modifier.widthIn(max = 560.dp), verticalArrangement = gap) { matches() }
    }
}

@Composable
private fun FaceMatches(faces: List<Found>, nothing: Int, model: MoueModel, actions: Actions) {
    val source by model.source.collectAsState()
    val gallery = model.gallery(Source.valueOf(source))
    if (faces.isEmpty()) Text(stringResource(nothing), style = MaterialTheme.typography.titleLarge)
    for (found in faces) {
        // Why there are none is said where it is known.
        val problem = found.problem ?: stringResource(R.string.no_match)
        if (found.matches.isEmpty()) Text(problem) else Matches(found.matches, gallery, actions::share)
    }
}

/** A person's own pictures. */
@Composable
fun CollectionScreen(model: MoueModel, actions: Actions) {
    val state by model.collection.collectAsState()
    LaunchedEffect(Unit) { model.list(state.text) }
    Row(
        Modifier.fillMaxWidth().padding(vertical = 12.dp),
        horizontalArrangement = Arrangement.spacedBy(12.dp),
        verticalAlignment = Alignment.CenterVertically,
    ) {
        OutlinedTextField(
            state.text,
            model::list,
            Modifier.weight(1f),
            label = { Text(stringResource(R.string.collection_search)) },
            leadingIcon = { Icon(painterResource(R.drawable.ic_search), null) },
            singleLine = true,
            shape = RoundedCornerShape(28.dp),
        )
        FilledTonalIconButton(actions::choosePictures) {
            Icon(painterResource(R.drawable.ic_add), stringResource(R.string.collection_add))
        }
    }
    Progress(state)
    when {
        state.total == 0 && state.adding == null -> Message(stringResource(R.string.collection_empty)) {
            Button(actions::choosePictures) { Text(stringResource(R.string.collection_add)) }
        }
        state.pictures.isEmpty() && state.text.isNotEmpty() -> Message(stringResource(R.string.collection_none))
        else -> LazyVerticalGrid(
            GridCells.Adaptive(96.dp),
            horizontalArrangement = Arrangement.spacedBy(12.dp),
            verticalArrangement = Arrangement.spacedBy(12.dp),
        ) { items(state.pictures, key = { it.id.toLong() }) { Own(it, model) } }
    }
}

@Composable
private fun Progress(state: CollectionState) {
    state.adding?.let { (done, total) ->
        Text(stringResource(R.string.adding, done, total))
        LinearProgressIndicator({ done.toFloat() / total }, Modifier.fillMaxWidth().padding(vertical = 8.dp))
    }
    val added = state.added ?: return
    val texts = mutableListOf(pluralStringResource(R.plurals.added, added, added))
    if (state.faceless > 0) texts += pluralStringResource(R.plurals.without_face, state.faceless, state.faceless)
    Text(texts.joinToString(", "), Modifier.padding(bottom = 8.dp), color = MaterialTheme.colorScheme.onSurfaceVariant)
}

@Composable
private fun Own(picture: dev.moue.PictureInfo, model: MoueModel) = Column {
    Box {
        MatchPicture(picture.path, picture.faces.first().id, model.gallery(Source.MINE), picture.label)
        // What is touched keeps its 48 dp around the smaller disk.
        FilledTonalIconButton({ model.remove(picture) }, Modifier.align(Alignment.TopEnd).padding(4.dp).size(28.dp)) {
            val remove = stringResource(R.string.collection_remove, picture.label)
            Icon(painterResource(R.drawable.ic_remove), remove, Modifier.size(16.dp))
        }
    }
    Text(picture.label, maxLines = 1, overflow = TextOverflow.Ellipsis, style = MaterialTheme.typography.bodyMedium)
}
