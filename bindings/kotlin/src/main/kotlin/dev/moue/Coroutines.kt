package dev.moue

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.withContext

/**
 * The chosen faces of a frame with the pictures that make the same face, best first.
 *
 * It runs on [dispatcher]. When the coroutine is cancelled, the native call ends within some
 * milliseconds.
 *
 * @throws MoueException if an option is impossible or the gallery cannot be read.
 */
public suspend fun Finder.findFaces(
    frame: Frame,
    options: FindOptions = FindOptions(),
    dispatcher: CoroutineDispatcher = Dispatchers.Default,
): List<Found> = cancellable(dispatcher) { cancellation ->
    find(frame, options.copy(cancellation = cancellation))
}

/** How far [addPictures] is. */
public data class Adding(
    /** Files that were read. */
    val done: Int,
    /** Files to read. */
    val total: Int,
    /**
     * At the end, for each file the number of its faces, -1 for a content that is there already, -2
     * for what is no picture; empty before.
     */
    val counts: List<Int> = emptyList(),
)

/**
 * Reads picture files and adds them to the finder's gallery; the last value has the counts. What was
 * added stays when the flow is cancelled.
 *
 * @throws MoueException.Gallery in the flow, if the gallery cannot be written.
 */
public fun Finder.addPictures(
    files: List<PictureFile>,
    dispatcher: CoroutineDispatcher = Dispatchers.IO,
): Flow<Adding> = channelFlow {
    val progress = object : Progress {
        override fun progressed(done: ULong, total: ULong) {
            // A slow collector misses steps, never the end.
            trySend(Adding(done.toInt(), total.toInt()))
        }
    }
    val counts = cancellable(dispatcher) { cancellation -> addFiles(files, progress, cancellation) }
    send(Adding(files.size, files.size, counts))
}

/** Runs a blocking native call whose [Cancellation] is triggered with the coroutine. */
private suspend fun <T> cancellable(dispatcher: CoroutineDispatcher, call: (Cancellation) -> T): T =
    Cancellation().use { cancellation ->
        val handle = currentCoroutineContext()[Job]?.invokeOnCancelled { cancellation.cancel() }
        try {
            withContext(dispatcher) { call(cancellation) }
        } catch (error: MoueException.Cancelled) {
            throw CancellationException(error.message, error)
        } finally {
            handle?.dispose()
        }
    }

/** Calls [action] as soon as the job is being cancelled, not only once it has completed. */
@OptIn(kotlinx.coroutines.InternalCoroutinesApi::class)
private fun Job.invokeOnCancelled(action: () -> Unit) =
    invokeOnCompletion(onCancelling = true) { cause -> if (cause != null) action() }
