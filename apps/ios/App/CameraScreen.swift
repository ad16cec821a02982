import AVFoundation
import Moue
import MoueApp
import SwiftUI

/// The front camera and the pictures that make the same face.
struct CameraScreen: View {
    @EnvironmentObject private var model: Model
    @StateObject private var session = CameraSession()

    var body: some View {
        ScrollView {
            VStack(spacing: 16) {
                SourcePicker()
                switch session.state {
                case .refused:
                    Text("The camera is not allowed. You can allow it in the settings.")
                    Button("Open settings") {
                        UIApplication.shared.open(URL(string: UIApplication.openSettingsURLString)!)
                    }
                    .buttonStyle(.borderedProminent)
                case .failed: Text("The camera cannot be opened.")
                case .running:
                    // Not as wide as the screen: the matches are to be seen with it.
                    Preview(session: session.capture)
                        .aspectRatio(3 / 4, contentMode: .fit).frame(maxHeight: 300)
                        .overlay { Boxes(faces: session.faces) }
                        .clipShape(RoundedRectangle(cornerRadius: 24))
                        .accessibilityLabel("What the camera sees")
                    if session.faces.isEmpty { Text("Make a face!").font(.title2) }
                    ForEach(Array(session.faces.enumerated()), id: \.offset) {
                        MatchesView(matches: $0.element.matches)
                    }
                }
            }
            .padding()
        }
        .task(id: model.source) { await session.run(model.library, model.source) }
        .onDisappear { session.stop() }
    }
}

/// Where the faces are in a preview of three by four.
private struct Boxes: View {
    let faces: [Found]

    var body: some View {
        Canvas { context, size in
            for found in faces {
                let box = fitted(
                    found.face.bounds, aspectRatio: 3 / 4, width: size.width, height: size.height)
                let frame = CGRect(x: box.x, y: box.y, width: box.width, height: box.height)
                context.stroke(
                    Path(roundedRect: frame, cornerRadius: 12), with: .color(.accentColor), lineWidth: 3)
            }
        }
        .accessibilityHidden(true)
    }
}

/// The camera, its permission, and its answers.
@MainActor
final class CameraSession: NSObject, ObservableObject {
    enum State { case running, refused, failed }

    @Published var state = State.running
    @Published var faces: [Found] = []
    let capture = AVCaptureSession()
    private let queue = DispatchQueue(label: "camera")
    private var receiver: Receiver?

    func run(_ library: Library, _ source: Source) async {
        guard await AVCaptureDevice.requestAccess(for: .video) else {
            state = .refused
            return
        }
        guard let finder = try? await library.finder(source), let camera = try? MoueCamera(finder: finder),
            connect(camera)
        else {
            state = .failed
            return
        }
        state = .running
        let capture = capture
        queue.async { capture.startRunning() }
        for await answer in camera.answers { faces = answer.faces }
    }

    func stop() {
        let capture = capture
        queue.async { capture.stopRunning() }
    }

    /// Connects the front camera, upright and mirrored as people know themselves.
    private func connect(_ camera: MoueCamera) -> Bool {
        capture.beginConfiguration()
        defer { capture.commitConfiguration() }
        capture.inputs.forEach(capture.removeInput)
        capture.outputs.forEach(capture.removeOutput)
        capture.sessionPreset = .vga640x480
        guard let device = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: .front),
            let input = try? AVCaptureDeviceInput(device: device), capture.canAddInput(input)
        else { return false }
        capture.addInput(input)
        let output = AVCaptureVideoDataOutput()
        output.alwaysDiscardsLateVideoFrames = true
        let receiver = Receiver(camera)
        self.receiver = receiver
        output.setSampleBufferDelegate(receiver, queue: queue)
        guard capture.canAddOutput(output) else { return false }
        capture.addOutput(output)
        return true
    }
}

/// Hands the camera's buffers over, on the camera's queue.
private final class Receiver: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    private let camera: MoueCamera

    init(_ camera: MoueCamera) {
        self.camera = camera
    }

    func captureOutput(
        _ output: AVCaptureOutput, didOutput buffer: CMSampleBuffer, from connection: AVCaptureConnection
    ) {
        guard let pixels = CMSampleBufferGetImageBuffer(buffer) else { return }
        let time = CMSampleBufferGetPresentationTimeStamp(buffer).seconds
        // The sensor lies on its side in a phone that is held upright.
        _ = try? camera.offer(pixels, time: time, rotation: .clockwise90, mirrored: true)
    }
}

/// The camera's picture.
private struct Preview: UIViewRepresentable {
    let session: AVCaptureSession

    final class Layer: UIView {
        override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }
    }

    func makeUIView(context: Context) -> Layer {
        let view = Layer()
        let layer = view.layer as? AVCaptureVideoPreviewLayer
        layer?.session = session
        layer?.videoGravity = .resizeAspectFill
        return view
    }

    func updateUIView(_ view: Layer, context: Context) {}
}
