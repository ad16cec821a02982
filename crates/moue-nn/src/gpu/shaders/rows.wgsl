// Functions of whole rows of channels, a softmax or a division by the length: a thread computes a row.

struct Parameters {
    operands: Operands,
    // 0 for a softmax, 1 for L2 normalization.
    function: u32,
    channels: u32,
    // Floats from one row to the next.
    row: u32,
    beta: f32,
    low: f32,
    high: f32,
    unused_0: u32,
    unused_1: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;

fn softmax(origin: u32, to: u32) {
    // Without the largest value taken off, `exp` would overflow.
    var largest = arena[origin];
    for (var i = 1u; i < p.channels; i++) {
        largest = max(largest, arena[origin + i]);
    }
    var sum = 0.0;
    for (var i = 0u; i < p.channels; i++) {
        let value = exp((arena[origin + i] - largest) * p.beta);
        arena[to + i] = value;
        sum += value;
    }
    for (var i = 0u; i < p.channels; i++) {
        arena[to + i] /= sum;
    }
}

fn normalize_l2(origin: u32, to: u32) {
    var sum = 0.0;
    for (var i = 0u; i < p.channels; i++) {
        sum += arena[origin + i] * arena[origin + i];
    }
    // TFLite's lower bound, so that a row of zeros stays one.
    let length = max(sqrt(sum), 1e-6);
    for (var i = 0u; i < p.channels; i++) {
        arena[to + i] = clamp(arena[origin + i] / length, p.low, p.high);
    }
}

fn compute(o: Operands, run: u32, item: u32) {
    let row = item * p.row;
    let origin = o.a + run * o.a_len + row;
    let to = o.out + run * o.out_len + row;
    if p.function == 0u {
        softmax(origin, to);
    } else {
        normalize_l2(origin, to);
    }
}
