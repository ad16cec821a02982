// Average and maximum of a window: a thread computes four channels of a pixel.

struct Parameters {
    operands: Operands,
    window: Window,
    low: f32,
    high: f32,
    average: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

// The first row or column of the picture that a window covers, and the one behind the last.
fn covered(at: u32, stride: u32, before: u32, kernel: u32, size: u32) -> vec2<u32> {
    let start = at * stride;
    return vec2(max(start, before) - before, min(max(start + kernel, before) - before, size));
}

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
    var sum = vec4(0.0);
    var largest = vec4(-3.4028234e38);
    var count = 0.0;
    // A window may be much larger than the picture.
    let ys = covered(pixel.y, p.window.stride_y, p.window.before_y, p.window.kernel_height, p.window.input_height);
    let xs = covered(pixel.x, p.window.stride_x, p.window.before_x, p.window.kernel_width, p.window.input_width);
    for (var y = ys.x; y < ys.y; y++) {
        for (var x = xs.x; x < xs.y; x++) {
            let value = arena[pixel.picture + (y * p.window.input_width + x) * p.window.input_row + part];
            sum += value;
            largest = max(largest, value);
            count += 1.0;
        }
    }
    let value = select(largest, sum / count, p.average != 0u);
    let to = (o.out + index / o.items * o.out_len) / 4u + index % o.items * row + part;
    arena[to] = clamp(value, vec4(p.low), vec4(p.high));
}
