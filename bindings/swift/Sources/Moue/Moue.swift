import Foundation
@_exported import MoueBindings

extension Finder {
    /// The chosen faces of a frame with the pictures that make the same face, best first.
    ///
    /// The search runs outside of the caller's actor. When the task is canceled, it ends within some
    /// milliseconds, and the call throws `CancellationError`.
    public func faces(in frame: Frame, options: FindOptions = FindOptions()) async throws -> [Found] {
        try await cancellable { cancellation in
            try self.find(frame: frame, options: options.with(cancellation))
        }
    }

    /// Reads picture files and adds them to the finder's gallery. Returns for each the number of its
    /// faces, -1 for a content that is there already, -2 for what is no picture.
    ///
    /// - Parameter progress: called after each picture with how many of all are done, on any thread.
    public func add(
        _ files: [PictureFile], progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws -> [Int] {
        let counts = try await cancellable { cancellation in
            try self.addFiles(
                files: files, progress: progress.map(Reporter.init), cancellation: cancellation)
        }
        return counts.map(Int.init)
    }
}

/// A closure as the library's `Progress`.
private final class Reporter: MoueBindings.Progress, Sendable {
    private let report: @Sendable (Int, Int) -> Void

    init(_ report: @escaping @Sendable (Int, Int) -> Void) {
        self.report = report
    }

    func progressed(done: UInt64, total: UInt64) {
        report(Int(done), Int(total))
    }
}

extension FindOptions {
    /// The same options with a cancellation.
    func with(_ cancellation: Cancellation) -> FindOptions {
        FindOptions(
            effort: effort, faces: faces, limit: limit, nearest: nearest, maxDistance: maxDistance,
            tags: tags, text: text, emotions: emotions, cancellation: cancellation)
    }
}

/// Runs a blocking call on a thread of its own queue, and triggers its cancellation with the task.
func cancellable<T: Sendable>(
    _ call: @escaping @Sendable (Cancellation) throws -> T
) async throws -> T {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            // Not on the cooperative pool: its few threads must not block.
            DispatchQueue.global(qos: .userInitiated).async {
                do {
                    continuation.resume(returning: try call(cancellation))
                } catch MoueError.Cancelled {
                    continuation.resume(throwing: CancellationError())
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    } onCancel: {
        cancellation.cancel()
    }
}
