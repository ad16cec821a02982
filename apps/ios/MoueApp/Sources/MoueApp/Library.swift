import Foundation
import Moue

/// Which pictures are searched.
public enum Source: String, CaseIterable, Sendable, Codable {
    case drawings
    case emoji
    case mine
}

/// A photo's answer.
public enum PhotoAnswer: Sendable, Equatable {
    case unreadable
    case noFace
    case found([Found])
}

/// The galleries of the app and what is done with them.
public actor Library {
    private let folder: URL
    private var galleries: [Source: Gallery] = [:]
    private var finders: [Source: Finder] = [:]

    /// A library that keeps a person's own pictures in a folder of the app, which it makes.
    public init(folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("pictures"), withIntermediateDirectories: true)
    }

    /// The gallery of a source; a person's own is made when it is first asked for.
    public func gallery(_ source: Source) throws -> Gallery {
        if let known = galleries[source] { return known }
        let opened: Gallery =
            switch source {
            case .drawings: try .builtin()
            case .emoji: try .emoji()
            case .mine: try .openOrCreate(path: folder.appendingPathComponent("mine.moue").path)
            }
        galleries[source] = opened
        return opened
    }

    /// The finder of a source.
    public func finder(_ source: Source) throws -> Finder {
        if let known = finders[source] { return known }
        let made = try Finder(gallery: gallery(source))
        finders[source] = made
        return made
    }

    /// The faces of a photo's file and their matches. What moue cannot decode itself, such as HEIC,
    /// comes decoded by the phone, by `decode`.
    public func find(
        _ file: Data, in source: Source, decode: (Data) throws -> Frame = Frame.decodeReduced(file:)
    ) async throws -> PhotoAnswer {
        guard let frame = try? decode(file) else { return .unreadable }
        let faces = try await finder(source).faces(in: frame)
        return faces.isEmpty ? .noFace : .found(faces)
    }

    /// Copies a picture into the app and adds it to a person's own; returns whether it has a face
    /// and was not there.
    public func add(
        _ file: Data, named name: String,
        decode: (Data) throws -> Frame = Frame.decodeReduced(file:)
    ) throws -> Bool {
        guard let frame = try? decode(file) else { return false }
        let copy = folder.appendingPathComponent("pictures/\(UUID().uuidString)")
        let picture = PictureFile(path: copy.lastPathComponent, label: name)
        guard try finder(.mine).add(file: file, frame: frame, picture: picture) > 0 else {
            return false
        }
        try file.write(to: copy, options: .atomic)
        return true
    }

    /// A person's own pictures with a text in their names, the newest first.
    public func pictures(named text: String) throws -> [PictureInfo] {
        try gallery(.mine).pictures(text: text).reversed()
    }

    /// Removes one of a person's own pictures, with its copy.
    public func remove(_ picture: PictureInfo) throws {
        _ = try gallery(.mine).remove(ids: [picture.id])
        try? FileManager.default.removeItem(at: file(of: picture.path))
    }

    /// The file of one of a person's own pictures. The app's folder moves with updates, so that a
    /// gallery has its name alone.
    public nonisolated func file(of path: String) -> URL {
        folder.appendingPathComponent("pictures").appendingPathComponent(path)
    }
}
