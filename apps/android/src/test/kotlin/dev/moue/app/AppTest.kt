package dev.moue.app

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.net.Uri
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.io.File

@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35], qualifiers = "w360dp-h800dp-xhdpi")
class AppTest {
    @Before fun recompose() = recomposeHere()

    private val app get() = RuntimeEnvironment.getApplication()

    private fun allow() = shadowOf(app).grantPermissions(Manifest.permission.CAMERA)

    private fun share(file: File): Intent =
        Intent(Intent.ACTION_SEND).setType("image/png").putExtra(Intent.EXTRA_STREAM, Uri.fromFile(file))

    /** The app, with a camera that shows drawings if it may. */
    private fun launch(intent: Intent? = null, run: (ActivityController<MainActivity>, Screen, DrawnCamera) -> Unit) {
        val controller = Robolectric.buildActivity(MainActivity::class.java, intent)
        controller.use {
            val activity = controller.create().get()
            val camera = DrawnCamera()
            activity.model.frames = camera
            controller.start().postCreate(null).resume().visible()
            val screen = Screen(activity)
            screen.settle()
            run(controller, screen, camera)
        }
    }

    private fun DrawnCamera.showUntilFound(screen: Screen, model: MoueModel, name: String, pose: String) =
        screen.settle {
            show(name)
            model.camera.value.answer.faces.any { found -> found.matches.firstOrNull()?.path.orEmpty().endsWith(pose) }
        }

    private fun colors(bitmap: Bitmap): Int {
        val pixels = IntArray(bitmap.width * bitmap.height)
        bitmap.getPixels(pixels, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height)
        return pixels.toSet().size
    }

    @Test fun theCameraFindsTheFaceThatItSees() {
        allow()
        launch { controller, screen, camera ->
            assertTrue(camera.isRunning)
            assertTrue(screen.has("Make a face!"))
            camera.showUntilFound(screen, controller.get().model, "mina-grin", "-grin")
            screen.settle { screen.has("Best day ever!") }
            assertTrue(screen.words().toString(), screen.has("What the camera sees"))
            assertTrue(colors(screen.picture("camera-light-360")) > 500)
            assertEquals("every button has words", emptyList<Any>(), screen.silent())
            controller.pause().stop()
            assertFalse("the camera stops with the app", camera.isRunning)
        }
    }

    /** Answers the system's question for the camera, which the last click has led to. */
    private fun answer(activity: MainActivity, result: Int) {
        val request = shadowOf(activity).lastRequestedPermission
        assertEquals(listOf(Manifest.permission.CAMERA), request.requestedPermissions.toList())
        activity.onRequestPermissionsResult(request.requestCode, request.requestedPermissions, intArrayOf(result))
    }

    @Test fun theAppAsksForTheCameraAndStartsIt() = launch { controller, screen, camera ->
        assertFalse(camera.isRunning)
        screen.picture("asks-light-360")
        screen.click("Allow the camera")
        allow()
        answer(controller.get(), PackageManager.PERMISSION_GRANTED)
        screen.settle { camera.isRunning && screen.has("Make a face!") }
    }

    @Test fun aRefusedCameraIsSaidWithTheWaysOut() = launch { controller, screen, camera ->
        screen.click("Allow the camera")
        answer(controller.get(), PackageManager.PERMISSION_DENIED)
        screen.settle { screen.has("Open settings") }
        assertFalse(camera.isRunning)
        assertTrue(screen.has("Choose a photo"))
        screen.picture("refused-light-360")
        screen.click("Open settings")
        val started = shadowOf(controller.get()).nextStartedActivity
        assertEquals(android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS, started.action)
    }

    @Test fun aCameraThatFailsIsSaid() {
        allow()
        launch { controller, screen, camera ->
            camera.fails = true
            controller.pause().stop().start().resume()
            screen.settle { screen.has("The camera cannot be opened.") }
        }
    }

    @Test fun aSharedPhotoIsSearchedAndItsMatchIsShared() = launch(share(drawing("gus-smirk"))) { controller, screen, _ ->
        screen.settle { screen.has("match 1") }
        screen.picture("photo-light-360")
        val label = controller.get().model.photo.value.faces.single().matches.first().label
        screen.click("Share $label")
        val chooser = shadowOf(controller.get()).nextStartedActivity
        assertEquals(Intent.ACTION_CHOOSER, chooser.action)
        val sent = chooser.getParcelableExtra(Intent.EXTRA_INTENT, Intent::class.java)!!
        val uri = sent.getParcelableExtra(Intent.EXTRA_STREAM, Uri::class.java)!!
        assertEquals("dev.moue.app.files", uri.authority)
        val bytes = File(app.cacheDir, "shared/moue.png").readBytes()
        assertTrue("a PNG of the drawing", bytes.size > 5000 && bytes[1] == 'P'.code.toByte())
    }

    @Test fun photosWithoutAFaceAndBrokenOnesAreSaid() {
        launch(share(drawing("blank"))) { _, screen, _ -> screen.settle { screen.has("There is no face in this photo.") } }
        for (name in listOf("empty.bin", "text.txt")) {
            launch(share(File(conformance, "hostile/$name"))) { _, screen, _ ->
                screen.settle { screen.has("This photo cannot be read.") }
            }
        }
    }

    @Test fun emojiAreSearchedForTheSamePhoto() = launch(share(drawing("vik-laugh"))) { controller, screen, _ ->
        screen.settle { screen.has("match 1") }
        screen.click("Emoji")
        screen.settle { controller.get().model.photo.value.faces.firstOrNull()?.matches?.firstOrNull()?.emoji != null }
        screen.settle { screen.has("match 1") }
        screen.picture("emoji-light-360")
    }

    @Test fun aPersonsOwnPicturesAreAddedSearchedFoundAndRemoved() = launch { controller, screen, _ ->
        val model = controller.get().model
        screen.click("Pictures")
        screen.settle { screen.has("Your own pictures with faces") }
        screen.picture("collection-empty-light-360")
        val names = listOf("gus-smirk", "mina-grin", "vik-laugh", "pip-sob", "sunny-wink", "blank")
        model.add(names.map { Uri.fromFile(drawing(it)) })
        screen.settle { screen.has("5 pictures added, 1 had no face") && screen.has("Remove gus-smirk") }
        assertEquals(names.take(5).toSet(), names.filter { screen.has("Remove $it") }.toSet())
        assertTrue("thumbnails are drawn", colors(screen.picture("collection-added-360")) > 500)
        assertEquals("every button has words", emptyList<Any>(), screen.silent())
        screen.write("LAUGH")
        screen.settle { names.filter(screen::has) == listOf("vik-laugh") }
        screen.write("nobody")
        screen.settle { screen.has("Nothing has this name.") }
        screen.write("")
        model.choose(Source.MINE)
        model.show(Tab.PHOTO)
        model.open(Uri.fromFile(drawing("pip-sob")))
        screen.settle { model.photo.value.faces.isNotEmpty() }
        assertEquals(listOf("pip-sob" to 0f), model.photo.value.faces.single().matches.take(1).map { it.label to it.distance })
        screen.settle { screen.has("match 1") }
        screen.picture("mine-light-360")
        screen.click("Pictures")
        screen.click("Remove pip-sob")
        screen.settle { model.collection.value.total == 4 && !screen.has("pip-sob") }
        assertTrue(screen.has("mina-grin"))
    }

    @Test fun theAppKeepsItsPlaceWhenThePhoneIsTurned() {
        launch(share(drawing("vik-laugh"))) { controller, screen, _ ->
            screen.settle { screen.has("match 1") }
            val before = controller.get().model.photo.value.faces
            RuntimeEnvironment.setQualifiers("w800dp-h360dp-land-xhdpi")
            controller.configurationChange()
            val turned = Screen(controller.get())
            turned.settle { turned.has("match 1") }
            assertEquals(before, controller.get().model.photo.value.faces)
            val picture = turned.picture("photo-light-land")
            assertEquals("the whole screen is turned", 1600 to 720, picture.width to picture.height)
            // Side by side, nothing is below the screen's edge.
            assertTrue(turned.isInside("match 1") && turned.isInside("The photo"))
        }
    }

    @Test fun theAppKeepsItsPlaceWhenItsProcessDies() {
        val state = android.os.Bundle()
        val intent = share(drawing("vik-laugh"))
        launch(intent) { controller, screen, _ ->
            screen.settle { screen.has("match 1") }
            controller.saveInstanceState(state).pause().stop()
        }
        val again = Robolectric.buildActivity(MainActivity::class.java, intent)
        again.use {
            again.create(state).start().restoreInstanceState(state).postCreate(state).resume().visible()
            val screen = Screen(again.get())
            screen.settle { screen.has("match 1") }
            assertEquals(Tab.PHOTO.name, again.get().model.tab.value)
        }
    }
}
