import Moue
import SwiftUI

/// The picture of a match: a drawing, or one of a person's own.
struct MatchPicture: View {
    @EnvironmentObject private var model: Model
    let match: Match

    var body: some View {
        if let commands = drawCommands(path: match.path) {
            Drawing(commands: commands)
        } else {
            OwnPicture(file: model.library.file(of: match.path))
        }
    }

    /// It as a picture to share.
    @MainActor
    static func image(_ match: Match) -> Image {
        let drawing = Drawing(commands: drawCommands(path: match.path) ?? [])
        let renderer = ImageRenderer(content: drawing.frame(width: 512, height: 512))
        return renderer.uiImage.map(Image.init(uiImage:)) ?? Image(systemName: "photo")
    }
}

/// One of a person's own pictures.
struct OwnPicture: View {
    let file: URL

    var body: some View {
        let picture = UIImage(contentsOfFile: file.path) ?? UIImage()
        Color.clear.aspectRatio(1, contentMode: .fit)
            .overlay { Image(uiImage: picture).resizable().scaledToFill() }
            .clipShape(RoundedRectangle(cornerRadius: 20))
    }
}

/// A built-in drawing, on white paper.
struct Drawing: View {
    let commands: [DrawCommand]

    var body: some View {
        Canvas { context, size in
            let side = min(size.width, size.height)
            context.fill(Path(CGRect(x: 0, y: 0, width: side, height: side)), with: .color(.white))
            context.scaleBy(x: side / 256, y: side / 256)
            var index = 0
            draw(&index, in: &context)
        }
        .aspectRatio(1, contentMode: .fit)
        .clipShape(RoundedRectangle(cornerRadius: 20))
    }

    /// Draws up to the end of the group that `index` is in.
    private func draw(_ index: inout Int, in context: inout GraphicsContext) {
        while index < commands.count {
            let command = commands[index]
            index += 1
            switch command {
            case .fill(let path, let color):
                context.fill(path.drawn, with: .color(color.shown))
            case .stroke(let path, let color, let width):
                let style = StrokeStyle(lineWidth: CGFloat(width), lineCap: .round, lineJoin: .round)
                context.stroke(path.drawn, with: .color(color.shown), style: style)
            case .rotate(let degrees, let x, let y):
                var inner = context
                inner.translateBy(x: CGFloat(x), y: CGFloat(y))
                inner.rotate(by: .degrees(Double(degrees)))
                inner.translateBy(x: -CGFloat(x), y: -CGFloat(y))
                draw(&index, in: &inner)
            case .layer(let opacity):
                var faded = context
                faded.opacity *= Double(opacity)
                faded.drawLayer { draw(&index, in: &$0) }
            case .clip(let path):
                var inner = context
                inner.clip(to: path.drawn)
                draw(&index, in: &inner)
            case .end:
                return
            }
        }
    }
}

extension [PathElement] {
    /// It as SwiftUI draws it.
    fileprivate var drawn: Path {
        Path { path in
            for element in self {
                switch element {
                case .move(let x, let y): path.move(to: point(x, y))
                case .line(let x, let y): path.addLine(to: point(x, y))
                case .quad(let x1, let y1, let x, let y):
                    path.addQuadCurve(to: point(x, y), control: point(x1, y1))
                case .cubic(let x1, let y1, let x2, let y2, let x, let y):
                    path.addCurve(to: point(x, y), control1: point(x1, y1), control2: point(x2, y2))
                case .close: path.closeSubpath()
                }
            }
        }
    }

    private func point(_ x: Float, _ y: Float) -> CGPoint {
        CGPoint(x: CGFloat(x), y: CGFloat(y))
    }
}

extension UInt32 {
    /// A color, `0xAARRGGBB`.
    fileprivate var shown: Color {
        let channel = { (shift: UInt32) in Double(self >> shift & 0xFF) / 255 }
        return Color(
            .sRGB, red: channel(16), green: channel(8), blue: channel(0), opacity: channel(24))
    }
}
