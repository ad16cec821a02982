// The arena as vectors of four channels; rows of channels are padded to eight.
@group(0) @binding(1) var<storage, read> constants: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> arena: array<vec4<f32>>;
