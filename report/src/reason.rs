//! Why a value is `null`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a value is `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The recording holds no sound above the absolute gate.
    Silence,
    /// The recording is shorter than the estimate needs.
    TooShort,
    /// There are sounds, but no periodic pulse among them.
    NoPulse,
    /// There are beats, but none of them stands out as the first of a bar.
    NoMeter,
    /// There are sounds, but no pitch classes stand out.
    NoPitch,
    /// The sound is noise-like: flat spectrum without onsets or pitch.
    Noise,
    /// The channels cancel each other in their mean, which is what all but the loudness listens to.
    OutOfPhase,
    /// There are sounds, but no speech among them.
    NoSpeech,
    /// It is speech, and this is about music.
    Speech,
    /// The estimate lies in the middle, where it says nothing.
    Undecided,
}

impl From<dsp::Reason> for Reason {
    fn from(reason: dsp::Reason) -> Self {
        match reason {
            dsp::Reason::Silence => Self::Silence,
            dsp::Reason::TooShort => Self::TooShort,
            dsp::Reason::NoPulse => Self::NoPulse,
            dsp::Reason::NoMeter => Self::NoMeter,
            dsp::Reason::NoPitch => Self::NoPitch,
            dsp::Reason::Noise => Self::Noise,
            dsp::Reason::OutOfPhase => Self::OutOfPhase,
            dsp::Reason::NoSpeech => Self::NoSpeech,
            dsp::Reason::Speech => Self::Speech,
        }
    }
}

/// The known value and the reason for an unknown one, of which exactly one is there.
pub(crate) fn split<T>(estimate: &dsp::Estimate<T>) -> (Option<&T>, Option<Reason>) {
    match estimate {
        Ok(value) => (Some(value), None),
        Err(reason) => (None, Some((*reason).into())),
    }
}
