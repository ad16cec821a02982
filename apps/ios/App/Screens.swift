import Moue
import MoueApp
import PhotosUI
import SwiftUI

/// Which gallery is searched.
struct SourcePicker: View {
    @EnvironmentObject private var model: Model

    var body: some View {
        Picker("Gallery", selection: $model.source) {
            Text("Drawings").tag(Source.drawings)
            Text("Emoji").tag(Source.emoji)
            Text("Mine").tag(Source.mine)
        }
        .pickerStyle(.segmented)
        .padding(.horizontal)
    }
}

/// The matches of a face: the best large, the others below it small.
struct MatchesView: View {
    @EnvironmentObject private var model: Model
    let matches: [Match]

    var body: some View {
        if let best = matches.first {
            VStack(alignment: .leading, spacing: 12) {
                MatchPicture(match: best).accessibilityLabel(spoken(best, place: 1))
                HStack(spacing: 12) {
                    ForEach(Array(matches.dropFirst().prefix(2).enumerated()), id: \.element.id) {
                        MatchPicture(match: $0.element)
                            .accessibilityLabel(spoken($0.element, place: $0.offset + 2))
                    }
                }
                HStack {
                    Text(best.label).font(.title2)
                    Spacer()
                    ShareLink(item: MatchPicture.image(best), preview: SharePreview(best.label))
                        .labelStyle(.iconOnly)
                }
            }
            .padding()
            .background(.regularMaterial, in: RoundedRectangle(cornerRadius: 28))
        }
    }
}

/// A photo from the library and the pictures that make the same face.
struct PhotoScreen: View {
    @EnvironmentObject private var model: Model
    @State private var item: PhotosPickerItem?

    var body: some View {
        ScrollView {
            SourcePicker()
            if let shown = model.shown {
                Image(uiImage: shown).resizable().scaledToFit()
                    .clipShape(RoundedRectangle(cornerRadius: 24))
                    .accessibilityLabel("The photo")
            }
            switch model.photo {
            case .found(let faces):
                ForEach(Array(faces.enumerated()), id: \.offset) { MatchesView(matches: $0.element.matches) }
            case .noFace: Text("There is no face in this photo.")
            case .unreadable: Text("This photo cannot be read.")
            case nil: Text("Choose a photo, and moue finds the pictures that make the same face.")
            }
            PhotosPicker("Choose a photo", selection: $item, matching: .images).buttonStyle(.bordered)
        }
        .padding()
        .task(id: item) {
            if let file = try? await item?.loadTransferable(type: Data.self) { await model.open(file) }
        }
    }
}

/// A person's own pictures.
struct CollectionScreen: View {
    @EnvironmentObject private var model: Model
    @State private var text = ""
    @State private var items: [PhotosPickerItem] = []

    var body: some View {
        NavigationStack {
            ScrollView {
                LazyVGrid(columns: [GridItem(.adaptive(minimum: 104))], spacing: 12) {
                    ForEach(model.pictures, id: \.id) { picture in
                        OwnPicture(file: model.library.file(of: picture.path))
                            .accessibilityLabel(picture.label)
                            .contextMenu {
                                Button("Remove", role: .destructive) {
                                    Task {
                                        try? await model.library.remove(picture)
                                        await model.list(text)
                                    }
                                }
                            }
                    }
                }
                .padding()
            }
            .searchable(text: $text, prompt: "Search by name")
            .toolbar {
                PhotosPicker(selection: $items, matching: .images) {
                    Label("Add pictures", systemImage: "plus")
                }
            }
            .task(id: text) { await model.list(text) }
            .task(id: items) {
                for item in items {
                    guard let file = try? await item.loadTransferable(type: Data.self) else { continue }
                    await model.add(file, named: item.itemIdentifier ?? "picture")
                }
                await model.list(text)
            }
        }
    }
}
