package dev.moue.app

import android.app.Application
import android.graphics.Bitmap
import android.net.Uri
import android.provider.OpenableColumns
import androidx.lifecycle.AndroidViewModel
import androidx.lifecycle.SavedStateHandle
import androidx.lifecycle.viewModelScope
import dev.moue.CameraFaces
import dev.moue.FindOptions
import dev.moue.Finder
import dev.moue.Found
import dev.moue.Frame
import dev.moue.Gallery
import dev.moue.MoueCamera
import dev.moue.MoueException
import dev.moue.PictureFile
import dev.moue.PictureInfo
import dev.moue.TrackOptions
import dev.moue.android.of
import dev.moue.android.toBitmap
import dev.moue.decodeReduced
import dev.moue.findFaces
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.File

/** What the app shows. */
enum class Tab { CAMERA, PHOTO, COLLECTION }

/** Which pictures are searched. */
enum class Source { DRAWINGS, EMOJI, MINE }

/** The camera's picture and its answer. */
data class CameraState(
    val allowed: Boolean = false,
    val refused: Boolean = false,
    val failed: Boolean = false,
    val picture: Bitmap? = null,
    val answer: CameraFaces = CameraFaces(),
)

/** A photo and its answer. */
data class PhotoState(
    val busy: Boolean = false,
    val unreadable: Boolean = false,
    val picture: Bitmap? = null,
    val faces: List<Found> = emptyList(),
)

/** A person's own pictures. */
data class CollectionState(
    val text: String = "",
    val pictures: List<PictureInfo> = emptyList(),
    val total: Int = 0,
    val adding: Pair<Int, Int>? = null,
    val added: Int? = null,
    val faceless: Int = 0,
)

/**
 * All of the app that is not drawn. It outlives turns of the phone; tab, source and photo outlive the
 * process.
 */
class MoueModel(application: Application, private val saved: SavedStateHandle) : AndroidViewModel(application) {
    /** Where frames come from; replaced by tests. */
    var frames: FrameSource = PhoneCamera(application)

    /** Where blocking work runs; replaced by tests. */
    var background: CoroutineDispatcher = Dispatchers.Default

    val tab: StateFlow<String> = saved.getStateFlow("tab", Tab.CAMERA.name)
    val source: StateFlow<String> = saved.getStateFlow("source", Source.DRAWINGS.name)

    private val cameraState = MutableStateFlow(CameraState())
    val camera: StateFlow<CameraState> = cameraState.asStateFlow()
    private val photoState = MutableStateFlow(PhotoState())
    val photo: StateFlow<PhotoState> = photoState.asStateFlow()
    private val collectionState = MutableStateFlow(CollectionState())
    val collection: StateFlow<CollectionState> = collectionState.asStateFlow()

    private val galleries = mutableMapOf<Source, Gallery>()
    private val finders = mutableMapOf<Source, Finder>()
    private var search: MoueCamera? = null
    private var listening: Job? = null
    private var finding: Job? = null

    init {
        saved.get<String>("photo")?.let { open(Uri.parse(it)) }
    }

    /** The gallery of a source; a person's own is made when it is first asked for. */
    @Synchronized
    fun gallery(of: Source): Gallery = galleries.getOrPut(of) {
        when (of) {
            Source.DRAWINGS -> Gallery.builtin()
            Source.EMOJI -> Gallery.emoji()
            Source.MINE -> Gallery.openOrCreate(File(getApplication<Application>().filesDir, "mine.moue").path)
        }
    }

    @Synchronized
    private fun finder(of: Source): Finder = finders.getOrPut(of) { Finder(gallery(of)) }

    private val chosen get() = Source.valueOf(source.value)

    fun show(tab: Tab) {
        saved["tab"] = tab.name
        if (tab == Tab.COLLECTION) list(collectionState.value.text)
    }

    /** Searches another gallery from now on, for the photo that is shown too. */
    fun choose(source: Source) {
        if (source.name == this.source.value) return
        saved["source"] = source.name
        if (search != null) {
            stopCamera()
            startCamera()
        }
        saved.get<String>("photo")?.let { open(Uri.parse(it)) }
    }

    fun cameraAllowed(allowed: Boolean, asked: Boolean) {
        cameraState.update { it.copy(allowed = allowed, refused = asked && !allowed) }
    }

    fun startCamera() {
        if (search != null || !cameraState.value.allowed) return
        val search = MoueCamera(finder(chosen), TrackOptions(find = FindOptions()), background)
        this.search = search
        listening = viewModelScope.launch {
            search.faces.collect { answer -> cameraState.update { it.copy(answer = answer) } }
        }
        cameraState.update { it.copy(failed = false) }
        val sink = FrameSink { time, make -> search.offer(time) { make().also(::preview) } }
        frames.start(sink) { cameraState.update { it.copy(failed = true) } }
    }

    private fun preview(frame: Frame) {
        val picture = frame.toBitmap(PREVIEW_SIDE)
        cameraState.update { it.copy(picture = picture) }
    }

    fun stopCamera() {
        frames.stop()
        listening?.cancel()
        search?.close()
        search = null
    }

    /** Searches for the faces of a photo, from the picker or shared by another app. */
    fun open(uri: Uri) {
        saved["photo"] = uri.toString()
        finding?.cancel()
        photoState.value = PhotoState(busy = true)
        finding = viewModelScope.launch {
            photoState.value = try {
                find(uri)
            } catch (error: MoueException) {
                PhotoState(unreadable = true)
            } catch (error: java.io.IOException) {
                PhotoState(unreadable = true)
            } catch (error: SecurityException) {
                // The grant of another process's life is over.
                PhotoState(unreadable = true)
            }
        }
    }

    private suspend fun find(uri: Uri): PhotoState = withContext(background) {
        decode(read(uri)).use { frame ->
            val faces = finder(chosen).findFaces(frame, FindOptions(), background)
            PhotoState(picture = frame.toBitmap(PHOTO_SIDE), faces = faces)
        }
    }

    private fun read(uri: Uri): ByteArray {
        val stream = getApplication<Application>().contentResolver.openInputStream(uri)
        return stream?.use { it.readBytes() } ?: throw java.io.FileNotFoundException(uri.toString())
    }

    /** Adds pictures to a person's own gallery: copies of them, so that they stay. */
    fun add(uris: List<Uri>) {
        viewModelScope.launch {
            val folder = File(getApplication<Application>().filesDir, "pictures").apply { mkdirs() }
            var added = 0
            for ((index, uri) in uris.withIndex()) {
                collectionState.update { it.copy(adding = index to uris.size) }
                if (withContext(background) { addOne(uri, folder) }) added++
            }
            collectionState.update { it.copy(adding = null, added = added, faceless = uris.size - added) }
            list(collectionState.value.text)
        }
    }

    private fun addOne(uri: Uri, folder: File): Boolean = try {
        val bytes = read(uri)
        val file = File.createTempFile("picture", "", folder)
        val count = decode(bytes).use { frame ->
            val content = java.nio.ByteBuffer.allocateDirect(bytes.size).put(bytes).apply { flip() }
            finder(Source.MINE).add(content, frame, PictureFile(file.path, name(uri)))
        }
        if (count > 0) file.writeBytes(bytes) else file.delete()
        count > 0
    } catch (error: MoueException) {
        false
    } catch (error: java.io.IOException) {
        false
    }

    private fun name(uri: Uri): String {
        val columns = arrayOf(OpenableColumns.DISPLAY_NAME)
        val cursor = getApplication<Application>().contentResolver.query(uri, columns, null, null, null)
        val name = cursor?.use { if (it.moveToFirst()) it.getString(0) else null }
        return (name ?: uri.lastPathSegment.orEmpty()).substringAfterLast('/').substringBeforeLast('.')
    }

    /** Lists a person's own pictures with a name. */
    fun list(text: String) {
        collectionState.update { it.copy(text = text) }
        viewModelScope.launch {
            val (all, named) = withContext(background) {
                gallery(Source.MINE).run { pictureCount().toInt() to pictures(text) }
            }
            collectionState.update { it.copy(pictures = named.reversed(), total = all) }
        }
    }

    fun remove(picture: PictureInfo) {
        viewModelScope.launch {
            withContext(background) {
                gallery(Source.MINE).remove(listOf(picture.id))
                File(picture.path).delete()
            }
            list(collectionState.value.text)
        }
    }

    override fun onCleared() {
        stopCamera()
        // Not closed: a search may still use them; they are freed with the last reference.
        finders.clear()
        galleries.clear()
    }

    private companion object {
        /** Enough for a phone's width; each frame is converted once. */
        const val PREVIEW_SIDE = 480
        const val PHOTO_SIDE = 1280
    }
}

/** What moue cannot decode itself, such as HEIC, the phone can. */
private fun decode(bytes: ByteArray): Frame = try {
    Frame.decodeReduced(bytes)
} catch (error: MoueException.Decode) {
    val bitmap = android.graphics.BitmapFactory.decodeByteArray(bytes, 0, bytes.size) ?: throw error
    Frame.of(bitmap)
}
