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

/** The phone's front camera, or its only one. */
class PhoneCamera(
    private val context: Context,
    private val width: Int = 640,
    private val height: Int = 480,
    private val format: Int = ImageFormat.YUV_420_888,
) : FrameSource {
    private var thread: HandlerThread? = null
    private var device: CameraDevice? = null
    internal var reader: ImageReader? = null
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
            val rotation = rotation(manager.getCameraCharacteristics(id))
            val images = ImageReader.newInstance(width, height, format, 2)
            images.setOnImageAvailableListener({ deliver(it, sink, rotation) }, handler)
            reader = images
            manager.openCamera(id, Opened(images, handler, failed), handler)
        } catch (error: Exception) {
            // Refused, in use by another app, or switched off by a policy.
            stop()
            failed()
        }
    }

    private fun deliver(reader: ImageReader, sink: FrameSink, rotation: Rotation) {
        // Every image is taken and closed, whether the sink wants it or not: the camera has only two.
        val image = reader.acquireNextImage() ?: return
        image.use { sink.frame(it.timestamp / 1e9) { Frame.of(it, rotation, mirrored = true) } }
    }

    private fun front(manager: CameraManager): String? {
        val ids = manager.cameraIdList
        val facing = { id: String -> manager.getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING) }
        return ids.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_FRONT } ?: ids.firstOrNull()
    }

    /** A front sensor turned by S in a phone turned by D is upright after S + D degrees. */
    @Suppress("DEPRECATION")
    private fun rotation(of: CameraCharacteristics): Rotation {
        val sensor = of.get(CameraCharacteristics.SENSOR_ORIENTATION) ?: 0
        val windows = context.getSystemService(Context.WINDOW_SERVICE) as android.view.WindowManager
        return rotationOf(sensor + 90 * windows.defaultDisplay.rotation)
    }

    override fun stop() {
        device?.close()
        device = null
        reader?.close()
        reader = null
        thread?.quitSafely()
        thread = null
    }

    private inner class Opened(
        private val images: ImageReader,
        private val handler: Handler,
        private val failed: () -> Unit,
    ) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            // Stopped while it was being opened.
            if (reader !== images) return camera.close()
            device = camera
            val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
            request.addTarget(images.surface)
            val started = object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) {
                    session.setRepeatingRequest(request.build(), null, handler)
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
