//! The ways in which two recordings can agree.

use std::fmt;

/// One way in which two recordings can agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// Beats per minute, octaves and triplets allowed for.
    Tempo,
    /// Neighbourhood of the keys, or of the pitch classes where no key stands out.
    Key,
    /// Sound colour.
    Timbre,
    /// Pitch classes whatever the transposition.
    Harmony,
    /// What happens within a beat.
    Rhythm,
    /// How much is going on, and how loud.
    Energy,
    /// Valence, arousal and tension.
    Emotion,
    /// Nearness to a model that the operator brought.
    Embedding,
    /// Words that people gave.
    Tags,
}

impl Facet {
    /// All facets, in the order in which sums are taken.
    pub const ALL: [Self; N_FACETS] = [
        Self::Tempo,
        Self::Key,
        Self::Timbre,
        Self::Harmony,
        Self::Rhythm,
        Self::Energy,
        Self::Emotion,
        Self::Embedding,
        Self::Tags,
    ];

    /// Name in records.
    pub fn as_str(self) -> &'static str {
        ["tempo", "key", "timbre", "harmony", "rhythm", "energy", "emotion", "embedding", "tags"]
            [self as usize]
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Number of facets.
pub(crate) const N_FACETS: usize = 9;

/// Number of facets that come from the descriptor; the last two come from beside it.
pub(crate) const N_MEASURED: usize = N_FACETS - 2;
