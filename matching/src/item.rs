//! What is compared.

use crate::{Descriptor, Embedding};

/// A descriptor and what is known beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Facts of the recording.
    pub descriptor: Descriptor,
    /// Where a model of the operator puts it, if one does.
    pub embedding: Option<Embedding>,
    /// Words that people gave; order and repetition do not matter.
    pub tags: Vec<String>,
}
