// The arena as floats.
@group(0) @binding(1) var<storage, read> constants: array<f32>;
@group(0) @binding(2) var<storage, read_write> arena: array<f32>;
