import Foundation
import Moue

/// A distance as people read it: two digits, and their language's separator.
public func written(_ distance: Float, locale: Locale = .current) -> String {
    String(format: "%.2f", locale: locale, distance)
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
