//! Tensors by name, out of a safetensors file; each is taken once, and none may be left.

use super::{MOST_BYTES, NetworkError};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::BTreeMap;

/// Bytes the file's JSON header may take: some 100 tensors need a tenth.
const MOST_HEADER: u64 = 64 << 10;

pub(super) struct Tensors<'a> {
    by_name: BTreeMap<String, TensorView<'a>>,
}

/// A type that tensors may hold.
pub(super) trait Element: Sized {
    const DTYPE: Dtype;
    fn decode(bytes: &[u8]) -> Vec<Self>;
}

macro_rules! element {
    ($type:ty, $dtype:ident) => {
        impl Element for $type {
            const DTYPE: Dtype = Dtype::$dtype;
            fn decode(bytes: &[u8]) -> Vec<Self> {
                bytes.as_chunks().0.iter().map(|bytes| <$type>::from_le_bytes(*bytes)).collect()
            }
        }
    };
}

element!(i8, I8);
element!(i32, I32);
element!(i64, I64);
element!(f32, F32);

impl<'a> Tensors<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Tensors<'a>, NetworkError> {
        if bytes.len() > MOST_BYTES {
            return Err(NetworkError::TooLarge(bytes.len()));
        }
        let tensors = read(bytes).map_err(NetworkError::Damaged)?;
        Ok(Tensors { by_name: tensors.tensors().into_iter().collect() })
    }

    /// The tensor `LAYER.WHAT`, which must have this shape and the element's type.
    pub(super) fn take<T: Element>(
        &mut self,
        layer: &str,
        what: &str,
        shape: &[usize],
    ) -> Result<Vec<T>, NetworkError> {
        let name = format!("{layer}.{what}");
        let Some(tensor) = self.by_name.remove(&name) else {
            return Err(NetworkError::MissingTensor(name));
        };
        if tensor.dtype() != T::DTYPE || tensor.shape() != shape {
            let given = format!("{} {:?}", tensor.dtype(), tensor.shape());
            return Err(NetworkError::TensorShape { name, given, needed: format!("{} {shape:?}", T::DTYPE) });
        }
        Ok(T::decode(tensor.data()))
    }

    pub(super) fn none_is_left(&self) -> Result<(), NetworkError> {
        match self.by_name.keys().next() {
            Some(name) => Err(NetworkError::ExtraTensor(name.chars().take(40).collect())),
            None => Ok(()),
        }
    }
}

/// The header's length is bounded before it is parsed; the parser checks that the tensors fill the file exactly.
pub(crate) fn read(bytes: &[u8]) -> Result<SafeTensors<'_>, String> {
    let header = bytes.first_chunk().map(|length| u64::from_le_bytes(*length));
    match header {
        None => return Err("shorter than its header".to_owned()),
        Some(length) if length > MOST_HEADER => return Err(format!("a header of {length} bytes")),
        Some(_) => {}
    }
    SafeTensors::deserialize(bytes)
        .map_err(|error| error.to_string().lines().next().unwrap_or_default().chars().take(120).collect())
}
