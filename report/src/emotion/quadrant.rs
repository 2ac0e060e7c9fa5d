//! Where valence and arousal lie.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Radius of the disc around the origin of valence and arousal that counts as neutral.
///
/// Smaller than the error of either dimension, so a point inside has no direction worth naming.
pub const NEUTRAL_RADIUS: f64 = 0.12;

/// Quadrant of the valence-arousal plane, in words that describe the sound and not a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// Arousal and valence at least 0: joyful, triumphant.
    ExcitedPositive,
    /// Arousal at least 0, valence below: angry, fearful.
    ExcitedNegative,
    /// Arousal and valence below 0: sad, gloomy.
    CalmNegative,
    /// Arousal below 0, valence at least 0: serene, tender.
    CalmPositive,
    /// Within [`NEUTRAL_RADIUS`] of the origin.
    Neutral,
}

impl std::fmt::Display for Quadrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ExcitedPositive => "excited_positive",
            Self::ExcitedNegative => "excited_negative",
            Self::CalmNegative => "calm_negative",
            Self::CalmPositive => "calm_positive",
            Self::Neutral => "neutral",
        })
    }
}

impl Quadrant {
    /// The quadrant of a point; the axes belong to the positive side.
    pub fn of(valence: f64, arousal: f64) -> Self {
        if valence.hypot(arousal) <= NEUTRAL_RADIUS {
            return Self::Neutral;
        }
        match (arousal >= 0.0, valence >= 0.0) {
            (true, true) => Self::ExcitedPositive,
            (true, false) => Self::ExcitedNegative,
            (false, false) => Self::CalmNegative,
            (false, true) => Self::CalmPositive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quadrants_meet_at_a_neutral_disc() {
        assert_eq!(Quadrant::of(0.0, 0.0), Quadrant::Neutral);
        assert_eq!(Quadrant::of(0.12, 0.0), Quadrant::Neutral);
        assert_eq!(Quadrant::of(0.09, -0.09), Quadrant::CalmPositive);
        assert_eq!(Quadrant::of(0.121, 0.0), Quadrant::ExcitedPositive);
        assert_eq!(Quadrant::of(-0.5, 0.5), Quadrant::ExcitedNegative);
        assert_eq!(Quadrant::of(-0.5, -0.5), Quadrant::CalmNegative);
    }
}
