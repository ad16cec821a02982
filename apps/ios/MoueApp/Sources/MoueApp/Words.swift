import Foundation
import Moue

/// What VoiceOver says of a match.
public func spoken(_ match: Match, place: Int, locale: Locale = .current) -> String {
    let format = place == 1 ? "best match" : "match \(place)"
    let distance = String(format: "%.2f", locale: locale, match.distance)
    return "\(match.label), \(format), distance \(distance)"
}

/// Where a box of a picture lies in a view that shows the whole picture, scaled to fit.
public func fitted(
    _ box: BoundingBox, aspectRatio: Double, width: Double, height: Double
) -> (x: Double, y: Double, width: Double, height: Double) {
    guard aspectRatio > 0, width > 0, height > 0 else { return (0, 0, 0, 0) }
    let shownWidth = min(width, height * aspectRatio)
    let shownHeight = shownWidth / aspectRatio
    return (
        (width - shownWidth) / 2 + Double(box.x) * shownWidth,
        (height - shownHeight) / 2 + Double(box.y) * shownHeight,
        Double(box.width) * shownWidth, Double(box.height) * shownHeight
    )
}
