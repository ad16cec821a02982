package dev.moue

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import java.io.File
import java.util.concurrent.CountDownLatch

class ApiTest {
    @get:Rule val folder = TemporaryFolder()

    private fun picture(name: String) = File(Conformance.folder, "pictures/$name.png")
    private fun frame(name: String) = Frame.decode(picture(name).readBytes())
    private fun mine() = Gallery.openOrCreate(File(folder.root, "mine.moue").path)
    private fun file(name: String) = PictureFile(picture(name).path, name)

    @Test fun facesAreFoundInACoroutine() = runBlocking {
        val found = frame("gus-smirk").use { Finder(Gallery.builtin()).findFaces(it) }
        assertTrue(found.single().matches.first().path.endsWith("-smirk"))
    }

    @Test fun aCancelledCoroutineEndsTheCall() = runBlocking {
        val finder = Finder(Gallery.builtin())
        // Many faces at 4,096 pixels take far longer than the test waits.
        val layout = PackedLayout(4096u, 4096u, 0u, PixelFormat.RGB, Rotation.UPRIGHT, false)
        val pixels = java.nio.ByteBuffer.allocateDirect(3 * 4096 * 4096)
        Frame.fromPixels(pixels, layout).use { frame ->
            val call = async { finder.findFaces(frame) }
            delay(5)
            call.cancelAndJoin()
            assertTrue(call.isCancelled)
            assertTrue(call.getCompletionExceptionOrNull() is CancellationException)
        }
    }

    @Test fun picturesAreAddedWithTheirProgress() = runBlocking {
        val finder = Finder(mine())
        val broken = File(Conformance.folder, "hostile/cut-off.png").path
        val files = listOf(file("gus-smirk"), file("vik-laugh"), PictureFile(broken, "broken"), file("gus-smirk"))
        val steps = finder.addPictures(files).toList()
        assertEquals(listOf(1, 1, -2, -1), steps.last().counts)
        assertEquals(4, steps.last().done)
        assertTrue(steps.map { it.done } == steps.map { it.done }.sorted())
        val best = frame("vik-laugh").use { finder.findFaces(it) }.single().matches.first()
        assertEquals("vik-laugh" to 0f, best.label to best.distance)
        assertEquals(listOf("vik-laugh"), finder.gallery().pictures("LAUGH").map { it.label })
        val thumbnail = finder.gallery().thumbnail(best.id)!!
        assertEquals(96u, Frame.decode(thumbnail).width())
    }

    @Test fun hostileBytesHaveTypedErrors() {
        assertThrows(MoueException.Decode::class.java) { Frame.decode(ByteArray(0)) }
        assertThrows(MoueException.Decode::class.java) { Frame.decode(ByteArray(5000) { it.toByte() }) }
        assertThrows(MoueException.Gallery::class.java) { Gallery.fromBytes(ByteArray(5000)) }
        assertThrows(MoueException.Gallery::class.java) { Gallery.open("/nowhere/mine.moue") }
        val short = ByteArray(10).toDirectBuffer()
        val layout = PackedLayout(100u, 100u, 0u, PixelFormat.BGRA, Rotation.UPRIGHT, false)
        assertThrows(MoueException.Options::class.java) { Frame.fromPixels(short, layout) }
        val huge = PackedLayout(UInt.MAX_VALUE, UInt.MAX_VALUE, 0u, PixelFormat.BGRA, Rotation.UPRIGHT, false)
        assertThrows(MoueException.Options::class.java) { Frame.fromPixels(short, huge) }
        val gallery = Gallery.builtin()
        assertThrows(MoueException.Options::class.java) { gallery.search(listOf(1f), FindOptions()) }
        assertThrows(MoueException.Options::class.java) { gallery.search(List(64) { Float.NaN }, FindOptions()) }
    }

    @Test fun aCameraDropsFramesWhileOneIsInFlight() = runBlocking {
        val finder = Finder(Gallery.builtin())
        val camera = MoueCamera(finder)
        assertTrue(camera.offer(0.0) { frame("vik-laugh") })
        var converted = 0
        repeat(20) { camera.offer(0.001 * it) { converted++; frame("vik-laugh") } }
        assertTrue("dropped ${camera.dropped}, converted $converted", camera.dropped >= 20 - converted)
        assertTrue(camera.dropped > 0)
        val answer = withTimeout(60_000) { camera.faces.first { it.faces.isNotEmpty() } }
        assertTrue(answer.faces.single().matches.first().path.endsWith("-laugh"))
        assertEquals(1f, answer.aspectRatio)
        camera.close()
        assertFalse(camera.offer(9.0) { frame("vik-laugh") })
    }

    @Test fun aFrameThatCannotBeConvertedLeavesTheCameraFree() = runBlocking {
        val camera = MoueCamera(Finder(Gallery.builtin()))
        assertThrows(MoueException.Decode::class.java) { camera.offer(0.0) { Frame.decode(ByteArray(3)) } }
        assertTrue(camera.offer(0.0) { frame("gus-smirk") })
        withTimeout(60_000) { camera.faces.first { it.faces.isNotEmpty() } }
        camera.close()
    }

    @Test fun aTimelineFindsTheLaughOfAClip() {
        val finder = Finder(Gallery.builtin())
        fun expression(name: String) = frame(name).use { finder.find(it, FindOptions()).single().expression }
        val (rest, laugh) = expression("vik-calm") to expression("vik-laugh")
        val timeline = Timeline()
        for (i in 0 until 120) timeline.add(i / 30.0, if (i in 50 until 80) laugh else rest)
        val moments = timeline.moments(MomentOptions())
        assertTrue(moments.toString(), moments.single().index.toInt() in 50 until 80)
    }

    @Test fun drawingsAreCommandsForACanvas() {
        val commands = drawCommands("builtin:gus-smirk")!!
        assertTrue(commands.any { it is DrawCommand.Fill } && commands.any { it is DrawCommand.Stroke })
        assertEquals(null, drawCommands("/etc/passwd"))
    }
}
