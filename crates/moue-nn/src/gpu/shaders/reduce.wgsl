// Sum or mean over dimensions: a thread computes one value.

struct Parameters {
    operands: Operands,
    // Sizes of the kept dimensions, 1 for those that are summed, and the other way round.
    kept: vec4<u32>,
    summed: vec4<u32>,
    from_strides: vec4<u32>,
    // 0 along dimensions that are summed.
    to_strides: vec4<u32>,
    divisor: f32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn compute(o: Operands, run: u32, at: u32) {
    let pixel = at / p.kept.w;
    let line = pixel / p.kept.z;
    let position = vec4(line / p.kept.y, line % p.kept.y, pixel % p.kept.z, at % p.kept.w);
    let places = position * p.from_strides;
    let start = o.a + run * o.a_len + places.x + places.y + places.z + places.w;
    var sum = 0.0;
    for (var n = 0u; n < p.summed.x; n++) {
        for (var y = 0u; y < p.summed.y; y++) {
            for (var x = 0u; x < p.summed.z; x++) {
                let row = start + n * p.from_strides.x + y * p.from_strides.y + x * p.from_strides.z;
                for (var channel = 0u; channel < p.summed.w; channel++) {
                    sum += arena[row + channel];
                }
            }
        }
    }
    let to = position * p.to_strides;
    arena[o.out + run * o.out_len + to.x + to.y + to.z + to.w] = sum / p.divisor;
}
