//! What a model says: `[output]`.

use serde::{Deserialize, Serialize};

use super::{bad, text, within};
use crate::Refusal;

/// Most numbers that a model may say of a window.
const MAX_VALUES: usize = 4096;

/// What a model says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// What the numbers are.
    pub kind: Kind,
    /// Name of the output in the ONNX file; need not be given where there is only one.
    pub name: Option<String>,
    /// Names of the numbers, in their order: for regression and classes.
    #[serde(default)]
    pub names: Vec<String>,
    /// How many numbers: for an embedding.
    pub size: Option<usize>,
}

/// What the numbers of a model are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A point in a space in which near means alike.
    Embedding,
    /// Named quantities.
    Regression,
    /// Named classes, each with a share from 0 to 1.
    Classes,
}

impl Output {
    /// Numbers that the model says of a window.
    pub fn n_values(&self) -> usize {
        self.size.unwrap_or(self.names.len())
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        if let Some(name) = &self.name {
            text("output.name", name, 256)?;
        }
        match (self.kind, self.size) {
            (Kind::Embedding, Some(size)) => {
                within("output.size", size, 1, MAX_VALUES)?;
                if !self.names.is_empty() {
                    return Err(bad("output.names: an embedding has none"));
                }
            }
            (Kind::Embedding, None) => return Err(bad("output.size: an embedding needs it")),
            (_, Some(_)) => {
                return Err(bad("output.size: only for an embedding; others have names"));
            }
            (_, None) => {
                within("output.names: their number", self.names.len(), 1, MAX_VALUES)?;
                for name in &self.names {
                    text("output.names", name, 64)?;
                }
                let mut sorted: Vec<&String> = self.names.iter().collect();
                sorted.sort_unstable();
                if let Some([name, ..]) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
                    return Err(bad(format!("output.names: {name} is there twice")));
                }
            }
        }
        Ok(())
    }
}
