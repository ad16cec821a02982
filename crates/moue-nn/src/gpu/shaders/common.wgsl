// What all shaders share: the operands of a step, and how many runs of the network a dispatch is for.

// Where the operands and the result of the first run of a batch start in the arena, and how far that of
// the next run is behind each; all in floats.
struct Operands {
    a: u32,
    a_len: u32,
    b: u32,
    b_len: u32,
    out: u32,
    out_len: u32,
    // Results of one run, as the shader counts them.
    items: u32,
    // Whether there is a second operand in the arena.
    has_b: u32,
}

struct Batch {
    runs: u32,
    unused_0: u32,
    unused_1: u32,
    unused_2: u32,
}

@group(0) @binding(3) var<uniform> batch: Batch;

// More workgroups than one dimension may have lie in a second one.
fn thread_of(group: vec3<u32>, groups: vec3<u32>, local: u32) -> u32 {
    return (group.x + group.y * groups.x) * 64u + local;
}

// The real numbers that the nearest codes of int8 stand for.
fn quantized(value: vec4<f32>, scale: f32, zero: f32) -> vec4<f32> {
    let code = clamp(round(value / scale) + zero, vec4(-128.0), vec4(127.0));
    return (code - zero) * scale;
}
