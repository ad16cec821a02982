package dev.moue.android

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.Path
import dev.moue.DrawCommand
import dev.moue.PathElement
import dev.moue.drawCommands

/** A built-in drawing or emoji, ready to be drawn at any size. */
public class Drawing private constructor(commands: List<DrawCommand>) {
    private val steps = commands.map(::step)

    /** Draws it into a square from the top left corner, on white paper. */
    public fun draw(canvas: Canvas, side: Float) {
        val outer = canvas.save()
        canvas.clipRect(0f, 0f, side, side)
        canvas.drawColor(Color.WHITE)
        canvas.scale(side / UNITS, side / UNITS)
        for (step in steps) step(canvas)
        canvas.restoreToCount(outer)
    }

    /** It as a bitmap. */
    public fun toBitmap(side: Int): Bitmap =
        Bitmap.createBitmap(side, side, Bitmap.Config.ARGB_8888).also { draw(Canvas(it), side.toFloat()) }

    public companion object {
        /** Width and height of every drawing, in the units of its commands. */
        private const val UNITS = 256f

        /** The drawing of a match's path, `builtin:NAME` or `emoji:CHARACTER`; none for another path. */
        public fun of(path: String): Drawing? = drawCommands(path)?.let(::Drawing)
    }
}

private fun step(command: DrawCommand): (Canvas) -> Unit = when (command) {
    is DrawCommand.Fill -> drawing(path(command.path), paint(command.color))
    is DrawCommand.Stroke -> drawing(path(command.path), line(command.color, command.width))
    is DrawCommand.Rotate -> { canvas ->
        canvas.save()
        canvas.rotate(command.degrees, command.x, command.y)
    }
    is DrawCommand.Layer -> { canvas -> canvas.saveLayerAlpha(null, (command.opacity * 255).toInt()) }
    is DrawCommand.Clip -> clipping(path(command.path))
    DrawCommand.End -> { canvas -> canvas.restore() }
}

private fun drawing(path: Path, paint: Paint): (Canvas) -> Unit = { it.drawPath(path, paint) }

private fun clipping(path: Path): (Canvas) -> Unit = {
    it.save()
    it.clipPath(path)
}

private fun line(color: UInt, width: Float) = paint(color).apply {
    style = Paint.Style.STROKE
    strokeWidth = width
    strokeCap = Paint.Cap.ROUND
    strokeJoin = Paint.Join.ROUND
}

private fun paint(color: UInt) = Paint(Paint.ANTI_ALIAS_FLAG).also { it.color = color.toInt() }

private fun path(elements: List<PathElement>) = Path().apply {
    for (e in elements) when (e) {
        is PathElement.Move -> moveTo(e.x, e.y)
        is PathElement.Line -> lineTo(e.x, e.y)
        is PathElement.Quad -> quadTo(e.x1, e.y1, e.x, e.y)
        is PathElement.Cubic -> cubicTo(e.x1, e.y1, e.x2, e.y2, e.x, e.y)
        PathElement.Close -> close()
    }
}
