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

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let index = thread_of(group, groups, local);
    let o = p.operands;
    if index >= o.items * batch.runs {
        return;
    }
    let run = index / o.items;
    let at = index % o.items;
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
