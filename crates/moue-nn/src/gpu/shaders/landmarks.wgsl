// MediaPipe's TransformLandmarks: a thread brings one landmark through an affine transform.

struct Parameters {
    operands: Operands,
    // Floats from one landmark to the next, and coordinates of each.
    row: u32,
    coordinates: u32,
    // Floats from one row of the transform to the next.
    matrix_row: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn compute(o: Operands, run: u32, item: u32) {
    let at = item * p.row;
    let origin = o.a + run * o.a_len + at;
    let to = o.out + run * o.out_len + at;
    let matrix = o.b + run * o.b_len;
    let x = arena[origin];
    let y = arena[origin + 1u];
    for (var i = 0u; i < 2u; i++) {
        let line = matrix + i * p.matrix_row;
        arena[to + i] = arena[line] * x + arena[line + 1u] * y + arena[line + 3u];
    }
    // Of three coordinates the last is a depth, which stays.
    if p.coordinates > 2u {
        arena[to + 2u] = arena[origin + 2u];
    }
}
