package dev.moue.app

import android.Manifest
import android.net.Uri
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

    private fun collection(name: String) = draw(name) { model, _, screen ->
        val names = listOf("gus-smirk", "mina-grin", "vik-laugh", "pip-sob", "sunny-wink", "vik-calm", "two")
        model.show(Tab.COLLECTION)
        model.add(names.map { Uri.fromFile(drawing(it)) })
        screen.settle { names.all(screen::has) && model.collection.value.adding == null }
        assertTrue("the last one added is on the screen", screen.isInside("two"))
    }

    @Test @Config(qualifiers = "w360dp-h800dp-notnight-xhdpi")
    fun ownPicturesByDay() = collection("collection-light-360")

    @Test @Config(qualifiers = "w360dp-h800dp-night-xhdpi")
    fun ownPicturesByNight() = collection("collection-dark-360")

    @Test @Config(qualifiers = "w800dp-h1280dp-notnight-mdpi")
    fun ownPicturesOnATablet() = collection("collection-light-800")

    @Test @Config(qualifiers = "w800dp-h360dp-land-night-xhdpi")
    fun cameraOnItsSide() = camera("camera-dark-land")

    @Test @Config(qualifiers = "fr-w360dp-h800dp-notnight-xhdpi", fontScale = 1.3f)
    fun french() = collection("collection-french-360")

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
