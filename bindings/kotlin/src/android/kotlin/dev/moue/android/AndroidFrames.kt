package dev.moue.android

import android.graphics.Bitmap
import android.graphics.ImageFormat
import android.graphics.PixelFormat as AndroidFormat
import android.media.Image
import dev.moue.Frame
import dev.moue.MoueException
import dev.moue.PackedLayout
import dev.moue.PixelFormat
import dev.moue.PlanarLayout
import dev.moue.Rotation
import dev.moue.YuvMatrix
import dev.moue.YuvRange
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * The pixels of a camera's image, `YUV_420_888` or `RGBA_8888`, turned upright. The image may be closed
 * afterwards.
 *
 * @param rotation how far the sensor's picture is turned clockwise to be upright.
 * @param mirrored whether the upright picture is mirrored, as people know themselves.
 * @throws dev.moue.MoueException.Options for another format.
 */
public fun Frame.Companion.of(image: Image, rotation: Rotation = Rotation.UPRIGHT, mirrored: Boolean = false): Frame {
    val planes = image.planes
    val width = image.width.toUInt()
    val height = image.height.toUInt()
    if (image.format == AndroidFormat.RGBA_8888) {
        val stride = planes[0].rowStride.toUInt()
        return fromPixels(planes[0].buffer, PackedLayout(width, height, stride, PixelFormat.RGBA, rotation, mirrored))
    }
    if (image.format != ImageFormat.YUV_420_888) {
        throw MoueException.Options("images of format ${image.format} are not supported")
    }
    val (luma, u, v) = planes
    val layout = PlanarLayout(
        width, height, luma.rowStride.toUInt(), u.rowStride.toUInt(), u.pixelStride.toUInt(),
        YuvRange.FULL, YuvMatrix.BT601, rotation, mirrored,
    )
    return fromPlanes(luma.buffer, u.buffer, v.buffer, layout)
}

/** The pixels of a bitmap; one that lives on the GPU is copied first. */
public fun Frame.Companion.of(bitmap: Bitmap): Frame {
    val readable = if (bitmap.config == Bitmap.Config.HARDWARE) bitmap.copy(Bitmap.Config.ARGB_8888, false) else bitmap
    // `getPixels` undoes premultiplication and has the same order everywhere; `copyPixelsToBuffer` has neither.
    val argb = IntArray(readable.width * readable.height)
    readable.getPixels(argb, 0, readable.width, 0, 0, readable.width, readable.height)
    val pixels = ByteBuffer.allocateDirect(4 * argb.size).order(ByteOrder.LITTLE_ENDIAN)
    pixels.asIntBuffer().put(argb)
    val layout = PackedLayout(
        readable.width.toUInt(), readable.height.toUInt(), 0u, PixelFormat.BGRA, Rotation.UPRIGHT, false,
    )
    return fromPixels(pixels, layout)
}

/** The picture as a bitmap whose longer side is at most [maxSide] pixels, 0 for any. */
public fun Frame.toBitmap(maxSide: Int = 0): Bitmap {
    val pixels = bitmap(maxSide.toUInt())
    val rgba = pixels.rgba
    // Colors as Android's own ints: the order of bytes in memory differs between systems.
    val argb = IntArray(rgba.size / 4) { i ->
        val at = 4 * i
        (0xFF shl 24) or (rgba[at].toInt() and 0xFF shl 16) or (rgba[at + 1].toInt() and 0xFF shl 8) or
            (rgba[at + 2].toInt() and 0xFF)
    }
    return Bitmap.createBitmap(argb, pixels.width.toInt(), pixels.height.toInt(), Bitmap.Config.ARGB_8888)
}
