package dev.moue.app

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.util.LruCache
import androidx.compose.foundation.Canvas
import androidx.compose.foundation.Image
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material3.Card
import androidx.compose.material3.FilledTonalIconButton
import androidx.compose.material3.Icon
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.geometry.CornerRadius
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.asImageBitmap
import androidx.compose.ui.graphics.drawscope.Stroke
import androidx.compose.ui.graphics.drawscope.drawIntoCanvas
import androidx.compose.ui.graphics.nativeCanvas
import androidx.compose.ui.layout.ContentScale
import androidx.compose.ui.res.painterResource
import androidx.compose.ui.res.stringResource
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import dev.moue.BoundingBox
import dev.moue.Gallery
import dev.moue.Match
import dev.moue.android.Drawing
import java.util.Locale

/** Drawings that were shown: parsing one takes longer than drawing it. */
private val drawings = LruCache<String, Drawing>(64)

private fun drawing(path: String): Drawing? = drawings[path] ?: Drawing.of(path)?.also { drawings.put(path, it) }

/** The picture of a match: a drawing, or the thumbnail of a person's own picture. */
@Composable
fun MatchPicture(path: String, face: ULong, gallery: Gallery, description: String, modifier: Modifier = Modifier) {
    val shape = RoundedCornerShape(20.dp)
    val drawn = remember(path) { drawing(path) }
    val described = modifier.aspectRatio(1f).clip(shape).semantics { contentDescription = description }
    if (drawn != null) {
        Canvas(described) { drawIntoCanvas { drawn.draw(it.nativeCanvas, size.minDimension) } }
        return
    }
    val picture = remember(path, face) {
        gallery.thumbnail(face)?.let { BitmapFactory.decodeByteArray(it, 0, it.size)?.asImageBitmap() }
    }
    if (picture != null) Image(picture, null, described, contentScale = ContentScale.Crop) else Box(described)
}

/** A picture with boxes around its faces. */
@Composable
fun PictureWithFaces(picture: Bitmap, faces: List<BoundingBox>, description: String, modifier: Modifier = Modifier) {
    val color = MaterialTheme.colorScheme.primary
    val ratio = picture.width.toFloat() / picture.height
    Box(modifier.aspectRatio(ratio).clip(RoundedCornerShape(24.dp)).semantics { contentDescription = description }) {
        Image(picture.asImageBitmap(), null, Modifier.fillMaxSize(), contentScale = ContentScale.FillBounds)
        Canvas(Modifier.fillMaxSize()) {
            for (box in faces) drawRoundRect(
                color,
                Offset(box.x * size.width, box.y * size.height),
                Size(box.width * size.width, box.height * size.height),
                CornerRadius(12.dp.toPx()),
                style = Stroke(3.dp.toPx()),
            )
        }
    }
}

/** The matches of a face: the best large, the others beside it small. */
@Composable
fun Matches(matches: List<Match>, gallery: Gallery, share: (Match) -> Unit, modifier: Modifier = Modifier) {
    val best = matches.firstOrNull() ?: return
    Card(modifier.fillMaxWidth(), shape = RoundedCornerShape(28.dp)) {
        Row(Modifier.padding(12.dp), horizontalArrangement = Arrangement.spacedBy(12.dp)) {
            MatchPicture(best.path, best.id, gallery, name(best, 1), Modifier.weight(2.1f))
            Column(Modifier.weight(1f), verticalArrangement = Arrangement.spacedBy(12.dp)) {
                for ((index, match) in matches.drop(1).take(2).withIndex()) {
                    MatchPicture(match.path, match.id, gallery, name(match, index + 2))
                }
            }
        }
        Row(Modifier.padding(start = 20.dp, end = 12.dp, bottom = 12.dp), verticalAlignment = Alignment.CenterVertically) {
            Column(Modifier.weight(1f)) {
                Text(
                    listOfNotNull(best.emoji, best.label).joinToString(" "),
                    style = MaterialTheme.typography.titleLarge,
                    maxLines = 2,
                    overflow = TextOverflow.Ellipsis,
                )
                Text(
                    stringResource(R.string.distance, String.format(Locale.getDefault(), "%.2f", best.distance)),
                    style = MaterialTheme.typography.bodyMedium,
                    color = MaterialTheme.colorScheme.onSurfaceVariant,
                )
            }
            FilledTonalIconButton(onClick = { share(best) }) {
                Icon(painterResource(R.drawable.ic_share), stringResource(R.string.share, best.label))
            }
        }
    }
}

@Composable
private fun name(match: Match, place: Int) = stringResource(R.string.match_name, match.label, place)

/** A sentence in the middle, and what can be done. */
@Composable
fun Message(text: String, modifier: Modifier = Modifier, action: @Composable () -> Unit = {}) = Column(
    modifier.fillMaxSize().padding(24.dp),
    verticalArrangement = Arrangement.spacedBy(20.dp, Alignment.CenterVertically),
    horizontalAlignment = Alignment.CenterHorizontally,
) {
    Text(text, Modifier.widthIn(max = 420.dp), style = MaterialTheme.typography.titleMedium, textAlign = TextAlign.Center)
    action()
}
