// A function of one operand: a thread computes four values.

struct Parameters {
    operands: Operands,
    // Which function.
    function: u32,
    // Bounds of a clamp; scale and zero point of a quantization.
    low: f32,
    high: f32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn apply(x: vec4<f32>) -> vec4<f32> {
    // Beyond these bounds `exp` overflows, and the results are what they are at the bounds.
    switch p.function {
        case 0u: { return clamp(x, vec4(p.low), vec4(p.high)); }
        case 1u: { return x * clamp(x + 3.0, vec4(0.0), vec4(6.0)) / 6.0; }
        case 2u: { return 1.0 / (1.0 + exp(-clamp(x, vec4(-80.0), vec4(80.0)))); }
        case 3u: { return tanh(clamp(x, vec4(-20.0), vec4(20.0))); }
        case 4u: { return 1.0 / sqrt(x); }
        case 5u: { return sqrt(x); }
        case 6u: { return -x; }
        default: { return quantized(x, p.low, p.high); }
    }
}

fn compute(o: Operands, run: u32, at: u32) {
    arena[(o.out + run * o.out_len) / 4u + at] = apply(arena[(o.a + run * o.a_len) / 4u + at]);
}
