//! Reads the options of an operator, field by field.

use super::flatbuffer::Table;
use super::schema::{activation, padding};
use crate::error::Error;
use crate::graph::{Clamp, Window};

/// Largest size, stride or dilation that is read as it is. No activation is that long, so that
/// larger ones, which a hostile file may state, mean the same and cannot overflow later.
const MAX_SIZE: usize = 1 << 16;

/// Why options were not read.
#[derive(Debug)]
pub(crate) enum OptionError {
    /// The file is damaged there.
    Damaged(Error),
    /// They ask for what this runtime does not have.
    Unsupported(String),
}

impl From<Error> for OptionError {
    fn from(error: Error) -> Self {
        Self::Damaged(error)
    }
}

/// Options as the file has them, or what keeps an operator from running.
pub(crate) type OptionResult<T> = Result<T, OptionError>;

/// The options of one operator. Fields that the file leaves out have the schema's defaults.
#[derive(Clone, Copy)]
pub(crate) struct Options<'a>(pub(super) Option<Table<'a>>);

/// Field numbers of a sliding window in an options table.
#[derive(Clone, Copy)]
pub(crate) struct WindowFields {
    pub(crate) padding: usize,
    pub(crate) stride_w: usize,
    pub(crate) stride_h: usize,
    /// Width and height; pooling windows have none.
    pub(crate) dilation: Option<[usize; 2]>,
}

impl Options<'_> {
    pub(crate) fn u8(&self, field: usize) -> OptionResult<u8> {
        Ok(self.0.map_or(Ok(0), |table| table.u8(field, 0))?)
    }

    pub(crate) fn bool(&self, field: usize) -> OptionResult<bool> {
        Ok(self.u8(field)? != 0)
    }

    pub(crate) fn i32(&self, field: usize) -> OptionResult<i32> {
        Ok(self.0.map_or(Ok(0), |table| table.i32(field, 0))?)
    }

    pub(crate) fn f32(&self, field: usize) -> OptionResult<f32> {
        Ok(f32::from_bits(self.i32(field)?.cast_unsigned()))
    }

    /// A count or a size in pixels; 0 where the file states a negative one.
    pub(crate) fn size(&self, field: usize, default: i32) -> OptionResult<usize> {
        let stated = self
            .0
            .map_or(Ok(default), |table| table.i32(field, default))?;
        Ok(usize::try_from(stated).unwrap_or(0).min(MAX_SIZE))
    }

    /// The fused activation function, as the clamp that it is.
    pub(crate) fn clamp(&self, field: usize) -> OptionResult<Clamp> {
        match self.u8(field)? {
            activation::NONE => Ok(Clamp::NONE),
            activation::RELU => Ok(Clamp::RELU),
            activation::RELU_N1_TO_1 => Ok(Clamp::RELU_N1_TO_1),
            activation::RELU6 => Ok(Clamp::RELU6),
            other => unsupported(format!("fused activation {other}")),
        }
    }

    /// Padding, strides and dilations of a sliding window.
    pub(crate) fn window(&self, fields: WindowFields) -> OptionResult<Window> {
        if self.0.is_none() {
            return unsupported("has no options");
        }
        let padding = self.u8(fields.padding)?;
        let stride = [
            self.size(fields.stride_h, 0)?,
            self.size(fields.stride_w, 0)?,
        ];
        let dilation = match fields.dilation {
            Some([width, height]) => [self.size(height, 1)?, self.size(width, 1)?],
            None => [1, 1],
        };
        if padding > padding::VALID || stride.contains(&0) || dilation.contains(&0) {
            return unsupported(format!(
                "padding {padding}, stride {stride:?}, dilation {dilation:?}"
            ));
        }
        Ok(Window {
            same: padding == padding::SAME,
            stride,
            dilation,
        })
    }
}

pub(crate) fn unsupported<T>(reason: impl Into<String>) -> OptionResult<T> {
    Err(OptionError::Unsupported(reason.into()))
}
