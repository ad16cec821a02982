import Moue
import MoueApp
import SwiftUI

@main
struct MoueMain: App {
    @StateObject private var model = Model()

    var body: some Scene {
        WindowGroup {
            TabView {
                CameraScreen().tabItem { Label("Camera", systemImage: "camera") }
                PhotoScreen().tabItem { Label("Photo", systemImage: "photo") }
                CollectionScreen().tabItem { Label("My pictures", systemImage: "square.grid.2x2") }
            }
            .environmentObject(model)
        }
    }
}

/// What the screens share.
@MainActor
final class Model: ObservableObject {
    let library: Library
    @Published var source = Source.drawings
    @Published var photo: PhotoAnswer?
    @Published var shown: UIImage?
    @Published var pictures: [PictureInfo] = []

    init() {
        let documents = FileManager.default.urls(for: .documentDirectory, in: .userDomainMask)[0]
        // The folder of the app's documents can always be written.
        library = try! Library(folder: documents)
    }

    func open(_ file: Data) async {
        shown = UIImage(data: file)
        photo = try? await library.find(file, in: source, decode: Frame.decodeAny)
    }

    func add(_ file: Data, named name: String) async {
        _ = try? await library.add(file, named: name, decode: Frame.decodeAny)
    }

    func list(_ text: String) async {
        pictures = (try? await library.pictures(named: text)) ?? []
    }
}

extension Frame {
    /// What moue cannot decode itself, such as HEIC, the phone can.
    static func decodeAny(_ file: Data) throws -> Frame {
        do {
            return try decodeReduced(file: file)
        } catch MoueError.Decode {
            guard let jpeg = UIImage(data: file)?.jpegData(compressionQuality: 0.95) else {
                throw MoueError.Decode(message: "no picture")
            }
            return try decodeReduced(file: jpeg)
        }
    }
}
