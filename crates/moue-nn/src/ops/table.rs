//! The table of operators: what the parser knows of each.

use super::op::{BoxedOp, Read};
use super::{
    binary, concat, conv, custom, densify, depth_to_space, depthwise, fully_connected,
    l2_normalize, mediapipe, pad, pool, prelu, quantize, reduce, reshape, resize, reverse, softmax,
    split, strided_slice, transpose_conv, unary,
};
use crate::custom::Operators;
use crate::tflite::{OptionResult, Options, RawOperator, unsupported};

/// An operator of TFLite's schema.
struct Entry {
    /// Its number in the schema's `BuiltinOperator`.
    code: i32,
    /// Its name there, for messages.
    name: &'static str,
    /// Reads its options.
    read: fn(&Options<'_>) -> Read,
}

const fn entry(code: i32, name: &'static str, read: fn(&Options<'_>) -> Read) -> Entry {
    Entry { code, name, read }
}

/// All operators that run, by code, and some that are known by name alone, for messages.
const OPERATORS: &[Entry] = &[
    entry(0, "ADD", binary::read_add),
    entry(1, "AVERAGE_POOL_2D", pool::read_average),
    entry(2, "CONCATENATION", concat::read),
    entry(3, "CONV_2D", conv::read),
    entry(4, "DEPTHWISE_CONV_2D", depthwise::read),
    entry(5, "DEPTH_TO_SPACE", depth_to_space::read),
    entry(6, "DEQUANTIZE", quantize::read_dequantize),
    entry(9, "FULLY_CONNECTED", fully_connected::read),
    entry(11, "L2_NORMALIZATION", l2_normalize::read),
    entry(14, "LOGISTIC", unary::read_logistic),
    entry(17, "MAX_POOL_2D", pool::read_max),
    entry(18, "MUL", binary::read_mul),
    entry(19, "RELU", unary::read_relu),
    entry(20, "RELU_N1_TO_1", unary::read_relu_n1_to_1),
    entry(21, "RELU6", unary::read_relu6),
    entry(22, "RESHAPE", reshape::read),
    entry(23, "RESIZE_BILINEAR", resize::read),
    entry(25, "SOFTMAX", softmax::read),
    entry(28, "TANH", unary::read_tanh),
    entry(34, "PAD", pad::read),
    entry(36, "GATHER", missing),
    entry(39, "TRANSPOSE", missing),
    entry(40, "MEAN", reduce::read_mean),
    entry(41, "SUB", binary::read_sub),
    entry(42, "DIV", binary::read_div),
    entry(43, "SQUEEZE", reshape::read),
    entry(45, "STRIDED_SLICE", strided_slice::read),
    entry(49, "SPLIT", split::read),
    entry(54, "PRELU", prelu::read),
    entry(55, "MAXIMUM", binary::read_maximum),
    entry(57, "MINIMUM", binary::read_minimum),
    entry(59, "NEG", unary::read_neg),
    entry(60, "PADV2", missing),
    entry(65, "SLICE", missing),
    entry(67, "TRANSPOSE_CONV", transpose_conv::read),
    entry(70, "EXPAND_DIMS", missing),
    entry(74, "SUM", reduce::read_sum),
    entry(75, "SQRT", unary::read_sqrt),
    entry(76, "RSQRT", unary::read_rsqrt),
    entry(83, "PACK", missing),
    entry(97, "RESIZE_NEAREST_NEIGHBOR", missing),
    entry(98, "LEAKY_RELU", missing),
    entry(99, "SQUARED_DIFFERENCE", binary::read_squared_difference),
    entry(105, "REVERSE_V2", reverse::read),
    entry(114, "QUANTIZE", quantize::read_quantize),
    entry(117, "HARD_SWISH", unary::read_hard_swish),
    entry(124, "DENSIFY", densify::read),
];

/// The code of operators that files know by name.
const CUSTOM: i32 = 32;

/// Characters of a custom operator's name that messages show.
const MAX_NAME: usize = 64;

fn missing(_: &Options<'_>) -> Read {
    unsupported("this runtime does not have it")
}

/// The name of an operator of a file, for messages, and the operator itself; `operators` are the
/// caller's own.
pub(crate) fn read(
    raw: &RawOperator<'_>,
    operators: &Operators,
) -> (String, OptionResult<BoxedOp>) {
    if raw.code == CUSTOM {
        // Each node keeps its operator's name for messages, and a file may have a long one.
        let shown: String = raw.custom_name.chars().take(MAX_NAME).collect();
        let name = format!("CUSTOM({shown})");
        // The caller's own operators go before those of this runtime.
        let own = operators.get(raw.custom_name).is_some();
        let known = (!own).then(|| mediapipe::read(raw.custom_name, raw.custom_options));
        let read = known.flatten();
        return (name, read.unwrap_or_else(|| custom::read(raw, operators)));
    }
    match OPERATORS.iter().find(|entry| entry.code == raw.code) {
        Some(entry) => (entry.name.to_owned(), (entry.read)(&raw.options)),
        None => (
            format!("with builtin code {}", raw.code),
            missing(&raw.options),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::OPERATORS;

    #[test]
    fn codes_are_in_order_and_occur_once() {
        assert!(OPERATORS.is_sorted_by(|a, b| a.code < b.code));
    }
}
