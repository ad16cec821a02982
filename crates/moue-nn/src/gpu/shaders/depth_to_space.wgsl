// Groups of channels become blocks of pixels: a thread copies one value.

struct Parameters {
    operands: Operands,
    // Height, width and channels of the result.
    height: u32,
    width: u32,
    channels: u32,
    // Side of a block.
    block: u32,
    // Floats from one pixel to the next.
    from_row: u32,
    to_row: u32,
    unused_0: u32,
    unused_1: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn compute(o: Operands, run: u32, at: u32) {
    let channel = at % p.channels;
    let pixel = at / p.channels;
    let x = pixel % p.width;
    let line = pixel / p.width;
    let y = line % p.height;
    let picture = line / p.height * (p.height / p.block);
    let source = (picture + y / p.block) * (p.width / p.block) + x / p.block;
    let shift = (y % p.block * p.block + x % p.block) * p.channels;
    let origin = source * p.from_row + shift + channel;
    arena[o.out + run * o.out_len + pixel * p.to_row + channel] = arena[o.a + run * o.a_len + origin];
}
