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
    let origin = at / p.from_channels * p.from_row + at % p.from_channels;
    let to = at / p.to_channels * p.to_row + at % p.to_channels;
    arena[o.out + run * o.out_len + to] = arena[o.a + run * o.a_len + origin];
}
