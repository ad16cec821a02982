package dev.moue.app

import androidx.annotation.DrawableRes
import androidx.annotation.StringRes
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.WindowInsets
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawing
import androidx.compose.foundation.layout.windowInsetsPadding
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.NavigationBar
import androidx.compose.material3.NavigationBarItem
import androidx.compose.material3.NavigationRail
import androidx.compose.material3.NavigationRailItem
import androidx.compose.material3.Scaffold
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.res.painterResource
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import dev.moue.Match

/** What screens ask of the activity. */
interface Actions {
    fun allowCamera()
    fun openSettings()
    fun choosePhoto()
    fun choosePictures()
    fun share(match: Match)
}

private enum class Place(val tab: Tab, @StringRes val label: Int, @DrawableRes val icon: Int) {
    CAMERA(Tab.CAMERA, R.string.tab_camera, R.drawable.ic_camera),
    PHOTO(Tab.PHOTO, R.string.tab_photo, R.drawable.ic_photo),
    COLLECTION(Tab.COLLECTION, R.string.tab_collection, R.drawable.ic_collection),
}

/** The whole app: a bar below on phones, a rail beside on wide screens. */
@Composable
fun App(model: MoueModel, actions: Actions) {
    val tab by model.tab.collectAsState()
    val current = Tab.valueOf(tab)
    LaunchedEffect(current) { if (current == Tab.CAMERA) model.startCamera() else model.stopCamera() }
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        BoxWithConstraints {
            val wide = maxWidth >= 600.dp
            if (wide) {
                Row {
                    NavigationRail(containerColor = MaterialTheme.colorScheme.surfaceContainer) {
                        Spacer(Modifier.height(16.dp))
                        for (place in Place.entries) NavigationRailItem(
                            selected = place.tab == current,
                            onClick = { model.show(place.tab) },
                            icon = { Icon(painterResource(place.icon), null) },
                            label = { Text(stringResource(place.label), maxLines = 1, overflow = TextOverflow.Ellipsis) },
                        )
                    }
                    Screen(current, model, actions, wide = true, Modifier.windowInsetsPadding(WindowInsets.safeDrawing))
                }
            } else {
                Scaffold(bottomBar = { Bar(current, model) }) { padding ->
                    Screen(current, model, actions, wide = false, Modifier.padding(padding))
                }
            }
        }
    }
}

@Composable
private fun Bar(current: Tab, model: MoueModel) =
    NavigationBar(containerColor = MaterialTheme.colorScheme.surfaceContainer) {
        for (place in Place.entries) NavigationBarItem(
            selected = place.tab == current,
            onClick = { model.show(place.tab) },
            icon = { Icon(painterResource(place.icon), null) },
            label = { Text(stringResource(place.label), maxLines = 1, overflow = TextOverflow.Ellipsis) },
        )
    }

@Composable
private fun Screen(tab: Tab, model: MoueModel, actions: Actions, wide: Boolean, modifier: Modifier) =
    Column(modifier.fillMaxSize().padding(horizontal = if (wide) 24.dp else 16.dp)) {
        when (tab) {
            Tab.CAMERA -> CameraScreen(model, actions, wide)
            Tab.PHOTO -> PhotoScreen(model, actions, wide)
            Tab.COLLECTION -> CollectionScreen(model, actions)
        }
    }

/** Which gallery is searched. */
@Composable
fun Sources(model: MoueModel) {
    val source by model.source.collectAsState()
    Row(Modifier.padding(vertical = 8.dp), horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        for ((each, label) in listOf(
            Source.DRAWINGS to R.string.gallery_drawings,
            Source.EMOJI to R.string.gallery_emoji,
            Source.MINE to R.string.gallery_mine,
        )) FilterChip(
            selected = source == each.name,
            onClick = { model.choose(each) },
            label = { Text(stringResource(label)) },
        )
    }
}
