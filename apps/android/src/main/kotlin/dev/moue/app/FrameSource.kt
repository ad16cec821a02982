package dev.moue.app

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.ImageReader
import android.os.Build
import android.os.Handler
import android.os.HandlerThread
import dev.moue.Frame
import dev.moue.Rotation
import dev.moue.android.of
import dev.moue.rotationOf
import java.util.concurrent.Executor

/** Takes frames: a time in seconds, and how to make the frame, which may borrow the camera's buffers. */
fun interface FrameSink {
    fun frame(time: Double, make: () -> Frame)
}

/** Where frames come from. The app's camera is one; tests push drawings. */
interface FrameSource {
    /** Begins to give frames to [sink]; calls [failed] at most once if there are none to give. */
    fun start(sink: FrameSink, failed: () -> Unit)

    /** Ends it. It may be started again. */
    fun stop()
}

/** How a camera is built in: its sensor's turn in degrees, and whether it looks at who looks at the screen. */
internal data class Lens(val sensor: Int, val isFront: Boolean) {
    /**
     * How far a picture is turned clockwise to be upright on a screen that is turned by [screen] degrees. A
     * back camera looks the other way, so that the screen's turn is the opposite one for it.
     */
    fun rotation(screen: Int): Rotation = rotationOf(if (isFront) sensor + screen else sensor - screen)

    companion object {
        fun of(characteristics: CameraCharacteristics) = Lens(
            characteristics.get(CameraCharacteristics.SENSOR_ORIENTATION) ?: 0,
            characteristics.get(CameraCharacteristics.LENS_FACING) == CameraCharacteristics.LENS_FACING_FRONT,
        )
    }
}

/** The phone's front camera, or its only one. */
class PhoneCamera(
    private val context: Context,
    private val width: Int = 640,
    private val height: Int = 480,
    private val format: Int = ImageFormat.YUV_420_888,
) : FrameSource {
    private var thread: HandlerThread? = null

    // Set by the camera's thread and by the main one.
    @Volatile private var device: CameraDevice? = null
    @Volatile internal var reader: ImageReader? = null
        private set

    /** Whether the camera has been told to give frames. */
    @Volatile internal var isStreaming = false
        private set

    // The app asks for the permission before it starts the camera; without it `openCamera` throws.
    @SuppressLint("MissingPermission")
    override fun start(sink: FrameSink, failed: () -> Unit) {
        stop()
        val manager = context.getSystemService(Context.CAMERA_SERVICE) as CameraManager
        val worker = HandlerThread("camera").apply { start() }
        thread = worker
        val handler = Handler(worker.looper)
        try {
            val id = front(manager) ?: return failed()
            val lens = Lens.of(manager.getCameraCharacteristics(id))
            val images = ImageReader.newInstance(width, height, format, 2)
            images.setOnImageAvailableListener({ deliver(it, sink, lens) }, handler)
            reader = images
            manager.openCamera(id, Opened(images, handler, failed), handler)
        } catch (error: Exception) {
            // Refused, in use by another app, or switched off by a policy.
            stop()
            failed()
        }
    }

    @Suppress("DEPRECATION")
    private fun deliver(reader: ImageReader, sink: FrameSink, lens: Lens) {
        // Every image is taken and closed, whether the sink wants it or not: the camera has only two.
        val image = reader.acquireNextImage() ?: return
        // Asked for each frame: a turn by 180 degrees restarts no activity.
        val windows = context.getSystemService(Context.WINDOW_SERVICE) as android.view.WindowManager
        val rotation = lens.rotation(90 * windows.defaultDisplay.rotation)
        image.use { sink.frame(it.timestamp / 1e9) { Frame.of(it, rotation, mirrored = lens.isFront) } }
    }

    private fun front(manager: CameraManager): String? {
        val ids = manager.cameraIdList
        val facing = { id: String -> manager.getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING) }
        return ids.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_FRONT } ?: ids.firstOrNull()
    }

    override fun stop() {
        // The reader first: a camera that is opened from now on sees that nobody wants it.
        val images = reader
        reader = null
        isStreaming = false
        device?.close()
        device = null
        images?.close()
        thread?.quitSafely()
        thread = null
    }

    private inner class Opened(
        private val images: ImageReader,
        private val handler: Handler,
        private val failed: () -> Unit,
    ) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            device = camera
            // Stopped meanwhile, by the main thread: whichever of both comes second closes it.
            if (reader !== images) return camera.close()
            try {
                stream(camera)
            } catch (error: Exception) {
                // Closed between two calls, which nobody waits for any more; else a camera that does not work.
                if (reader === images) failed()
            }
        }

        private fun stream(camera: CameraDevice) {
            val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
            request.addTarget(images.surface)
            val started = object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) {
                    try {
                        session.setRepeatingRequest(request.build(), null, handler)
                        isStreaming = true
                    } catch (error: Exception) {
                        if (reader === images) failed()
                    }
                }

                override fun onConfigureFailed(session: CameraCaptureSession) = failed()
            }
            if (Build.VERSION.SDK_INT >= 28) {
                val outputs = listOf(OutputConfiguration(images.surface))
                val executor = Executor { handler.post(it) }
                val kind = SessionConfiguration.SESSION_REGULAR
                camera.createCaptureSession(SessionConfiguration(kind, outputs, executor, started))
            } else {
                @Suppress("DEPRECATION")
                camera.createCaptureSession(listOf(images.surface), started, handler)
            }
        }

        override fun onDisconnected(camera: CameraDevice) = camera.close()

        override fun onError(camera: CameraDevice, error: Int) {
            camera.close()
            failed()
        }
    }
}
