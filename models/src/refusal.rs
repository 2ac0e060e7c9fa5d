//! Why a model is refused at the start.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a model is refused, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code}: {detail}")]
pub struct Refusal {
    /// Stable code.
    pub code: Code,
    /// The same for people.
    pub detail: String,
}

impl Refusal {
    /// A refusal with this code and explanation.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Stable code of a [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The manifest is not TOML, has an unknown key or a value that is not allowed.
    BadManifest,
    /// The manifest names no licence.
    Unlicensed,
    /// The model file is larger than allowed.
    TooLarge,
    /// The model file is not ONNX, or is torn.
    NotOnnx,
    /// The model keeps weights in another file.
    ExternalData,
    /// The model uses an operator, or an attribute of one, that the runtime does not have.
    UnsupportedOperator,
    /// The operators of the model do not fit together.
    BadGraph,
    /// The model has no input, or several, or one of another type than 32-bit floats.
    WrongInput,
    /// The input or output of the model has another shape than its manifest says.
    WrongShape,
    /// The model has no output of that name, several where none is named, or one of another type than 32-bit floats.
    WrongOutput,
    /// The model stopped with an error when it heard a tone.
    Failed,
    /// The model said NaN, infinity or a number beyond all measure when it heard a tone.
    NotFinite,
    /// The model gave shares of classes outside of 0 to 1 when it heard a tone.
    OutOfRange,
}

impl Code {
    /// The code as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadManifest => "bad_manifest",
            Self::Unlicensed => "unlicensed",
            Self::TooLarge => "too_large",
            Self::NotOnnx => "not_onnx",
            Self::ExternalData => "external_data",
            Self::UnsupportedOperator => "unsupported_operator",
            Self::BadGraph => "bad_graph",
            Self::WrongInput => "wrong_input",
            Self::WrongShape => "wrong_shape",
            Self::WrongOutput => "wrong_output",
            Self::Failed => "failed",
            Self::NotFinite => "not_finite",
            Self::OutOfRange => "out_of_range",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
