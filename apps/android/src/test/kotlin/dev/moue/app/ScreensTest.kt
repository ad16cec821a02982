package dev.moue.app

import android.Manifest
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The screens at the sizes of a phone and a tablet, by day and by night, with large text and in German. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class ScreensTest {
    @Before fun recompose() = recomposeHere()

    private fun draw(name: String, setUp: (MoueModel, DrawnCamera, Screen) -> Unit) {
        shadowOf(RuntimeEnvironment.getApplication()).grantPermissions(Manifest.permission.CAMERA)
        Robolectric.buildActivity(MainActivity::class.java).use { controller ->
            val activity = controller.create().get()
            val camera = DrawnCamera()
            activity.model.frames = camera
            controller.start().postCreate(null).resume().visible()
            val screen = Screen(activity)
            screen.settle()
            setUp(activity.model, camera, screen)
            val picture = screen.picture(name)
            assertTrue(picture.width > 300)
        }
    }

    private fun camera(name: String) = draw(name) { model, camera, screen ->
        screen.settle {
            camera.show("mina-grin")
            model.camera.value.answer.faces.isNotEmpty()
        }
        val label = model.camera.value.answer.faces.first().matches.first().label
        screen.settle { screen.has(label) }
    }

    @Test @Config(qualifiers = "w360dp-h800dp-night-xhdpi")
    fun phoneByNight() = camera("camera-dark-360")

    @Test @Config(qualifiers = "w800dp-h1280dp-notnight-mdpi")
    fun tabletByDay() = camera("camera-light-800")

    @Test @Config(qualifiers = "w800dp-h1280dp-night-mdpi")
    fun tabletByNight() = camera("camera-dark-800")

    @Test @Config(qualifiers = "de-w360dp-h800dp-notnight-xhdpi")
    fun german() = camera("camera-german-360")

    @Test @Config(qualifiers = "w360dp-h800dp-notnight-xhdpi", fontScale = 1.6f)
    fun largeText() = camera("camera-large-360")
}
