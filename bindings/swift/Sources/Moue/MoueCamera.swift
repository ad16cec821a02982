import Foundation
import MoueBindings

/// What a camera shows at a moment.
public struct CameraFaces: Sendable {
    /// Seconds, as they came with the frame.
    public let time: Double
    /// Width of the upright frame, by its height.
    public let aspectRatio: Double
    /// The faces, from left to right, with matches that hold still while the face does.
    public let faces: [Found]
}

/// Follows the faces of a camera and searches for each.
///
/// While a frame is being searched, others are dropped before anything is done with them, so that a
/// slow phone shows fewer answers, never late ones.
///
/// ```swift
/// let camera = try MoueCamera(finder: Finder(gallery: .builtin()))
/// // In `captureOutput(_:didOutput:from:)`:
/// camera.offer(pixelBuffer, time: time.seconds)
/// // In a view's task:
/// for await answer in camera.answers { show(answer.faces) }
/// ```
public actor MoueCamera {
    private let tracker: FaceTracker
    private let options: TrackOptions
    private let gate = Gate()
    private let continuation: AsyncStream<CameraFaces>.Continuation
    /// The answers; one that is not taken is replaced by the next.
    public nonisolated let answers: AsyncStream<CameraFaces>

    /// A camera that searches the gallery of a finder.
    public init(finder: Finder, options: TrackOptions = TrackOptions(find: FindOptions())) throws {
        tracker = try FaceTracker(finder: finder)
        self.options = options
        (answers, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit {
        continuation.finish()
    }

    /// How many frames were dropped because one was in flight.
    public nonisolated var dropped: Int { gate.dropped }

    /// Takes a frame unless one is in flight; returns whether it did. `frame` is called on this
    /// thread and only then, so that it may borrow the camera's buffers.
    @discardableResult
    public nonisolated func offer(time: Double, frame: () throws -> Frame) rethrows -> Bool {
        guard gate.enter() else { return false }
        let taken: Frame
        do {
            taken = try frame()
        } catch {
            gate.leave()
            throw error
        }
        Task { await self.search(taken, time: time) }
        return true
    }

    private func search(_ frame: Frame, time: Double) {
        defer { gate.leave() }
        let ratio = Double(frame.width()) / Double(frame.height())
        // A frame that cannot be searched has no answer; the next one may have.
        guard let faces = try? tracker.track(frame: frame, time: time, options: options) else {
            return
        }
        continuation.yield(CameraFaces(time: time, aspectRatio: ratio, faces: faces))
    }

    /// Forgets all faces, as after the camera was switched.
    public func reset() {
        tracker.reset()
    }
}

/// Lets one frame in at a time.
private final class Gate: @unchecked Sendable {
    // The lock guards both values.
    private let lock = NSLock()
    private var isBusy = false
    private var count = 0

    var dropped: Int { lock.withLock { count } }

    func enter() -> Bool {
        lock.withLock {
            if isBusy { count += 1 }
            defer { isBusy = true }
            return !isBusy
        }
    }

    func leave() {
        lock.withLock { isBusy = false }
    }
}

#if canImport(CoreVideo)
    import CoreVideo

    extension Frame {
        /// The pixels of a camera's or video's buffer: 32BGRA, or 420 bi-planar in full or video
        /// range.
        ///
        /// - Throws: `MoueError.Options` for another format.
        public static func pixels(
            of buffer: CVPixelBuffer, rotation: Rotation = .upright, mirrored: Bool = false
        ) throws -> Frame {
            CVPixelBufferLockBaseAddress(buffer, .readOnly)
            defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
            switch CVPixelBufferGetPixelFormatType(buffer) {
            case kCVPixelFormatType_32BGRA:
                return try packed(buffer, rotation, mirrored)
            case kCVPixelFormatType_420YpCbCr8BiPlanarFullRange:
                return try planar(buffer, .full, rotation, mirrored)
            case kCVPixelFormatType_420YpCbCr8BiPlanarVideoRange:
                return try planar(buffer, .video, rotation, mirrored)
            case let other:
                throw MoueError.Options(message: "pixel buffers of format \(other) are not supported")
            }
        }

        private static func packed(
            _ buffer: CVPixelBuffer, _ rotation: Rotation, _ mirrored: Bool
        ) throws -> Frame {
            let stride = CVPixelBufferGetBytesPerRow(buffer)
            let height = CVPixelBufferGetHeight(buffer)
            let bytes = borrowed(CVPixelBufferGetBaseAddress(buffer), stride * height)
            let layout = PackedLayout(
                width: UInt32(CVPixelBufferGetWidth(buffer)), height: UInt32(height),
                stride: UInt32(stride), format: .bgra, rotation: rotation, mirrored: mirrored)
            return try .fromPixels(bytes: bytes, layout: layout)
        }

        private static func planar(
            _ buffer: CVPixelBuffer, _ range: YuvRange, _ rotation: Rotation, _ mirrored: Bool
        ) throws -> Frame {
            let plane = { (index: Int) in
                borrowed(
                    CVPixelBufferGetBaseAddressOfPlane(buffer, index),
                    CVPixelBufferGetBytesPerRowOfPlane(buffer, index)
                        * CVPixelBufferGetHeightOfPlane(buffer, index))
            }
            let chroma = plane(1)
            let matrix = CVBufferCopyAttachment(buffer, kCVImageBufferYCbCrMatrixKey, nil)
            let is601 = matrix as? String == kCVImageBufferYCbCrMatrix_ITU_R_601_4 as String
            let layout = PlanarLayout(
                width: UInt32(CVPixelBufferGetWidth(buffer)),
                height: UInt32(CVPixelBufferGetHeight(buffer)),
                lumaStride: UInt32(CVPixelBufferGetBytesPerRowOfPlane(buffer, 0)),
                chromaStride: UInt32(CVPixelBufferGetBytesPerRowOfPlane(buffer, 1)), chromaStep: 2,
                range: range, matrix: is601 ? .bt601 : .bt709, rotation: rotation,
                mirrored: mirrored)
            return try .fromPlanes(
                luma: plane(0), u: chroma, v: chroma.dropFirst(), layout: layout)
        }

        /// Bytes that are not copied, for the time that the buffer is locked.
        private static func borrowed(_ address: UnsafeMutableRawPointer?, _ count: Int) -> Data {
            guard let address else { return Data() }
            return Data(bytesNoCopy: address, count: count, deallocator: .none)
        }
    }

    extension MoueCamera {
        /// Takes a camera's buffer unless a frame is in flight; returns whether it did.
        @discardableResult
        public nonisolated func offer(
            _ buffer: CVPixelBuffer, time: Double, rotation: Rotation = .upright, mirrored: Bool = false
        ) throws -> Bool {
            try offer(time: time) {
                try Frame.pixels(of: buffer, rotation: rotation, mirrored: mirrored)
            }
        }
    }
#endif
