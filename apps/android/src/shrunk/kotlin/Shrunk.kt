import dev.moue.FindOptions
import dev.moue.Finder
import dev.moue.Frame
import dev.moue.Gallery
import dev.moue.MoueException
import dev.moue.PictureFile
import dev.moue.addPictures
import dev.moue.decode
import dev.moue.findFaces
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import java.io.File
import kotlin.system.exitProcess

/** Calls every kind of function of the library after R8 has shrunk it: arguments FOLDER_OF_PICTURES. */
fun main(arguments: Array<String>) = runBlocking<Unit> {
    val pictures = File(arguments.single())
    val file = File(pictures, "vik-laugh.png")
    // Objects, records, enums, byte buffers.
    val faces = Frame.decode(file.readBytes()).use { Finder(Gallery.builtin()).findFaces(it, FindOptions()) }
    val best = faces.single().matches.first()
    check(best.path.endsWith("-laugh")) { best }
    // Calls from Rust back into Kotlin.
    val folder = File.createTempFile("moue", "").apply { delete() }.apply { mkdirs() }
    val mine = Gallery.openOrCreate(File(folder, "mine.moue").path)
    val steps = Finder(mine).addPictures(listOf(PictureFile(file.path, "vik"))).toList()
    check(steps.last().let { it.done == it.total } && mine.pictures("vik").size == 1) { steps }
    // Errors.
    try {
        Frame.decode(byteArrayOf(1, 2, 3))
        exitProcess(1)
    } catch (error: MoueException.Decode) {
        println("shrunk: ${best.label} at ${best.distance}, ${steps.size} steps, ${error.message}")
    }
    folder.deleteRecursively()
    exitProcess(0)
}
