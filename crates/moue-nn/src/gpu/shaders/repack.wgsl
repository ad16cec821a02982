// The same values in the same order under another shape, whose rows are of another length: a thread
// copies one value.

struct Parameters {
    operands: Operands,
    // Channels of a row, and floats from one row to the next.
    from_channels: u32,
    from_row: u32,
    to_channels: u32,
    to_row: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn compute(o: Operands, run: u32, at: u32) {
    let origin = at / p.from_channels * p.from_row + at % p.from_channels;
    let to = at / p.to_channels * p.to_row + at % p.to_channels;
    arena[o.out + run * o.out_len + to] = arena[o.a + run * o.a_len + origin];
}
