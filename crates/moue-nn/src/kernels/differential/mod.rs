//! Every kernel beside the definition of what it computes, on random shapes, strides, dilations and
//! borders.

mod compare;
mod conv;
mod depthwise;
mod random;
mod winograd;

use super::table::Int8Kernels;
use super::{Isa, Kernels, ThreadPool};
use random::Random;

/// Cases for each kernel set.
const CASES: usize = 400;

/// The kernel tables that this processor can run, with each that it has for int8 codes.
fn tables() -> Vec<(String, Kernels)> {
    let mut all = Vec::new();
    for isa in Isa::available() {
        let best = Kernels::of(isa);
        for (name, int8) in int8_kernels(&best) {
            all.push((format!("{} {name}", isa.name()), Kernels { int8, ..best }));
        }
    }
    all
}

/// The tables for int8 codes that go with a set, by name; the best one is among them.
fn int8_kernels(best: &Kernels) -> Vec<(&'static str, Int8Kernels)> {
    #[cfg(target_arch = "x86_64")]
    let others = super::x86_int8::available();
    #[cfg(target_arch = "aarch64")]
    let others = super::neon_int8::available();
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let others = Vec::new();
    [vec![("", best.int8)], others].concat()
}

#[test]
fn every_int8_kernel_set_agrees_with_the_definition() {
    for (name, kernels) in tables() {
        let mut random = Random(11);
        let mut pool = ThreadPool::new(3);
        for case in 0..CASES {
            let name = format!("{name} case {case}");
            conv::int8_case(&mut random, &kernels, &mut pool, &name);
            depthwise::int8_case(&mut random, &kernels, &mut pool, &name);
        }
        eprintln!("{name}: {CASES} int8 convolutions and depthwise convolutions agree");
    }
}

#[test]
fn every_kernel_set_agrees_with_the_definition() {
    for isa in Isa::available() {
        let kernels = Kernels::of(isa);
        let mut random = Random(7);
        let mut pool = ThreadPool::new(3);
        for case in 0..CASES {
            let name = format!("{} case {case}", isa.name());
            conv::float_case(&mut random, &kernels, &mut pool, &name);
            depthwise::float_case(&mut random, &kernels, &mut pool, &name);
            winograd::case(&mut random, &kernels, &mut pool, &name);
        }
        let isa = isa.name();
        eprintln!("{isa}: {CASES} convolutions and depthwise convolutions agree");
    }
}
