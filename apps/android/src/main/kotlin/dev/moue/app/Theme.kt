package dev.moue.app

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.ui.graphics.Color

private val light = lightColorScheme(
    primary = Color(0xFF8A5100),
    onPrimary = Color.White,
    primaryContainer = Color(0xFFFFDDB8),
    onPrimaryContainer = Color(0xFF2C1600),
    secondaryContainer = Color(0xFFFFDDB8),
    onSecondaryContainer = Color(0xFF2C1600),
    background = Color(0xFFFFFBF6),
    onBackground = Color(0xFF201B13),
    surface = Color(0xFFFFFBF6),
    onSurface = Color(0xFF201B13),
    surfaceVariant = Color(0xFFF2E6D9),
    onSurfaceVariant = Color(0xFF51453A),
    surfaceContainer = Color(0xFFF9EFE3),
    surfaceContainerHighest = Color(0xFFF2E6D9),
    outline = Color(0xFF83756A),
    outlineVariant = Color(0xFFD6C8BA),
)

private val dark = darkColorScheme(
    primary = Color(0xFFFFB961),
    onPrimary = Color(0xFF492900),
    primaryContainer = Color(0xFF693C00),
    onPrimaryContainer = Color(0xFFFFDDB8),
    secondaryContainer = Color(0xFF5A4224),
    onSecondaryContainer = Color(0xFFFFDDB8),
    background = Color(0xFF17130E),
    onBackground = Color(0xFFEDE1D4),
    surface = Color(0xFF17130E),
    onSurface = Color(0xFFEDE1D4),
    surfaceVariant = Color(0xFF3A3128),
    onSurfaceVariant = Color(0xFFD6C8BA),
    surfaceContainer = Color(0xFF241E17),
    surfaceContainerHighest = Color(0xFF2F2820),
    outline = Color(0xFF9E8F81),
    outlineVariant = Color(0xFF51453A),
)

/** Warm paper by day, warm ink by night. */
@Composable
fun MoueTheme(content: @Composable () -> Unit) =
    MaterialTheme(colorScheme = if (isSystemInDarkTheme()) dark else light, content = content)
