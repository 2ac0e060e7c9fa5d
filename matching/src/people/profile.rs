//! What is known of a person.

use super::{Availability, Place, Taste};

/// Whether a wish must hold or should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Without it the score is lower.
    Soft,
    /// Without it the two are not offered to each other.
    Hard,
}

/// The words that a person gave, by what they say.
///
/// In lower case; order and repetition do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Instruments that the person plays.
    pub plays: Vec<String>,
    /// Instruments that the person looks for.
    pub seeks: Vec<String>,
    /// Genres that the person likes.
    pub genres: Vec<String>,
    /// Who the person learnt from.
    pub influences: Vec<String>,
    /// What the person does not want.
    pub dislikes: Vec<String>,
}

/// A person, ready to be compared.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The person; decides who is first of two.
    pub id: u128,
    /// What the recordings say; `None` when none counts.
    pub taste: Option<Taste>,
    /// What the person says.
    pub tags: Tags,
    /// Where the person is, and how far away others may be.
    pub place: Option<Place>,
    /// When the person has time.
    pub availability: Option<Availability>,
}
