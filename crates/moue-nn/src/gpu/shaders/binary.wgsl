// A function of two operands that broadcast: a thread computes four channels.

struct Parameters {
    operands: Operands,
    // Height, width and vectors of the result.
    height: u32,
    width: u32,
    row: u32,
    function: u32,
    // From neighbor to neighbor in each operand along the four dimensions: rows in vectors, channels 0 or 1.
    a_strides: vec4<u32>,
    b_strides: vec4<u32>,
    // Where an operand starts that is constant; in vectors.
    a_constant: u32,
    b_constant: u32,
    is_a_constant: u32,
    is_b_constant: u32,
    low: f32,
    high: f32,
    unused_0: u32,
    unused_1: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn apply(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
    switch p.function {
        case 0u: { return a + b; }
        case 1u: { return a - b; }
        case 2u: { return a * b; }
        case 3u: { return a / b; }
        case 4u: { return max(a, b); }
        case 5u: { return min(a, b); }
        case 6u: { return (a - b) * (a - b); }
        // PRELU: the slope of negative values.
        default: { return select(a * b, a, a > vec4(0.0)); }
    }
}

fn value_of(is_constant: u32, constant: u32, start: u32, strides: vec4<u32>, at: vec4<u32>) -> vec4<f32> {
    let offset = at.x * strides.x + at.y * strides.y + at.z * strides.z + at.w * strides.w;
    var value: vec4<f32>;
    if is_constant != 0u {
        value = constants[constant + offset];
    } else {
        value = arena[start / 4u + offset];
    }
    return select(value, vec4(value.x), strides.w == 0u);
}

fn compute(o: Operands, run: u32, item: u32) {
    let pixel = item / p.row;
    let lines = pixel / p.width;
    let at = vec4(lines / p.height, lines % p.height, pixel % p.width, item % p.row);
    let a = value_of(p.is_a_constant, p.a_constant, o.a + run * o.a_len, p.a_strides, at);
    let b = value_of(p.is_b_constant, p.b_constant, o.b + run * o.b_len, p.b_strides, at);
    arena[(o.out + run * o.out_len) / 4u + item] = clamp(apply(a, b), vec4(p.low), vec4(p.high));
}
