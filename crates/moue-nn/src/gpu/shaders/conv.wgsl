// A convolution as an implicit matrix product: a thread computes eight channels of four pixels.

struct Parameters {
    operands: Operands,
    epilogue: Epilogue,
    window: Window,
    // Channels of the input.
    depth: u32,
    // Where weights and bias start in the constants, in vectors.
    weights: u32,
    bias: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

// Channels 4 × `part` on of an input pixel; zeros where the pixel or a channel is not there.
fn load(row: i32, part: u32) -> vec4<f32> {
    let value = arena[u32(max(row, 0)) + part];
    let lanes = vec4(0u, 1u, 2u, 3u) + 4u * part;
    return select(vec4(0.0), value, vec4(row >= 0) & (lanes < vec4(p.depth)));
}

fn store(pixel: u32, total: u32, part: u32, low: vec4<f32>, high: vec4<f32>) {
    if pixel >= total {
        return;
    }
    let o = p.operands;
    let run = pixel / o.items;
    let at = pixel % o.items * p.window.output_row + part;
    var residual = array(vec4(0.0), vec4(0.0));
    if o.has_b != 0u {
        let origin = (o.b + run * o.b_len) / 4u + at;
        residual = array(arena[origin], arena[origin + 1u]);
    }
    let to = (o.out + run * o.out_len) / 4u + at;
    arena[to] = finish(p.epilogue, low, residual[0], part);
    arena[to + 1u] = finish(p.epilogue, high, residual[1], part + 1u);
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let thread = thread_of(group, groups, local);
    let tiles = p.window.output_row / 2u;
    let tile = thread % tiles;
    let first = thread / tiles * 4u;
    let total = p.operands.items * batch.runs;
    if first >= total {
        return;
    }
    // Threads of pixels behind the last one repeat it.
    let pixel_0 = pixel_of(p.window, p.operands, first);
    let pixel_1 = pixel_of(p.window, p.operands, min(first + 1u, total - 1u));
    let pixel_2 = pixel_of(p.window, p.operands, min(first + 2u, total - 1u));
    let pixel_3 = pixel_of(p.window, p.operands, min(first + 3u, total - 1u));
    let bias = p.bias + 2u * tile;
    var low_0 = constants[bias];
    var low_1 = low_0;
    var low_2 = low_0;
    var low_3 = low_0;
    var high_0 = constants[bias + 1u];
    var high_1 = high_0;
    var high_2 = high_0;
    var high_3 = high_0;
    let parts = (p.depth + 3u) / 4u;
    var w = p.weights + tile * p.window.kernel_height * p.window.kernel_width * parts * 8u;
    for (var ky = 0u; ky < p.window.kernel_height; ky++) {
        for (var kx = 0u; kx < p.window.kernel_width; kx++) {
            let row_0 = row_of(p.window, pixel_0, ky, kx);
            let row_1 = row_of(p.window, pixel_1, ky, kx);
            let row_2 = row_of(p.window, pixel_2, ky, kx);
            let row_3 = row_of(p.window, pixel_3, ky, kx);
            for (var part = 0u; part < parts; part++) {
                let x_0 = load(row_0, part);
                let x_1 = load(row_1, part);
                let x_2 = load(row_2, part);
                let x_3 = load(row_3, part);
                let low = mat4x4(constants[w], constants[w + 1u], constants[w + 2u], constants[w + 3u]);
                let high = mat4x4(constants[w + 4u], constants[w + 5u], constants[w + 6u], constants[w + 7u]);
                low_0 += low * x_0;
                low_1 += low * x_1;
                low_2 += low * x_2;
                low_3 += low * x_3;
                high_0 += high * x_0;
                high_1 += high * x_1;
                high_2 += high * x_2;
                high_3 += high * x_3;
                w += 8u;
            }
        }
    }
    store(first, total, 2u * tile, low_0, high_0);
    store(first + 1u, total, 2u * tile, low_1, high_1);
    store(first + 2u, total, 2u * tile, low_2, high_2);
    store(first + 3u, total, 2u * tile, low_3, high_3);
}
