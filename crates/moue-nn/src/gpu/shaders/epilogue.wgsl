// What happens to the sum of a convolution before it is stored.

struct Epilogue {
    // Bounds of the sum itself, and of the sum with the residual.
    first_low: f32,
    first_high: f32,
    second_low: f32,
    second_high: f32,
    // Quantization of the result: 0 where it has none.
    scale: f32,
    zero: f32,
    // Whether slopes of negative sums follow the first clamp, and where they are in the constants.
    has_slopes: u32,
    slopes: u32,
}

fn finish(e: Epilogue, sum: vec4<f32>, residual: vec4<f32>, channels: u32) -> vec4<f32> {
    var value = clamp(sum, vec4(e.first_low), vec4(e.first_high));
    if e.has_slopes != 0u {
        value = select(value * constants[e.slopes + channels], value, value > vec4(0.0));
    }
    value = clamp(value + residual, vec4(e.second_low), vec4(e.second_high));
    if e.scale > 0.0 {
        value = quantized(value, e.scale, e.zero);
    }
    return value;
}
