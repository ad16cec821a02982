// Bilinear interpolation on a grid: a thread computes four channels of a pixel.

struct Parameters {
    operands: Operands,
    input_height: u32,
    input_width: u32,
    height: u32,
    width: u32,
    // Vectors from one pixel to the next, of both pictures.
    row: u32,
    // Where the samples of rows and columns start in the constants: first and second pixel, and the
    // share of the second.
    ys: u32,
    xs: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn compute(o: Operands, run: u32, at: u32) {
    let part = at % p.row;
    let pixel = at / p.row;
    let line = pixel / p.width;
    let y = constants[p.ys + line % p.height];
    let x = constants[p.xs + pixel % p.width];
    let picture = line / p.height * p.input_height * p.input_width;
    let start = (o.a + run * o.a_len) / 4u + part;
    let upper = picture + u32(y.x) * p.input_width;
    let lower = picture + u32(y.y) * p.input_width;
    let a = arena[start + (upper + u32(x.x)) * p.row];
    let b = arena[start + (upper + u32(x.y)) * p.row];
    let c = arena[start + (lower + u32(x.x)) * p.row];
    let d = arena[start + (lower + u32(x.y)) * p.row];
    let above = a * (1.0 - x.z) + b * x.z;
    let below = c * (1.0 - x.z) + d * x.z;
    arena[(o.out + run * o.out_len) / 4u + at] = above * (1.0 - y.z) + below * y.z;
}
