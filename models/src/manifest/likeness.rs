//! How alike unrelated recordings are to a model: `[matching]`.

use serde::{Deserialize, Serialize};

use super::within;
use crate::Refusal;

/// How alike two recordings picked at random are to an embedding: with it, the embedding takes part in matching.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Likeness {
    /// Mean cosine of two recordings, −1 to 1.
    pub typical: f64,
    /// Standard deviation of those cosines, 0.0001 to 1.
    pub deviation: f64,
}

impl Likeness {
    pub(super) fn check(self) -> Result<(), Refusal> {
        within("matching.typical", self.typical, -1.0, 1.0)?;
        within("matching.deviation", self.deviation, 1e-4, 1.0)
    }
}
