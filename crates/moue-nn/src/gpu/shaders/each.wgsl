// The entry of shaders that compute each item of a result by itself: a thread calls `compute` for one of them.

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
    compute(o, run, index % o.items);
}
