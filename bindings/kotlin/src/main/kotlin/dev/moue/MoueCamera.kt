package dev.moue

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong

/** What a camera shows at a moment. */
public data class CameraFaces(
    /** Seconds, as they were passed to [MoueCamera.offer]. */
    val time: Double = 0.0,
    /** Width of the upright frame, by its height; 0 before the first one. */
    val aspectRatio: Float = 0f,
    /** The faces, from left to right, with matches that hold still while the face does. */
    val faces: List<Found> = emptyList(),
    /** Why the frame could not be searched. */
    val error: MoueException? = null,
)

/**
 * Follows the faces of a camera and searches for each.
 *
 * Frames come in from any thread by [offer], and answers out by [faces]. While a frame is being
 * searched, others are dropped before anything is done with them, so that a slow phone shows fewer
 * answers, never late ones.
 */
public class MoueCamera(
    finder: Finder,
    private val options: TrackOptions = TrackOptions(find = FindOptions()),
    dispatcher: CoroutineDispatcher = Dispatchers.Default,
) : AutoCloseable {
    private val tracker = FaceTracker(finder)
    private val scope = CoroutineScope(SupervisorJob() + dispatcher)
    private val busy = AtomicBoolean(false)
    private val closed = AtomicBoolean(false)
    private val droppedFrames = AtomicLong()
    private val latest = MutableStateFlow(CameraFaces())

    /** The latest answer. */
    public val faces: StateFlow<CameraFaces> = latest.asStateFlow()

    /** How many frames were dropped because one was in flight. */
    public val dropped: Long get() = droppedFrames.get()

    /**
     * Takes a frame unless one is in flight; returns whether it did. [frame] is called on this thread
     * and only then, so that it may borrow the camera's buffers.
     *
     * @param time seconds from any start, of the sensor's clock.
     * @throws MoueException.Options if the buffers do not hold the frame.
     */
    public fun offer(time: Double, frame: () -> Frame): Boolean {
        if (closed.get() || !busy.compareAndSet(false, true)) {
            droppedFrames.incrementAndGet()
            return false
        }
        val taken = try {
            frame()
        } catch (error: Throwable) {
            busy.set(false)
            throw error
        }
        scope.launch { search(taken, time) }.invokeOnCompletion {
            taken.close()
            busy.set(false)
            // A frame that was in flight when the camera was closed.
            if (closed.get()) tracker.close()
        }
        return true
    }

    private fun search(frame: Frame, time: Double) {
        val ratio = frame.width().toFloat() / frame.height().toFloat()
        latest.value = try {
            CameraFaces(time, ratio, tracker.track(frame, time, options))
        } catch (error: MoueException) {
            CameraFaces(time, ratio, error = error)
        }
    }

    /** Forgets all faces, as after the camera was switched. */
    public fun reset() {
        if (!closed.get()) tracker.reset()
        latest.value = CameraFaces()
    }

    /** Ends the search; frames that come later are dropped. */
    override fun close() {
        if (closed.getAndSet(true)) return
        scope.cancel()
        if (busy.compareAndSet(false, true)) tracker.close()
    }
}
