//! What is compared.

use crate::Descriptor;

/// A descriptor and the tags beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Facts of the recording.
    pub descriptor: Descriptor,
    /// Words that people gave; order and repetition do not matter.
    pub tags: Vec<String>,
}
