// swift-tools-version:5.9
import PackageDescription

// The library that all targets stand on. On Apple's systems it is a binary of a release; on Linux,
// where the tests run (with LD_LIBRARY_PATH), the library that `cargo build --release -p moue-ffi` makes.
#if os(Linux)
    let library: Target = .systemLibrary(name: "MoueFFI")
    let linked: [LinkerSetting] = [
        .unsafeFlags(["-L\(Context.packageDirectory)/../../target/release"]), .linkedLibrary("m"), .linkedLibrary("dl"),
    ]
#else
    // What `cargo xtask xcframework` makes; in a release its address and checksum.
    let library: Target = .binaryTarget(name: "MoueFFI", path: "MoueFFI.xcframework")
    let linked: [LinkerSetting] = []
#endif

let package = Package(
    name: "Moue",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Moue", targets: ["Moue"])],
    targets: [
        library,
        .target(name: "MoueBindings", dependencies: ["MoueFFI"], linkerSettings: linked),
        .target(
            name: "Moue", dependencies: ["MoueBindings"],
            resources: [.copy("PrivacyInfo.xcprivacy")]),
        .testTarget(name: "MoueTests", dependencies: ["Moue"]),
    ]
)
