//! Reads `.tflite` files.

pub(crate) mod flatbuffer;
