//! Numbers of TFLite's schema (`tensorflow/compiler/mlir/lite/schema/schema.fbs`): which field of a
//! table is which. The fields of an operator's options are beside the operator, in `ops`.

/// What a `.tflite` file has at byte 4.
pub(super) const FILE_IDENTIFIER: &[u8; 4] = b"TFL3";

/// Fields of `Model`, the root table.
pub(super) mod model {
    pub(in crate::tflite) const OPERATOR_CODES: usize = 1;
    pub(in crate::tflite) const SUBGRAPHS: usize = 2;
    pub(in crate::tflite) const DESCRIPTION: usize = 3;
    pub(in crate::tflite) const BUFFERS: usize = 4;
}

/// Fields of `OperatorCode`.
pub(super) mod operator_code {
    /// A byte; files from before there were more than 127 operators have only this one.
    pub(in crate::tflite) const DEPRECATED_BUILTIN_CODE: usize = 0;
    pub(in crate::tflite) const CUSTOM_CODE: usize = 1;
    pub(in crate::tflite) const BUILTIN_CODE: usize = 3;
}

/// Fields of `SubGraph`.
pub(super) mod subgraph {
    pub(in crate::tflite) const TENSORS: usize = 0;
    pub(in crate::tflite) const INPUTS: usize = 1;
    pub(in crate::tflite) const OUTPUTS: usize = 2;
    pub(in crate::tflite) const OPERATORS: usize = 3;
}

/// Fields of `Tensor`.
pub(super) mod tensor {
    pub(in crate::tflite) const SHAPE: usize = 0;
    pub(in crate::tflite) const TYPE: usize = 1;
    pub(in crate::tflite) const BUFFER: usize = 2;
    pub(in crate::tflite) const NAME: usize = 3;
    pub(in crate::tflite) const QUANTIZATION: usize = 4;
    pub(in crate::tflite) const SPARSITY: usize = 6;
}

/// Values of `TensorType`.
pub(super) mod tensor_type {
    pub(in crate::tflite) const FLOAT32: u8 = 0;
    pub(in crate::tflite) const FLOAT16: u8 = 1;
    pub(in crate::tflite) const INT32: u8 = 2;
    pub(in crate::tflite) const INT8: u8 = 9;
}

/// Fields of `QuantizationParameters`.
pub(super) mod quantization {
    pub(in crate::tflite) const SCALE: usize = 2;
    pub(in crate::tflite) const ZERO_POINT: usize = 3;
    pub(in crate::tflite) const QUANTIZED_DIMENSION: usize = 6;
}

/// Fields of `SparsityParameters`.
pub(super) mod sparsity {
    pub(in crate::tflite) const TRAVERSAL_ORDER: usize = 0;
    pub(in crate::tflite) const BLOCK_MAP: usize = 1;
    pub(in crate::tflite) const DIM_METADATA: usize = 2;
}

/// Fields of `DimensionMetadata`. A union takes two fields: its type, then its value.
pub(super) mod dimension_metadata {
    pub(in crate::tflite) const FORMAT: usize = 0;
    pub(in crate::tflite) const DENSE_SIZE: usize = 1;
    pub(in crate::tflite) const SEGMENTS_TYPE: usize = 2;
    pub(in crate::tflite) const SEGMENTS: usize = 3;
    pub(in crate::tflite) const INDICES_TYPE: usize = 4;
    pub(in crate::tflite) const INDICES: usize = 5;
    /// The value of `DimensionType` for a dimension whose positions are all stored.
    pub(in crate::tflite) const DENSE: u8 = 0;
}

/// Values of the union `SparseIndexVector`, and the one field of its tables.
pub(super) mod index_vector {
    pub(in crate::tflite) const NONE: u8 = 0;
    pub(in crate::tflite) const INT32: u8 = 1;
    pub(in crate::tflite) const UINT16: u8 = 2;
    pub(in crate::tflite) const UINT8: u8 = 3;
    pub(in crate::tflite) const VALUES: usize = 0;
}

/// Fields of `Buffer`.
pub(super) mod buffer {
    pub(in crate::tflite) const DATA: usize = 0;
}

/// Fields of `Operator`.
pub(super) mod operator {
    pub(in crate::tflite) const OPCODE_INDEX: usize = 0;
    pub(in crate::tflite) const INPUTS: usize = 1;
    pub(in crate::tflite) const OUTPUTS: usize = 2;
    pub(in crate::tflite) const BUILTIN_OPTIONS: usize = 4;
    pub(in crate::tflite) const CUSTOM_OPTIONS: usize = 5;
}

/// Values of `Padding`.
pub(super) mod padding {
    pub(in crate::tflite) const SAME: u8 = 0;
    pub(in crate::tflite) const VALID: u8 = 1;
}

/// Values of `ActivationFunctionType`.
pub(super) mod activation {
    pub(in crate::tflite) const NONE: u8 = 0;
    pub(in crate::tflite) const RELU: u8 = 1;
    pub(in crate::tflite) const RELU_N1_TO_1: u8 = 2;
    pub(in crate::tflite) const RELU6: u8 = 3;
}
