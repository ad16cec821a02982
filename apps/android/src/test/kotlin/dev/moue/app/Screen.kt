package dev.moue.app

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Handler
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import androidx.compose.runtime.MonotonicFrameClock
import androidx.compose.runtime.snapshots.Snapshot
import androidx.compose.ui.ExperimentalComposeUiApi
import androidx.compose.ui.InternalComposeUiApi
import androidx.compose.ui.node.RootForTest
import androidx.compose.ui.platform.WindowRecomposerPolicy
import androidx.compose.ui.platform.createLifecycleAwareWindowRecomposer
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsNode
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.text.AnnotatedString
import dev.moue.Frame
import dev.moue.decode
import kotlinx.coroutines.android.asCoroutineDispatcher
import kotlinx.coroutines.delay
import org.robolectric.Shadows.shadowOf
import java.io.File

/** The project's folder of drawn pictures. */
val conformance = File(System.getProperty("moue.conformance"))

/** A drawing as a camera or a photo has it. */
fun drawing(name: String) = File(conformance, "pictures/$name.png")

/**
 * Has Compose recompose by a clock and a dispatcher of this test. Its own belong to the choreographer of the first
 * test of the process, which Robolectric resets.
 */
@OptIn(InternalComposeUiApi::class, ExperimentalComposeUiApi::class)
fun recomposeHere() {
    val dispatcher = Handler(Looper.getMainLooper()).asCoroutineDispatcher()
    val clock = object : MonotonicFrameClock {
        override suspend fun <R> withFrameNanos(onFrame: (Long) -> R): R {
            delay(16)
            return onFrame(System.nanoTime())
        }
    }
    WindowRecomposerPolicy.setFactory { it.createLifecycleAwareWindowRecomposer(dispatcher + clock) }
}

/** Compose's own test rule needs a library that is not everywhere; the semantics tree itself is public. */
class Screen(private val activity: Activity) {
    private val root: View get() = activity.window.decorView

    /** Runs what waits on the main thread, and gives other threads time to post more. */
    fun settle(until: () -> Boolean = { true }) {
        // Long enough for a search on a machine that does much else; it ends as soon as it can.
        val end = System.nanoTime() + 15_000_000_000
        do {
            // What sends these belongs to the first test too.
            Snapshot.sendApplyNotifications()
            shadowOf(Looper.getMainLooper()).idleFor(java.time.Duration.ofMillis(50))
            fill()
            place()
            if (until()) return
            Thread.sleep(10)
        } while (System.nanoTime() < end)
        val error = AssertionError("it did not come to pass; the screen has ${words()}")
        error.printStackTrace()
        throw error
    }

    /** Lays the window out for a display that was turned; Robolectric's window keeps its size. */
    private fun fill() {
        val display = activity.resources.displayMetrics
        if (root.width == display.widthPixels && root.height == display.heightPixels) return
        fun exactly(pixels: Int) = View.MeasureSpec.makeMeasureSpec(pixels, View.MeasureSpec.EXACTLY)
        root.measure(exactly(display.widthPixels), exactly(display.heightPixels))
        root.layout(0, 0, display.widthPixels, display.heightPixels)
    }

    /**
     * Compose measures what changed inside its view when the view is drawn, and a test draws nothing in
     * between: without this a list has no items.
     */
    @OptIn(ExperimentalComposeUiApi::class)
    private fun place(view: View = root) {
        if (view is RootForTest) view.measureAndLayoutForTest()
        if (view is ViewGroup) for (index in 0 until view.childCount) place(view.getChildAt(index))
    }

    private fun nodes(view: View = root): List<SemanticsNode> = when (view) {
        is RootForTest -> flat(view.semanticsOwner.unmergedRootSemanticsNode)
        is ViewGroup -> (0 until view.childCount).flatMap { nodes(view.getChildAt(it)) }
        else -> emptyList()
    }

    private fun flat(node: SemanticsNode): List<SemanticsNode> = listOf(node) + node.children.flatMap(::flat)

    private fun words(node: SemanticsNode) =
        node.config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text } +
            node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty()

    /** All that is written, and all that a screen reader says. */
    fun words(): List<String> = nodes().flatMap(::words)

    fun has(text: String) = words().any { text in it }

    /** Whether what is labeled so lies wholly on the screen. */
    fun isInside(text: String): Boolean {
        val bounds = nodes().first { node -> words(node).any { text in it } }.boundsInRoot
        return bounds.height > 0 && bounds.bottom <= root.height && bounds.right <= root.width
    }

    /** Clicks what is labeled so, or holds the label. */
    fun click(text: String) {
        settle { has(text) }
        var node: SemanticsNode? = nodes().first { text in words(it) }
        while (node != null && node.config.getOrNull(SemanticsActions.OnClick) == null) node = node.parent
        checkNotNull(node) { "$text cannot be clicked" }.config[SemanticsActions.OnClick].action!!.invoke()
        settle()
    }

    /** Writes into the only text field. */
    fun write(text: String) {
        val field = nodes().first { it.config.getOrNull(SemanticsActions.SetText) != null }
        field.config[SemanticsActions.SetText].action!!.invoke(AnnotatedString(text))
        settle()
    }

    /** What can be clicked but has no words for a screen reader. */
    fun silent(): List<SemanticsNode> = nodes().filter { node ->
        node.config.getOrNull(SemanticsActions.OnClick) != null && flat(node).all { words(it).isEmpty() }
    }

    /** What is drawn, as a file to look at. */
    fun picture(name: String): Bitmap {
        val bitmap = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
        root.draw(Canvas(bitmap))
        File("target/screens/$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return bitmap
    }
}

/** A camera that shows drawings. */
class DrawnCamera : FrameSource {
    private var sink: FrameSink? = null
    private var time = 0.0
    var fails = false

    override fun start(sink: FrameSink, failed: () -> Unit) {
        if (fails) failed() else this.sink = sink
    }

    override fun stop() {
        sink = null
    }

    val isRunning get() = sink != null

    fun show(name: String) {
        time += 1 / 30.0
        sink?.frame(time) { Frame.decode(drawing(name).readBytes()) }
    }
}
