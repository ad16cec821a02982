//! What the framework has.

/// What a static library is called in the framework.
pub(super) const LIBRARY: &str = "libmoue_ffi.a";

/// The header that `cargo xtask bindings` writes.
pub(super) const HEADER: &str = "MoueFFI.h";

/// A plain module: a `framework module` would be looked for in a `.framework` folder, which static
/// libraries do not have.
pub(super) const MODULE_MAP: &str = "module MoueFFI {\n    header \"MoueFFI.h\"\n    export *\n}\n";

/// A library of the framework: one kind of system, for one or two processors.
pub(super) struct Slice {
    /// Its folder, named as Xcode names it.
    pub(super) identifier: &'static str,
    pub(super) platform: &'static str,
    pub(super) variant: Option<&'static str>,
    /// The platform in a Mach-O file's `LC_BUILD_VERSION`.
    pub(super) number: u32,
    /// The oldest system that it must run on, as in `Package.swift`: 15.0 is `0x000F_0000`.
    pub(super) oldest: u32,
    pub(super) targets: &'static [Target],
}

/// A processor.
pub(super) struct Target {
    pub(super) triple: &'static str,
    /// As Apple names it.
    pub(super) processor: &'static str,
    /// `cputype` and `cpusubtype` of Mach-O.
    pub(super) cpu: [u32; 2],
}

const fn arm(triple: &'static str) -> Target {
    Target {
        triple,
        processor: "arm64",
        cpu: [object::macho::CPU_TYPE_ARM64, 0],
    }
}

const fn intel(triple: &'static str) -> Target {
    Target {
        triple,
        processor: "x86_64",
        cpu: [object::macho::CPU_TYPE_X86_64, 3],
    }
}

/// iPhones, their simulators on both kinds of Macs, and Macs.
pub(super) const ALL: [Slice; 3] = [
    Slice {
        identifier: "ios-arm64",
        platform: "ios",
        variant: None,
        number: object::macho::PLATFORM_IOS,
        oldest: 15 << 16,
        targets: &[arm("aarch64-apple-ios")],
    },
    Slice {
        identifier: "ios-arm64_x86_64-simulator",
        platform: "ios",
        variant: Some("simulator"),
        number: object::macho::PLATFORM_IOSSIMULATOR,
        oldest: 15 << 16,
        targets: &[arm("aarch64-apple-ios-sim"), intel("x86_64-apple-ios")],
    },
    Slice {
        identifier: "macos-arm64_x86_64",
        platform: "macos",
        variant: None,
        number: object::macho::PLATFORM_MACOS,
        oldest: 12 << 16,
        targets: &[arm("aarch64-apple-darwin"), intel("x86_64-apple-darwin")],
    },
];
