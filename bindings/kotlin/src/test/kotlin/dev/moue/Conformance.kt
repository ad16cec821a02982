package dev.moue

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File
import java.nio.ByteBuffer

/** The conformance file, as `tests/conformance/README.md` describes it. */
object Conformance {
    val folder = File(System.getProperty("moue.conformance"))

    /** What Rust has found on this processor if its test has run, else the file itself. */
    private val here = File(System.getProperty("moue.conformance.here"))
    val isExact = here.exists()

    val cases: List<JsonObject> by lazy {
        val file = if (isExact) here else File(folder, "conformance.json")
        JsonParser.parseString(file.readText()).asJsonObject["cases"].asJsonArray.map { it.asJsonObject }
    }

    fun bytes(case: JsonObject): ByteBuffer = File(folder, case["file"].asString).readBytes().toDirectBuffer()

    fun options(case: JsonObject) = FindOptions(
        effort = if (case["effort"].asString == "live") Effort.LIVE else Effort.THOROUGH,
        faces = FaceChoice.ALL,
        nearest = case["nearest"].asBoolean,
    )

    /** The frame of a case, by the constructor that its format needs. */
    fun frame(case: JsonObject, bytes: ByteBuffer = bytes(case)): Frame {
        val layout = case["layout"]?.asJsonObject ?: return Frame.decode(bytes)
        fun number(name: String) = layout[name].asInt.toUInt()
        val rotation = rotationOf(layout["rotation"].asInt)
        val mirrored = layout["mirrored"].asBoolean
        val format = layout["format"].asString
        if (format == "rgba" || format == "bgra") {
            val order = if (format == "rgba") PixelFormat.RGBA else PixelFormat.BGRA
            val packed = PackedLayout(number("width"), number("height"), number("stride"), order, rotation, mirrored)
            return Frame.fromPixels(bytes, packed)
        }
        val lumaBytes = minOf(bytes.capacity(), layout["stride"].asInt * layout["height"].asInt)
        fun part(from: Int): ByteBuffer = bytes.duplicate().position(minOf(from, bytes.capacity())).slice()
        val chroma = lumaBytes
        val (u, v) = when (format) {
            "nv12" -> part(chroma) to part(chroma + 1)
            "nv21" -> part(chroma + 1) to part(chroma)
            else -> part(chroma) to part(chroma + (bytes.capacity() - chroma) / 2)
        }
        val planar = PlanarLayout(
            number("width"), number("height"), number("stride"), number("chroma_stride"),
            if (format == "i420") 1u else 2u,
            if (layout["range"].asString == "video") YuvRange.VIDEO else YuvRange.FULL,
            if (layout["matrix"].asString == "bt709") YuvMatrix.BT709 else YuvMatrix.BT601,
            rotation, mirrored,
        )
        return Frame.fromPlanes(part(0), u, v, planar)
    }

    fun kind(error: MoueException): String = when (error) {
        is MoueException.Decode -> "decode"
        is MoueException.Options -> "options"
        is MoueException.Network -> "network"
        is MoueException.Gallery -> "gallery"
        is MoueException.OtherWeights -> "other-weights"
        is MoueException.NewerFormat -> "newer-format"
        is MoueException.Cancelled -> "cancelled"
    }
}
