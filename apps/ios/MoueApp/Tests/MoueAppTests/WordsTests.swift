import Foundation
import XCTest

@testable import MoueApp

/// The app's words are in the views, which are not compiled here: they are read as text.
final class WordsTests: XCTestCase {
    struct Catalog: Decodable {
        struct Entry: Decodable {
            let localizations: [String: Localization]
        }
        struct Localization: Decodable {
            let stringUnit: Unit
        }
        struct Unit: Decodable {
            let state: String
            let value: String
        }
        let sourceLanguage: String
        let strings: [String: Entry]
    }

    let app = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    func catalog(_ path: String) throws -> Catalog {
        try JSONDecoder().decode(Catalog.self, from: Data(contentsOf: app.appendingPathComponent(path)))
    }

    func groups(_ pattern: String, _ text: String) throws -> [String] {
        let expression = try NSRegularExpression(pattern: pattern)
        let whole = NSRange(text.startIndex..., in: text)
        return expression.matches(in: text, range: whole).map { match in
            String(text[Range(match.range(at: match.numberOfRanges - 1), in: text)!])
        }
    }

    /// The literals that a folder's views show, as keys of a catalog.
    func literals(_ folder: String) throws -> Set<String> {
        let url = app.appendingPathComponent(folder)
        let files = try FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)
        var keys: Set<String> = []
        for file in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let shown =
                #"(Text|Label|Button|Picker|PhotosPicker|ShareLink|navigationTitle"#
                + #"|accessibilityLabel|named:|prompt:)[ (]+"((?:[^"\\]|\\\([^"]*?\)\)?)*)""#
            for literal in try groups(shown, text) { keys.insert(key(literal)) }
            // Those that a ternary chooses from, or that have a type of their own.
            for literal in try groups(#"(LocalizedStringKey \{\s*|\? [a-z]+ : )"([^"]*)""#, text) {
                keys.insert(literal)
            }
        }
        return keys
    }

    /// A literal as SwiftUI looks it up: numbers are `%lld`, all else that is filled in `%@`.
    func key(_ literal: String) -> String {
        var key = literal
        for number in [#"\(place)"#, #"\(faceless)"#] {
            key = key.replacingOccurrences(of: number, with: "%lld")
        }
        while let start = key.range(of: #"\("#) {
            var depth = 0
            let end = key[start.lowerBound...].firstIndex { character in
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
                return depth == 0 && character == ")"
            }!
            key.replaceSubrange(start.lowerBound...end, with: "%@")
        }
        return key
    }

    func testEveryWordIsInEveryLanguage() throws {
        let catalog = try catalog("Shared/Localizable.xcstrings")
        XCTAssertEqual(catalog.sourceLanguage, "en")
        let shown = try literals("App").union(literals("Shared")).union(literals("Share"))
        XCTAssertGreaterThan(shown.count, 20)
        XCTAssertEqual(shown.subtracting(catalog.strings.keys).sorted(), [], "words that no language has")
        XCTAssertEqual(Set(catalog.strings.keys).subtracting(shown).sorted(), [], "words that no view shows")
        for (key, entry) in catalog.strings {
            XCTAssertEqual(Set(entry.localizations.keys), ["de", "es", "fr"], key)
            for (language, localization) in entry.localizations {
                let text = localization.stringUnit.value
                XCTAssertEqual(
                    try groups("%(@|lld)", key), try groups("%(@|lld)", text), "\(language): \(key)")
                XCTAssertEqual(localization.stringUnit.state, "translated")
            }
        }
    }

    func testTheReasonForTheCameraIsInEveryLanguage() throws {
        let reasons = try catalog("App/InfoPlist.xcstrings").strings["NSCameraUsageDescription"]?
            .localizations
        XCTAssertEqual(Set(reasons?.keys.map { $0 } ?? []), ["de", "en", "es", "fr"])
        let list = try Data(contentsOf: app.appendingPathComponent("App/Info.plist"))
        let values = try PropertyListSerialization.propertyList(from: list, format: nil) as? [String: Any]
        XCTAssertEqual(values?["NSCameraUsageDescription"] as? String, reasons?["en"]?.stringUnit.value)
    }

    func testDistancesAreWrittenAsPeopleReadThem() {
        XCTAssertEqual(written(0.456, locale: Locale(identifier: "en_US")), "0.46")
        XCTAssertEqual(written(0.456, locale: Locale(identifier: "de_DE")), "0,46")
    }
}
