package dev.moue.app

import android.Manifest
import android.graphics.BitmapFactory
import android.graphics.Matrix
import android.graphics.PixelFormat
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraManager
import android.os.Looper
import android.view.Display
import android.view.WindowManager
import dev.moue.FaceChoice
import dev.moue.FindOptions
import dev.moue.Finder
import dev.moue.Frame
import dev.moue.Gallery
import dev.moue.Rotation
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowCameraCharacteristics

/** The app's camera itself, over a camera that Robolectric stands in for. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class PhoneCameraTest {
    private val app get() = RuntimeEnvironment.getApplication()

    /** As CameraX's `getRelativeImageRotation` has it. */
    @Test fun picturesAreTurnedUprightHoweverThePhoneIsHeld() {
        val front = Lens(sensor = 270, isFront = true)
        val back = Lens(sensor = 90, isFront = false)
        val (up, right, half, left) = listOf(
            Rotation.UPRIGHT, Rotation.CLOCKWISE90, Rotation.HALF, Rotation.CLOCKWISE270,
        )
        assertEquals(listOf(left, up, right, half), listOf(0, 90, 180, 270).map(front::rotation))
        assertEquals(listOf(right, up, left, half), listOf(0, 90, 180, 270).map(back::rotation))
    }

    private fun addCamera(id: String, lens: Lens) {
        val facing = if (lens.isFront) CameraCharacteristics.LENS_FACING_FRONT else CameraCharacteristics.LENS_FACING_BACK
        val characteristics = ShadowCameraCharacteristics.newCameraCharacteristics()
        val shadow = Shadow.extract<ShadowCameraCharacteristics>(characteristics)
        shadow.set(CameraCharacteristics.LENS_FACING, facing)
        shadow.set(CameraCharacteristics.SENSOR_ORIENTATION, lens.sensor)
        shadowOf(app.getSystemService(CameraManager::class.java)).addCamera(id, characteristics)
    }

    /** The camera has a thread of its own. */
    private fun settle(until: () -> Boolean) {
        val end = System.nanoTime() + 15_000_000_000
        while (!until()) {
            assertTrue("the camera does not answer", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(10)
        }
    }

    /** Shows a drawing to the sensor as it lies in the phone, mirrored by no lens. */
    private fun expose(camera: PhoneCamera, clockwise: Int) {
        val upright = BitmapFactory.decodeFile(drawing("two").path)
        val surface = camera.reader!!.surface
        val canvas = surface.lockHardwareCanvas()
        val matrix = Matrix()
        matrix.postTranslate(-upright.width / 2f, -upright.height / 2f)
        matrix.postRotate(-clockwise.toFloat())
        matrix.postTranslate(320f, 240f)
        canvas.drawBitmap(upright, matrix, null)
        surface.unlockCanvasAndPost(canvas)
    }

    private fun received(lens: Lens, screen: Int): Frame {
        shadowOf(app).grantPermissions(Manifest.permission.CAMERA)
        addCamera("0", lens)
        val display: Display = app.getSystemService(WindowManager::class.java).defaultDisplay
        shadowOf(display).setRotation(screen / 90)
        val frames = java.util.concurrent.CopyOnWriteArrayList<Frame>()
        // Robolectric draws RGBA alone.
        val camera = PhoneCamera(app, 640, 480, PixelFormat.RGBA_8888)
        var failures = 0
        camera.start({ _, make -> frames += make() }) { failures++ }
        settle { camera.isStreaming || failures > 0 }
        assertEquals(0, failures)
        val turn = if (lens.isFront) lens.sensor + screen else lens.sensor - screen
        expose(camera, turn)
        settle { frames.isNotEmpty() }
        camera.stop()
        return frames.single()
    }

    /** The drawing's two faces, from left to right. */
    private fun faces(frame: Frame) = Finder(Gallery.builtin()).find(frame, FindOptions(faces = FaceChoice.ALL)).map { it.face.bounds }.sortedBy { it.x }

    @Test fun theFrontCameraGivesUprightMirroredFrames() {
        val frame = received(Lens(sensor = 270, isFront = true), screen = 0)
        assertEquals(480 to 640, frame.width().toInt() to frame.height().toInt())
        assertEquals(2, faces(frame).size)
    }

    @Test fun onItsSideThePhoneGivesWideFrames() {
        val frame = received(Lens(sensor = 270, isFront = true), screen = 90)
        assertEquals(640 to 480, frame.width().toInt() to frame.height().toInt())
        assertEquals(2, faces(frame).size)
    }

    @Test fun anOnlyCameraAtTheBackIsNotMirrored() {
        val front = received(Lens(sensor = 270, isFront = true), screen = 0)
        shadowOf(app.getSystemService(CameraManager::class.java)).removeCamera("0")
        val back = received(Lens(sensor = 90, isFront = false), screen = 0)
        val (mirrored, plain) = faces(front) to faces(back)
        assertTrue(mirrored.size == 2 && plain.size == 2)
        // The same faces, at mirrored places.
        assertEquals(1 - mirrored[0].x - mirrored[0].width, plain[1].x, 0.03f)
    }

    @Test fun withoutACameraItFailsOnce() {
        var failures = 0
        PhoneCamera(app).start({ _, _ -> }) { failures++ }
        settle { failures > 0 }
        assertEquals(1, failures)
    }
}
