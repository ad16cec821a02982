package dev.moue.app

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.provider.Settings
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.result.PickVisualMediaRequest
import androidx.activity.result.contract.ActivityResultContracts
import androidx.activity.result.contract.ActivityResultContracts.PickVisualMedia
import androidx.activity.viewModels
import androidx.core.content.ContextCompat
import androidx.core.content.FileProvider
import androidx.core.content.IntentCompat
import dev.moue.Match
import dev.moue.android.Drawing
import java.io.File

/** The app's only activity: asks for the camera, takes shared photos, opens the photo picker. */
class MainActivity : ComponentActivity() {
    internal val model: MoueModel by viewModels()

    private val permission = registerForActivityResult(ActivityResultContracts.RequestPermission()) { allowed ->
        model.cameraAllowed(allowed, asked = true)
        if (allowed) model.startCamera()
    }
    private val onePhoto = registerForActivityResult(PickVisualMedia()) { uri -> uri?.let(model::open) }
    private val manyPhotos = registerForActivityResult(ActivityResultContracts.PickMultipleVisualMedia(MANY)) { uris ->
        if (uris.isNotEmpty()) model.add(uris)
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // After a turn or the process's death the photo is in the model's own state.
        if (savedInstanceState == null) take(intent)
        setContent { MoueTheme { App(model, actions) } }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        take(intent)
    }

    /** A photo that another app shares. */
    private fun take(intent: Intent) {
        if (intent.action != Intent.ACTION_SEND) return
        val uri = IntentCompat.getParcelableExtra(intent, Intent.EXTRA_STREAM, Uri::class.java) ?: return
        model.show(Tab.PHOTO)
        model.open(uri)
    }

    override fun onStart() {
        super.onStart()
        val granted = ContextCompat.checkSelfPermission(this, Manifest.permission.CAMERA)
        val asked = model.camera.value.refused
        model.cameraAllowed(granted == PackageManager.PERMISSION_GRANTED, asked)
        if (model.tab.value == Tab.CAMERA.name) model.startCamera()
    }

    override fun onStop() {
        model.stopCamera()
        super.onStop()
    }

    private val actions = object : Actions {
        override fun allowCamera() = permission.launch(Manifest.permission.CAMERA)

        override fun openSettings() = startActivity(
            Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", packageName, null)),
        )

        override fun choosePhoto() = onePhoto.launch(images)

        override fun choosePictures() = manyPhotos.launch(images)

        override fun share(match: Match) = shareMatch(match)
    }

    private val images = PickVisualMediaRequest.Builder().setMediaType(PickVisualMedia.ImageOnly).build()

    private fun shareMatch(match: Match) {
        val file = File(File(cacheDir, "shared").apply { mkdirs() }, "moue.png")
        val drawing = Drawing.of(match.path)
        if (drawing != null) {
            file.outputStream().use { drawing.toBitmap(SHARED_SIDE).compress(android.graphics.Bitmap.CompressFormat.PNG, 100, it) }
        } else {
            File(match.path).copyTo(file, overwrite = true)
        }
        val uri = FileProvider.getUriForFile(this, "$packageName.files", file)
        val send = Intent(Intent.ACTION_SEND).setType("image/*").putExtra(Intent.EXTRA_STREAM, uri)
            .putExtra(Intent.EXTRA_TEXT, match.label).addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        send.clipData = android.content.ClipData.newRawUri(match.label, uri)
        startActivity(Intent.createChooser(send, match.label))
    }

    private companion object {
        /** Pictures of one choice. */
        const val MANY = 50

        /** Pixels along a side of a drawing that is shared. */
        const val SHARED_SIDE = 512
    }
}
