// swift-tools-version:5.9
import PackageDescription

// All of the app that is not drawn, without UIKit: it is tested on Linux.
let package = Package(
    name: "MoueApp",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "MoueApp", targets: ["MoueApp"])],
    dependencies: [.package(name: "Moue", path: "../../../bindings/swift")],
    targets: [
        .target(name: "MoueApp", dependencies: [.product(name: "Moue", package: "Moue")]),
        .testTarget(name: "MoueAppTests", dependencies: ["MoueApp"]),
    ]
)
