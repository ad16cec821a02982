import Foundation
import Moue

/// The conformance file, as `tests/conformance/README.md` describes it.
struct Conformance: Decodable {
    let cases: [Case]

    struct Case: Decodable {
        let file: String
        let layout: Layout?
        let effort: String
        let nearest: Bool
        let error: String?
        let faces: [Face]
    }

    struct Layout: Decodable {
        let format: String
        let width: UInt32
        let height: UInt32
        let stride: UInt32
        let chromaStride: UInt32
        let range: String
        let matrix: String
        let rotation: Int
        let mirrored: Bool
    }

    struct Face: Decodable {
        let box: [Float]
        let score: Float
        let matches: [Match]
    }

    struct Match: Decodable {
        let path: String
        let distance: Float
    }

    static let project = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let folder = project.appendingPathComponent("tests/conformance")

    /// What Rust has found on this processor if its test has run, else the file itself.
    static func read() throws -> (Conformance, isExact: Bool) {
        let here = project.appendingPathComponent("target/conformance.json")
        let isExact = FileManager.default.fileExists(atPath: here.path)
        let file = isExact ? here : folder.appendingPathComponent("conformance.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return (try decoder.decode(Self.self, from: Data(contentsOf: file)), isExact)
    }
}

extension Conformance.Case {
    var options: FindOptions {
        FindOptions(effort: effort == "live" ? .live : .thorough, faces: .all, nearest: nearest)
    }

    var bytes: Data {
        get throws { try Data(contentsOf: Conformance.folder.appendingPathComponent(file)) }
    }

    /// The frame, by the constructor that its format needs.
    func frame() throws -> Frame {
        try frame(of: bytes)
    }

    func frame(of bytes: Data) throws -> Frame {
        guard let layout else { return try .decode(file: bytes) }
        let rotation: Rotation =
            switch layout.rotation {
            case 90: .clockwise90
            case 180: .half
            case 270: .clockwise270
            default: .upright
            }
        if layout.format == "rgba" || layout.format == "bgra" {
            let packed = PackedLayout(
                width: layout.width, height: layout.height, stride: layout.stride,
                format: layout.format == "rgba" ? .rgba : .bgra, rotation: rotation,
                mirrored: layout.mirrored)
            return try .fromPixels(bytes: bytes, layout: packed)
        }
        let luma = bytes.prefix(Int(layout.stride * layout.height))
        let chroma = bytes.dropFirst(luma.count)
        let half = chroma.count / 2
        let (u, v): (Data, Data) =
            switch layout.format {
            case "nv12": (chroma, chroma.dropFirst())
            case "nv21": (chroma.dropFirst(), chroma)
            default: (chroma.prefix(half), chroma.dropFirst(half))
            }
        let planar = PlanarLayout(
            width: layout.width, height: layout.height, lumaStride: layout.stride,
            chromaStride: layout.chromaStride, chromaStep: layout.format == "i420" ? 1 : 2,
            range: layout.range == "video" ? .video : .full,
            matrix: layout.matrix == "bt709" ? .bt709 : .bt601, rotation: rotation,
            mirrored: layout.mirrored)
        return try .fromPlanes(luma: luma, u: u, v: v, layout: planar)
    }
}

/// The kind of an error in the file.
func kind(_ error: MoueError) -> String {
    switch error {
    case .Decode: "decode"
    case .Options: "options"
    case .Network: "network"
    case .Gallery: "gallery"
    case .OtherWeights: "other-weights"
    case .NewerFormat: "newer-format"
    case .Cancelled: "cancelled"
    }
}
