// MediaPipe's Landmarks2TransformMatrix: a thread computes the transform of a run.

struct Parameters {
    operands: Operands,
    // Floats from one landmark to the next, and from one row of the transform to the next.
    from_row: u32,
    to_row: u32,
    // Where the landmarks that the crop is around are listed in the constants, and how many.
    subset: u32,
    count: u32,
    left: u32,
    right: u32,
    angle: f32,
    unused: u32,
    width: f32,
    height: f32,
    scale_x: f32,
    scale_y: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn landmark(start: u32, at: u32) -> vec2<f32> {
    let origin = start + at * p.from_row;
    return vec2(arena[origin], arena[origin + 1u]);
}

fn turned(point: vec2<f32>, angle: f32) -> vec2<f32> {
    return vec2(cos(angle) * point.x - sin(angle) * point.y, sin(angle) * point.x + cos(angle) * point.y);
}

fn write(start: u32, values: vec4<f32>) {
    arena[start] = values.x;
    arena[start + 1u] = values.y;
    arena[start + 2u] = values.z;
    arena[start + 3u] = values.w;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let run = thread_of(group, groups, local);
    let o = p.operands;
    if run >= batch.runs {
        return;
    }
    let start = o.a + run * o.a_len;
    let line = landmark(start, p.right) - landmark(start, p.left);
    let angle = p.angle - atan2(line.y, line.x);
    // The box of the landmarks when the line between the two is level.
    var low = vec2(3.4028234e38);
    var high = vec2(-3.4028234e38);
    for (var i = 0u; i < p.count; i++) {
        let point = turned(landmark(start, u32(constants[p.subset + i])), angle);
        low = min(low, point);
        high = max(high, point);
    }
    let center = turned((low + high) / 2.0, -angle);
    let size = vec2(p.width, p.height);
    let scale = vec2(p.scale_x, p.scale_y) * (high - low) / size;
    let x = vec2(cos(angle) * scale.x, sin(angle) * scale.y);
    let y = vec2(-sin(angle) * scale.x, cos(angle) * scale.y);
    let to = o.out + run * o.out_len;
    write(to, vec4(x, 0.0, center.x - dot(x, size) / 2.0));
    write(to + p.to_row, vec4(y, 0.0, center.y - dot(y, size) / 2.0));
    write(to + 2u * p.to_row, vec4(0.0, 0.0, 1.0, 0.0));
    write(to + 3u * p.to_row, vec4(0.0, 0.0, 0.0, 1.0));
}
