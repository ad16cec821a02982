// Copies a strided view of an operand to a part of the result: a thread copies one value.

struct Parameters {
    operands: Operands,
    // The part, and how it lies in the result.
    sizes: vec4<u32>,
    to_strides: vec4<u32>,
    // Positions of the part that the view does not have before its first and behind its last one.
    before: vec4<u32>,
    inside: vec4<u32>,
    from_steps: vec4<i32>,
    origin: u32,
    to: u32,
    // Whether the operand is constant, and where it starts then.
    is_constant: u32,
    constant: u32,
    low: f32,
    high: f32,
    unused_0: u32,
    unused_1: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn compute(o: Operands, run: u32, at: u32) {
    let pixel = at / p.sizes.w;
    let line = pixel / p.sizes.z;
    let position = vec4(line / p.sizes.y, line % p.sizes.y, pixel % p.sizes.z, at % p.sizes.w);
    // Positions before the first one wrap around and are large.
    let seen = position - p.before;
    var value = 0.0;
    if all(seen < p.inside) {
        let steps = vec4<i32>(seen) * p.from_steps;
        let origin = u32(i32(p.origin) + steps.x + steps.y + steps.z + steps.w);
        if p.is_constant != 0u {
            value = constants[p.constant + origin];
        } else {
            value = arena[o.a + run * o.a_len + origin];
        }
    }
    let places = position * p.to_strides;
    let to = p.to + places.x + places.y + places.z + places.w;
    arena[o.out + run * o.out_len + to] = clamp(value, p.low, p.high);
}
