//! Instruction sets, and which of them this processor has.

/// An instruction set that has kernels of its own.
///
/// ```
/// use moue_nn::Isa;
///
/// let all = Isa::available();
/// assert_eq!(all.first(), Some(&Isa::Portable));
/// assert_eq!(all.last(), Some(&Isa::best()));
/// println!("runs on {}", Isa::best().name());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// Plain Rust that the compiler vectorizes for the baseline of the target.
    Portable,
    /// WebAssembly with 128-bit vectors: 4 lanes; chosen when the program is built.
    Simd128,
    /// AArch64: 4 lanes.
    Neon,
    /// x86-64 with AVX2 and FMA: 8 lanes.
    Avx2,
    /// x86-64 with AVX-512 F and VL: 16 lanes; for int8 codes also VNNI and, on Linux, the tiles of AMX,
    /// where the processor has them.
    Avx512,
}

impl Isa {
    /// All instruction sets that this processor can run, the fastest last.
    pub fn available() -> Vec<Isa> {
        let mut found = vec![Isa::Portable];
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
            found.push(Isa::Simd128);
        }
        if cfg!(target_arch = "aarch64") {
            found.push(Isa::Neon);
        }
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                found.push(Isa::Avx2);
                // Nested, as AVX-512's table uses AVX2 for what is narrow.
                if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
                    found.push(Isa::Avx512);
                }
            }
        }
        found
    }

    /// The fastest instruction set of this processor.
    pub fn best() -> Isa {
        Self::available().last().copied().unwrap_or(Isa::Portable)
    }

    /// A short lower-case name: `portable`, `simd128`, `neon`, `avx2`, `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Portable => "portable",
            Isa::Simd128 => "simd128",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }
}
