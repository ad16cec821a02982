import Foundation
import Moue
import XCTest

@testable import MoueApp

final class LibraryTests: XCTestCase {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let pictures = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../../../tests/conformance/pictures")

    override func tearDown() {
        try? FileManager.default.removeItem(at: folder)
    }

    func file(_ name: String) throws -> Data {
        try Data(contentsOf: pictures.appendingPathComponent(name + ".png"))
    }

    func testAPhotoIsFoundInEverySource() async throws {
        let library = try Library(folder: folder)
        let laugh = try file("vik-laugh")
        guard case .found(let drawn) = try await library.find(laugh, in: .drawings) else {
            return XCTFail("no face")
        }
        XCTAssert(drawn[0].matches[0].path.hasSuffix("-laugh"))
        guard case .found(let emoji) = try await library.find(laugh, in: .emoji) else {
            return XCTFail("no face")
        }
        XCTAssertNotNil(emoji[0].matches[0].emoji)
        guard case .found(let mine) = try await library.find(laugh, in: .mine) else {
            return XCTFail("no face")
        }
        XCTAssert(mine[0].matches.isEmpty, "nothing was added")
    }

    func testPhotosWithoutAFaceAndBrokenOnesAreTold() async throws {
        let library = try Library(folder: folder)
        let blank = try await library.find(file("blank"), in: .drawings)
        XCTAssertEqual(blank, .noFace)
        let broken = try await library.find(Data([1, 2, 3]), in: .drawings)
        XCTAssertEqual(broken, .unreadable)
    }

    func testOwnPicturesOutliveTheProcess() async throws {
        do {
            let library = try Library(folder: folder)
            let added = try await library.add(file("gus-smirk"), named: "Gus")
            let again = try await library.add(file("gus-smirk"), named: "Gus")
            let blank = try await library.add(file("blank"), named: "Blank")
            XCTAssertEqual([added, again, blank], [true, false, false])
        }
        let library = try Library(folder: folder)
        let named = try await library.pictures(named: "gus")
        XCTAssertEqual(named.map(\.label), ["Gus"])
        guard case .found(let mine) = try await library.find(file("gus-smirk"), in: .mine) else {
            return XCTFail("no face")
        }
        XCTAssertEqual(mine[0].matches[0].distance, 0)
        let copy = library.file(of: named[0].path)
        XCTAssertEqual(try Data(contentsOf: copy), try file("gus-smirk"))
        try await library.remove(named[0])
        let rest = try await library.pictures(named: "")
        XCTAssert(rest.isEmpty && !FileManager.default.fileExists(atPath: copy.path))
    }

    func testBoxesLieWhereThePictureIsShown() {
        let half = BoundingBox(x: 0.5, y: 0.5, width: 0.5, height: 0.5)
        let box = fitted(half, aspectRatio: 2, width: 100, height: 100)
        XCTAssertEqual([box.x, box.y, box.width, box.height], [50, 50, 50, 25])
        XCTAssertEqual(fitted(half, aspectRatio: 0, width: 1, height: 1).width, 0)
    }
}
