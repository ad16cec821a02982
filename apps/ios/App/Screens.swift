import Moue
import MoueApp
import PhotosUI
import SwiftUI

/// A photo from the library and the pictures that make the same face.
struct PhotoScreen: View {
    @EnvironmentObject private var model: Model
    @State private var item: PhotosPickerItem?

    var body: some View {
        ScrollView {
            VStack(spacing: 16) {
                SourcePicker()
                if let shown = model.shown {
                    Image(uiImage: shown).resizable().scaledToFit().frame(maxHeight: 300)
                        .clipShape(RoundedRectangle(cornerRadius: 24))
                        .accessibilityLabel("The photo")
                } else {
                    Text("Choose a photo, and moue finds the pictures that make the same face.")
                }
                if let answer = model.photo { AnswerView(answer: answer) }
                PhotosPicker("Choose a photo", selection: $item, matching: .images).buttonStyle(.bordered)
            }
            .padding()
        }
        .task(id: item) {
            if let file = try? await item?.loadTransferable(type: Data.self) { model.open(file) }
        }
    }
}

/// A person's own pictures.
struct CollectionScreen: View {
    @EnvironmentObject private var model: Model
    @State private var text = ""
    @State private var items: [PhotosPickerItem] = []
    @State private var faceless = 0

    var body: some View {
        NavigationStack {
            ScrollView {
                if faceless > 0 { Text("\(faceless) had no face").foregroundStyle(.secondary) }
                if model.pictures.isEmpty {
                    Text(text.isEmpty ? empty : "Nothing has this name.").padding()
                }
                LazyVGrid(columns: [GridItem(.adaptive(minimum: 104))], spacing: 12) {
                    ForEach(model.pictures, id: \.id, content: own)
                }
                .padding()
            }
            .navigationTitle("Pictures")
            .searchable(text: $text, prompt: "Search by name")
            .toolbar {
                PhotosPicker(selection: $items, matching: .images, photoLibrary: .shared()) {
                    Label("Add pictures", systemImage: "plus")
                }
            }
            .task(id: text) { await model.list(text) }
            .task(id: items) { await add() }
        }
    }

    private var empty: LocalizedStringKey {
        "Your own pictures with faces: reactions, friends, pets. They are searched like the drawings."
    }

    private func own(_ picture: PictureInfo) -> some View {
        VStack(alignment: .leading, spacing: 4) {
            OwnPicture(file: model.library.file(of: picture.path))
            Text(verbatim: picture.label).font(.caption).lineLimit(1)
        }
        .accessibilityElement(children: .combine)
        .accessibilityAction(named: "Remove \(picture.label)") { remove(picture) }
        .contextMenu { Button("Remove", role: .destructive) { remove(picture) } }
    }

    private func remove(_ picture: PictureInfo) {
        Task {
            try? await model.library.remove(picture)
            await model.list(text)
        }
    }

    private func add() async {
        guard !items.isEmpty else { return }
        var without = 0
        for (index, item) in items.enumerated() {
            let name = item.itemIdentifier ?? "\(model.pictures.count + index + 1)"
            var hasFace = false
            if let file = try? await item.loadTransferable(type: Data.self) {
                hasFace = await model.add(file, named: name)
            }
            if !hasFace { without += 1 }
        }
        faceless = without
        await model.list(text)
    }
}
