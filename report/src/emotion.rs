//! `emotion`: valence, arousal and tension, and the quadrant they fall in.

use crate::{Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Radius of the disc around the origin of valence and arousal that counts as neutral.
///
/// Smaller than the error of either dimension, so a point inside has no direction worth naming.
pub const NEUTRAL_RADIUS: f64 = 0.12;

/// Emotion that listeners are likely to hear in the music; not what a person feels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Emotion {
    /// What made the values, with its version, for example "rule/1".
    pub method: Option<String>,
    /// Unpleasant (-1) to pleasant (1).
    pub valence: Dimension,
    /// Calm (-1) to excited (1).
    pub arousal: Dimension,
    /// Relaxed (-1) to tense (1).
    pub tension: Dimension,
    /// Where (valence, arousal) lies.
    pub quadrant: Option<Quadrant>,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

/// One dimension of emotion.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dimension {
    /// -1 to 1, 3 decimals.
    pub value: Option<f64>,
    /// 0 to 1, 3 decimals.
    pub confidence: Option<f64>,
    /// What made the value, largest first; empty when unknown.
    pub contributions: Vec<Contribution>,
}

/// What one feature added to a dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// Stable snake-case name of the feature.
    pub feature: String,
    /// Signed share of the value, 3 decimals.
    pub amount: f64,
}

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

impl From<&dsp::Estimate<dsp::Emotion>> for Emotion {
    fn from(estimate: &dsp::Estimate<dsp::Emotion>) -> Self {
        let (emotion, reason) = split(estimate);
        let valence = emotion.map(|e| dimension(&e.valence)).unwrap_or_default();
        let arousal = emotion.map(|e| dimension(&e.arousal)).unwrap_or_default();
        Self {
            method: emotion.map(|e| e.method.to_owned()),
            // From the rounded values, so that a reader of the report comes to the same answer.
            quadrant: valence.value.zip(arousal.value).map(|(v, a)| Quadrant::of(v, a)),
            tension: emotion.map(|e| dimension(&e.tension)).unwrap_or_default(),
            valence,
            arousal,
            reason,
        }
    }
}

fn dimension(dimension: &dsp::Dimension) -> Dimension {
    let contribution = |c: &dsp::Contribution| {
        Some(Contribution { feature: c.feature.to_owned(), amount: rounded(c.amount, 3)? })
    };
    Dimension {
        value: rounded(dimension.value, 3),
        confidence: rounded(dimension.confidence, 3),
        contributions: dimension.contributions.iter().filter_map(contribution).collect(),
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
