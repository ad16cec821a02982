import Moue
import MoueApp
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
    }
}

/// The matches of a face: the best large, two others beside it small.
struct MatchesView: View {
    let matches: [Match]

    var body: some View {
        if let best = matches.first {
            VStack(alignment: .leading, spacing: 12) {
                pictures(best)
                HStack {
                    VStack(alignment: .leading) {
                        Text(verbatim: [best.emoji, best.label].compactMap { $0 }.joined(separator: " "))
                            .font(.title2)
                        Text("distance \(written(best.distance))").font(.subheadline)
                            .foregroundStyle(.secondary)
                    }
                    Spacer()
                    ShareLink(item: MatchPicture.image(best), preview: SharePreview(best.label)) {
                        Image(systemName: "square.and.arrow.up")
                    }
                    .buttonStyle(.bordered)
                    .accessibilityLabel("Share \(best.label)")
                }
            }
            .padding()
            .background(.regularMaterial, in: RoundedRectangle(cornerRadius: 28))
        } else {
            Text("No picture matches.")
        }
    }

    /// The best one, and a column of two as high as it.
    private func pictures(_ best: Match) -> some View {
        GeometryReader { place in
            let small = place.size.width - place.size.height - 12
            HStack(spacing: 12) {
                MatchPicture(match: best).frame(width: place.size.height)
                    .accessibilityLabel(spoken(best, place: 1))
                VStack {
                    ForEach(Array(matches.dropFirst().prefix(2).enumerated()), id: \.element.id) {
                        if $0.offset > 0 { Spacer(minLength: 0) }
                        MatchPicture(match: $0.element).frame(width: small, height: small)
                            .accessibilityLabel(spoken($0.element, place: $0.offset + 2))
                    }
                }
            }
        }
        .aspectRatio(1.5, contentMode: .fit)
    }

    /// What VoiceOver says of a match.
    private func spoken(_ match: Match, place: Int) -> Text {
        Text("\(match.label), match \(place), distance \(written(match.distance))")
    }
}

/// A photo with the matches of each of its faces.
struct AnswerView: View {
    let answer: PhotoAnswer

    var body: some View {
        switch answer {
        case .found(let faces):
            ForEach(Array(faces.enumerated()), id: \.offset) { MatchesView(matches: $0.element.matches) }
        case .noFace: Text("There is no face in this photo.")
        case .unreadable: Text("This photo cannot be read.")
        }
    }
}
