//! `voice`: speech, music and noise over time, and the voice of what is speech.

use crate::{Dimension, EmotionFeature, Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where there is speech, music or noise, and how the speech sounds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Voice {
    /// Share of what sounds that is speech, 0 to 1, 3 decimals.
    pub speech_share: Option<f64>,
    /// They tile what sounds; what lies between them is silence. Empty when unknown.
    pub ranges: Vec<SoundRange>,
    /// Speech that was listened to, seconds, short pauses included, 2 decimals.
    pub speech_s: Option<f64>,
    /// Share of that with a voiced sound, 0 to 1, 3 decimals.
    pub voiced_share: Option<f64>,
    /// How excited the speech sounds, calm (-1) to excited (1).
    pub arousal: Dimension,
    /// The 88 numbers of the extended Geneva minimalistic set; unknown ones are left out. Empty when there is no speech.
    pub features: Vec<EmotionFeature>,
    /// Why what is about the speech is `null` or empty though the ranges are known.
    pub speech_reason: Option<Reason>,
    /// Why the above is `null` or empty.
    pub reason: Option<Reason>,
}

/// A stretch of one kind of sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SoundRange {
    /// Start, seconds, 2 decimals.
    pub start_s: f64,
    /// End, seconds, 2 decimals.
    pub end_s: f64,
    /// What is heard there.
    pub kind: SoundKind,
    /// Mean probability of the kind, 0 to 1, 3 decimals.
    pub confidence: f64,
}

/// What a sound is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SoundKind {
    /// One or more voices that speak.
    Speech,
    /// Music, singing included.
    Music,
    /// Steady noise.
    Noise,
}

impl From<&dsp::Estimate<dsp::Voice>> for Voice {
    fn from(estimate: &dsp::Estimate<dsp::Voice>) -> Self {
        let (voice, reason) = split(estimate);
        let (speech, no_speech) = voice.map_or((None, None), |voice| split(&voice.speech));
        let (arousal, no_arousal) = speech.map_or((None, None), |speech| split(&speech.arousal));
        let features = speech.map(|speech| speech.features.iter()).unwrap_or_default();
        Self {
            speech_share: voice.and_then(|voice| rounded(voice.speech_share, 3)),
            ranges: voice
                .map(|voice| voice.ranges.iter().filter_map(range).collect())
                .unwrap_or_default(),
            speech_s: speech.and_then(|speech| rounded(speech.duration_s, 2)),
            voiced_share: speech.and_then(|speech| rounded(speech.voiced_share, 3)),
            arousal: arousal.map(Into::into).unwrap_or_default(),
            features: features
                .filter_map(|&(feature, value)| {
                    let value = rounded(value, 5)?;
                    Some(EmotionFeature { feature: feature.to_owned(), value })
                })
                .collect(),
            speech_reason: no_speech.or(no_arousal),
            reason,
        }
    }
}

fn range(range: &dsp::SoundRange) -> Option<SoundRange> {
    Some(SoundRange {
        start_s: rounded(range.start_s, 2)?,
        end_s: rounded(range.end_s, 2)?,
        kind: match range.kind {
            dsp::SoundKind::Speech => SoundKind::Speech,
            dsp::SoundKind::Music => SoundKind::Music,
            dsp::SoundKind::Noise => SoundKind::Noise,
        },
        confidence: rounded(range.confidence, 3)?,
    })
}
