// MediaPipe's TransformTensorBilinear, a picture sampled through an affine transform: a thread computes
// one value.

struct Parameters {
    operands: Operands,
    input_height: u32,
    input_width: u32,
    // Floats from one pixel to the next, of both pictures.
    row: u32,
    channels: u32,
    width: u32,
    // Floats from one row of the transform to the next.
    matrix_row: u32,
    unused_0: u32,
    unused_1: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

// A line of the transform at the center of a pixel.
fn source(line: u32, x: f32, y: f32) -> f32 {
    return arena[line] * (x + 0.5) + arena[line + 1u] * (y + 0.5) + arena[line + 3u] - 0.5;
}

fn compute(o: Operands, run: u32, at: u32) {
    let channel = at % p.channels;
    let pixel = at / p.channels;
    let matrix = o.b + run * o.b_len;
    let x = source(matrix, f32(pixel % p.width), f32(pixel / p.width));
    let y = source(matrix + p.matrix_row, f32(pixel % p.width), f32(pixel / p.width));
    let last_x = f32(p.input_width - 1u);
    let last_y = f32(p.input_height - 1u);
    var value = 0.0;
    // Positions that are no numbers are outside, too.
    if x >= 0.0 && x <= last_x && y >= 0.0 && y <= last_y {
        let left = floor(x);
        let above = floor(y);
        let right = min(left + 1.0, last_x);
        let below = min(above + 1.0, last_y);
        let across = x - left;
        let down = y - above;
        let start = o.a + run * o.a_len + channel;
        let upper = u32(above) * p.input_width;
        let lower = u32(below) * p.input_width;
        let a = arena[start + (upper + u32(left)) * p.row];
        let b = arena[start + (upper + u32(right)) * p.row];
        let c = arena[start + (lower + u32(left)) * p.row];
        let d = arena[start + (lower + u32(right)) * p.row];
        value = (1.0 - down) * ((1.0 - across) * a + across * b) + down * ((1.0 - across) * c + across * d);
    }
    arena[o.out + run * o.out_len + pixel * p.row + channel] = value;
}
