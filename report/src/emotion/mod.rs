//! `emotion`: what listeners are likely to hear in the music, and the quadrant it falls in.
//!
//! | module | gives |
//! | --- | --- |
//! | `dimension` | [`Dimension`]: one value and what made it |
//! | `quadrant` | [`Quadrant`]: where valence and arousal lie |

mod dimension;
mod quadrant;

pub use dimension::{Contribution, Dimension, Interval};
pub use quadrant::{NEUTRAL_RADIUS, Quadrant};

use crate::{Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Emotion that listeners are likely to hear in the music; not what a person feels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Emotion {
    /// What made the values, with versions, for example "rule/2, reference/2".
    pub method: Option<String>,
    /// Unpleasant (-1) to pleasant (1).
    pub valence: Dimension,
    /// Calm (-1) to excited (1).
    pub arousal: Dimension,
    /// Relaxed (-1) to tense (1).
    pub tension: Dimension,
    /// Where (valence, arousal) lies; `null` when it is unknown, `neutral` near the middle.
    pub quadrant: Option<Quadrant>,
    /// How much of each of five emotions is heard.
    #[serde(default)]
    pub concepts: Concepts,
    /// 0 to 1, 3 decimals; `null` in the middle, where it says nothing. Not validated.
    #[serde(default)]
    pub acousticness_hint: Option<f64>,
    /// 0 to 1, 3 decimals; `null` in the middle, where it says nothing. Not validated.
    #[serde(default)]
    pub instrumentalness_hint: Option<f64>,
    /// 0 to 1, 3 decimals; `null` in the middle, where it says nothing. Not validated.
    #[serde(default)]
    pub liveness_hint: Option<f64>,
    /// 0 to 1, 3 decimals; `null` in the middle, where it says nothing. Not validated.
    #[serde(default)]
    pub speechiness_hint: Option<f64>,
    /// Why a hint is `null` though the rest is known.
    #[serde(default)]
    pub hints_reason: Option<Reason>,
    /// What the values may be made of; unknown ones are left out. Empty when the emotion is unknown or the report is older.
    #[serde(default)]
    pub features: Vec<EmotionFeature>,
    /// Why the above is `null`.
    pub reason: Option<Reason>,
}

/// A feature as it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmotionFeature {
    /// Stable snake-case name.
    pub feature: String,
    /// Its value, 5 decimals; `docs/emotion.md` has the units.
    pub value: f64,
}

/// Intensities of five emotions, 0 to 1 each, a quarter for a typical recording. They do not exclude each other.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Concepts {
    /// Happy.
    pub happy: Dimension,
    /// Sad.
    pub sad: Dimension,
    /// Tender.
    pub tender: Dimension,
    /// Angry.
    pub anger: Dimension,
    /// Fearful.
    pub fear: Dimension,
}

impl Emotion {
    /// The emotion of an analysis, with the features that it is made of.
    pub(crate) fn new(analysis: &dsp::Analysis) -> Self {
        let mut emotion = Self::from(&analysis.emotion);
        if analysis.emotion.is_ok() {
            let features = dsp::emotion::features(analysis).into_iter();
            let written = features.filter_map(|(feature, value)| {
                Some(EmotionFeature { feature: feature.to_owned(), value: rounded(value, 5)? })
            });
            emotion.features = written.collect();
        }
        emotion
    }
}

impl From<&dsp::Concepts> for Concepts {
    fn from(concepts: &dsp::Concepts) -> Self {
        Self {
            happy: (&concepts.happy).into(),
            sad: (&concepts.sad).into(),
            tender: (&concepts.tender).into(),
            anger: (&concepts.anger).into(),
            fear: (&concepts.fear).into(),
        }
    }
}

impl From<&dsp::Estimate<dsp::Emotion>> for Emotion {
    fn from(estimate: &dsp::Estimate<dsp::Emotion>) -> Self {
        let (emotion, reason) = split(estimate);
        let hints = emotion.map(|e| e.hints).unwrap_or_default();
        let hint = |value: Option<f64>| value.and_then(|value| rounded(value, 3));
        let valence: Dimension = emotion.map(|e| (&e.valence).into()).unwrap_or_default();
        let arousal: Dimension = emotion.map(|e| (&e.arousal).into()).unwrap_or_default();
        Self {
            method: emotion.map(|e| e.method.name.clone().into_owned()),
            // From the rounded values, so that a reader of the report comes to the same answer.
            quadrant: valence.value.zip(arousal.value).map(|(v, a)| Quadrant::of(v, a)),
            tension: emotion.map(|e| (&e.tension).into()).unwrap_or_default(),
            valence,
            arousal,
            concepts: emotion.map(|e| (&e.concepts).into()).unwrap_or_default(),
            acousticness_hint: hint(hints.acousticness),
            instrumentalness_hint: hint(hints.instrumentalness),
            liveness_hint: hint(hints.liveness),
            speechiness_hint: hint(hints.speechiness),
            hints_reason: emotion.and_then(|_| hints_reason(&hints)),
            // Not part of the emotion but of the whole analysis; see `Report::new`.
            features: Vec::new(),
            reason,
        }
    }
}

/// Why a hint is unknown, if one is.
fn hints_reason(hints: &dsp::Hints) -> Option<Reason> {
    let dsp::Hints { acousticness, instrumentalness, liveness, speechiness } = hints;
    let all = [acousticness, instrumentalness, liveness, speechiness];
    all.into_iter().any(Option::is_none).then_some(Reason::Undecided)
}
