// A depthwise convolution: a thread computes four channels of a pixel.

struct Parameters {
    operands: Operands,
    epilogue: Epilogue,
    window: Window,
    weights: u32,
    bias: u32,
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
    let thread = thread_of(group, groups, local);
    let o = p.operands;
    let row = p.window.output_row;
    let index = thread / row;
    let part = thread % row;
    if index >= o.items * batch.runs {
        return;
    }
    let pixel = pixel_of(p.window, o, index);
    var sum = constants[p.bias + part];
    var w = p.weights + part;
    for (var ky = 0u; ky < p.window.kernel_height; ky++) {
        for (var kx = 0u; kx < p.window.kernel_width; kx++) {
            let origin = row_of(p.window, pixel, ky, kx);
            if origin >= 0 {
                sum += arena[u32(origin) + part] * constants[w];
            }
            w += row;
        }
    }
    let run = index / o.items;
    let at = index % o.items * row + part;
    var residual = vec4(0.0);
    if o.has_b != 0u {
        residual = arena[(o.b + run * o.b_len) / 4u + at];
    }
    arena[(o.out + run * o.out_len) / 4u + at] = finish(p.epilogue, sum, residual, part);
}
