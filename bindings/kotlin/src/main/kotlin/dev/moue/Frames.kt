package dev.moue

import java.nio.ByteBuffer

/**
 * The bytes in memory that native code can borrow. A direct buffer, such as those of a camera's
 * planes, is passed without a copy; an array is copied once.
 */
public fun ByteArray.toDirectBuffer(): ByteBuffer =
    ByteBuffer.allocateDirect(size).put(this).apply { flip() }

/**
 * Decodes a picture file and turns it upright: JPEG, PNG, GIF (its first picture), WebP, BMP, TIFF.
 *
 * @throws MoueException.Decode for anything else, damaged files and pictures beyond the limits.
 */
public fun Frame.Companion.decode(file: ByteArray): Frame = decode(file.toDirectBuffer())

/**
 * As [Frame.Companion.decode], but a large JPEG at a fraction of its size, which finds the same faces
 * several times faster.
 *
 * @throws MoueException.Decode as there.
 */
public fun Frame.Companion.decodeReduced(file: ByteArray): Frame = decodeReduced(file.toDirectBuffer())

/** The rotation by so many degrees clockwise, of which only whole quarter turns count. */
public fun rotationOf(degrees: Int): Rotation = when (Math.floorMod(degrees, 360)) {
    90 -> Rotation.CLOCKWISE90
    180 -> Rotation.HALF
    270 -> Rotation.CLOCKWISE270
    else -> Rotation.UPRIGHT
}
