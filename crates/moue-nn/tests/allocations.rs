//! A run must not allocate: it is called for each frame of a camera.

use moue_nn::Model;

#[test]
fn running_allocates_nothing() {
    for name in ["face", "expression", "face_int8"] {
        let path = format!(
            "{}/../moue/models/{name}.tflite",
            env!("CARGO_MANIFEST_DIR")
        );
        let model = Model::load(&std::fs::read(path).unwrap()).unwrap();
        let mut session = model.session();
        let input = vec![0.25; model.inputs()[0].shape.iter().product()];
        session.run(&[&input]).unwrap();
        let counted = allocation_counter::measure(|| session.run(&[&input]).unwrap());
        assert_eq!(counted.count_total, 0, "{name}");
    }
}
