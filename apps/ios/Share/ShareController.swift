import MoueApp
import SwiftUI
import UIKit
import UniformTypeIdentifiers

/// The share sheet's entry: the pictures that make the face of the photo that another app shares.
final class ShareController: UIViewController {
    private let model = Model()

    override func viewDidLoad() {
        super.viewDidLoad()
        let close = { [weak self] in
            self?.extensionContext?.completeRequest(returningItems: nil)
            return
        }
        let content = SharedPhoto(close: close).environmentObject(model)
        let host = UIHostingController(rootView: content)
        addChild(host)
        host.view.frame = view.bounds
        host.view.autoresizingMask = [.flexibleWidth, .flexibleHeight]
        view.addSubview(host.view)
        host.didMove(toParent: self)
        load()
    }

    /// Opens the first picture that is shared.
    private func load() {
        let items = extensionContext?.inputItems.compactMap { $0 as? NSExtensionItem } ?? []
        let providers = items.flatMap { $0.attachments ?? [] }
        let image = UTType.image.identifier
        guard let provider = providers.first(where: { $0.hasItemConformingToTypeIdentifier(image) }) else {
            return
        }
        _ = provider.loadDataRepresentation(for: .image) { [model] data, _ in
            Task { @MainActor in model.open(data ?? Data()) }
        }
    }
}

/// The matches of the shared photo.
private struct SharedPhoto: View {
    @EnvironmentObject private var model: Model
    let close: () -> Void

    var body: some View {
        NavigationStack {
            ScrollView {
                VStack(spacing: 16) {
                    SourcePicker()
                    if let answer = model.photo { AnswerView(answer: answer) } else { ProgressView() }
                }
                .padding()
            }
            .navigationTitle("Find this face")
            .navigationBarTitleDisplayMode(.inline)
            .toolbar { Button("Done", action: close) }
        }
    }
}
