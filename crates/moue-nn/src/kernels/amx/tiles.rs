//! AMX (Advanced Matrix Extensions), which Xeon processors have since 2023: eight registers of 16 rows of 64
//! bytes, *tiles*, and an instruction that adds the product of two of them to a third. There are no stable
//! intrinsics for them yet, so they are assembly here.

use crate::kernels::packing::TILE;
use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::sync::LazyLock;

/// Bytes of a tile's row: a cache line. A row that straddles two takes five times as long to load.
pub(super) const ROW: usize = 64;

/// Whether this process may use tiles. Linux keeps their eight kilobytes for each thread, once a process
/// has asked for it.
pub(in crate::kernels) static IS_AVAILABLE: LazyLock<bool> = LazyLock::new(|| {
    /// Bits of the processor's features for tiles and for their products of int8 codes.
    const AMX_TILE_AND_INT8: u32 = 1 << 24 | 1 << 25;
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
        && __cpuid_count(7, 0).edx & AMX_TILE_AND_INT8 == AMX_TILE_AND_INT8
        && are_permitted()
});

/// Asks the system for tiles.
fn are_permitted() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const ARCH_REQ_XCOMP_PERM: i64 = 0x1023;
    const XFEATURE_XTILEDATA: i64 = 18;
    let mut result = ARCH_PRCTL;
    // SAFETY: the call changes no memory of this process; a system that does not know it returns an error.
    unsafe {
        asm!("syscall", inout("rax") result, in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA, out("rcx") _, out("r11") _, options(nostack));
    }
    result == 0
}

/// The tiles of this thread. They are released when this is dropped: the system need not save them then.
pub(super) struct Tiles;

impl Tiles {
    /// Gives all tiles 16 rows of 64 bytes.
    ///
    /// # Safety
    /// [`IS_AVAILABLE`] must be true.
    pub(super) unsafe fn configure() -> Self {
        let mut palette = [0u8; 64];
        palette[0] = 1;
        for tile in 0..8 {
            palette[16 + 2 * tile] = ROW as u8;
            palette[48 + tile] = TILE as u8;
        }
        // SAFETY: the caller has the instruction; the palette is well formed.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &palette, options(nostack, readonly)) }
        Self
    }
}

impl Drop for Tiles {
    fn drop(&mut self) {
        // SAFETY: there is a `Tiles` only where `configure` has run.
        unsafe {
            asm!("tilerelease",
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack, nomem))
        }
    }
}

/// Sums of up to two tiles of pixels and two panels of 16 outputs.
pub(super) struct Product {
    /// The patches of the pixels, and bytes from one to the next.
    pub(super) patches: *const u8,
    pub(super) stride: usize,
    /// The weights of both panels.
    pub(super) weights: [*const u8; 2],
    /// Tiles along the depth, at least one.
    pub(super) steps: usize,
    /// What the sums of both panels start from.
    pub(super) bias: *const i32,
    /// A row of 32 sums for each pixel.
    pub(super) sums: *mut u8,
}

impl Product {
    /// Computes the sums of `M` tiles of pixels and `N` panels. Tiles 0 to 3 hold them, 4 and 5 pixels, 6 and
    /// 7 weights: with four sums, the next product need not wait for the last one.
    ///
    /// # Safety
    /// Tiles must be configured, and `steps` must not be 0. There must be `M` × 16 patches of `steps` × 64
    /// bytes, `N` panels of `steps` × 1024 bytes of weights, `N` × 16 numbers of bias, and `M` × 2048 bytes
    /// for the sums.
    #[inline(always)]
    pub(super) unsafe fn run<const M: usize, const N: usize>(&self) {
        // SAFETY: as for this function. Nothing but `Tiles` and this block uses tiles.
        unsafe {
            asm!(
                "tileloadd tmm0, [{bias} + {none}*1]",
                ".if {N} > 1; tileloadd tmm1, [{bias} + {none}*1 + 64]; .endif",
                ".if {M} > 1; tileloadd tmm2, [{bias} + {none}*1]; .endif",
                ".if {M} + {N} > 3; tileloadd tmm3, [{bias} + {none}*1 + 64]; .endif",
                "2:",
                "tileloadd tmm4, [{pixels} + {stride}*1]",
                "tileloaddt1 tmm6, [{weights} + {row}*1]",
                "tdpbusd tmm0, tmm4, tmm6",
                ".if {N} > 1; tileloaddt1 tmm7, [{others} + {row}*1]; tdpbusd tmm1, tmm4, tmm7; .endif",
                ".if {M} > 1; tileloadd tmm5, [{more} + {stride}*1]; tdpbusd tmm2, tmm5, tmm6; .endif",
                ".if {M} + {N} > 3; tdpbusd tmm3, tmm5, tmm7; .endif",
                "add {pixels}, 64",
                "add {more}, 64",
                "add {weights}, 1024",
                "add {others}, 1024",
                "dec {steps}",
                "jnz 2b",
                "tilestored [{sums} + {row}*2], tmm0",
                ".if {N} > 1; tilestored [{sums} + {row}*2 + 64], tmm1; .endif",
                ".if {M} > 1; tilestored [{sums} + {row}*2 + 2048], tmm2; .endif",
                ".if {M} + {N} > 3; tilestored [{sums} + {row}*2 + 2112], tmm3; .endif",
                M = const M,
                N = const N,
                bias = in(reg) self.bias,
                none = in(reg) 0usize,
                pixels = inout(reg) self.patches => _,
                more = inout(reg) self.patches.wrapping_add(TILE * self.stride) => _,
                stride = in(reg) self.stride,
                weights = inout(reg) self.weights[0] => _,
                others = inout(reg) self.weights[1] => _,
                row = in(reg) ROW,
                steps = inout(reg) self.steps => _,
                sums = in(reg) self.sums,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }
}
