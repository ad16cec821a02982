import Moue
import MoueApp
import SwiftUI

/// What the screens share.
@MainActor
final class Model: ObservableObject {
    let library: Library
    @Published var source = Source.drawings { didSet { search() } }
    @Published private(set) var photo: PhotoAnswer?
    @Published private(set) var shown: UIImage?
    @Published private(set) var pictures: [PictureInfo] = []
    private var file: Data?
    private var searching: Task<Void, Never>?

    init() {
        let manager = FileManager.default
        // The group's folder, so that the share extension searches the same pictures; without the
        // entitlement, as in a simulator, the app's own.
        let folder =
            manager.containerURL(forSecurityApplicationGroupIdentifier: "group.dev.moue.app")
            ?? manager.urls(for: .documentDirectory, in: .userDomainMask)[0]
        // Either can always be written.
        library = try! Library(folder: folder)
    }

    /// Searches for the faces of a photo, and again when another gallery is chosen.
    func open(_ file: Data) {
        self.file = file
        shown = UIImage(data: file)
        search()
    }

    private func search() {
        guard let file else { return }
        searching?.cancel()
        searching = Task {
            let answer = try? await library.find(file, in: source, decode: Frame.decodeAny)
            if !Task.isCancelled { photo = answer }
        }
    }

    /// Adds a picture to a person's own; returns whether it has a face.
    func add(_ file: Data, named name: String) async -> Bool {
        let added = try? await library.add(file, named: name, decode: Frame.decodeAny)
        return added ?? false
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
