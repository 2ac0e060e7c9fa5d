//! Tempo and pitch together, and in a sentence.

use super::{
    pitch::{Keys, PitchFit},
    tempo::{BeatRelation, TempoFit},
};
use crate::Descriptor;
use std::fmt;

/// Changes of tempo below this, in percent, are nothing that anybody would set.
const NO_PERCENT: f64 = 0.05;

/// Why there is no advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixUnknown {
    /// One of the two has no tempo.
    NoTempo,
    /// One of the two has no key.
    NoKey,
    /// The two were analysed by different versions.
    OtherAnalysis,
}

impl MixUnknown {
    /// Code of the reason.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoTempo => "no_tempo",
            Self::NoKey => "no_key",
            Self::OtherAnalysis => "other_analysis",
        }
    }
}

impl fmt::Display for MixUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How to play a recording b into a recording a.
#[derive(Debug, Clone, PartialEq)]
pub struct MixAdvice {
    /// How their beats are brought together.
    pub tempo: Result<TempoFit, MixUnknown>,
    /// How b is transposed, where its pitch does not depend on its tempo.
    pub key_lock: Result<PitchFit, MixUnknown>,
    /// What becomes of b's key, where the pitch moves with the tempo.
    pub varispeed: Result<PitchFit, MixUnknown>,
}

/// How to play `b` into `a`.
pub fn mix_advice(a: &Descriptor, b: &Descriptor) -> MixAdvice {
    if a.analysis_version() != b.analysis_version() {
        let unknown = MixUnknown::OtherAnalysis;
        return MixAdvice { tempo: Err(unknown), key_lock: Err(unknown), varispeed: Err(unknown) };
    }
    let tempo = TempoFit::new(a, b).ok_or(MixUnknown::NoTempo);
    let keys = Keys::new(a, b).ok_or(MixUnknown::NoKey);
    let varispeed = tempo.and_then(|tempo| Ok(keys?.at_ratio(tempo.b_ratio)));
    MixAdvice { tempo, key_lock: keys.map(Keys::with_key_lock), varispeed }
}

impl MixAdvice {
    /// The advice in one sentence, b being "the other".
    pub fn sentence(&self) -> String {
        let tempo = self.tempo.as_ref().map_or_else(|_| "tempo unknown".to_owned(), tempo_words);
        let key = self.key_lock.as_ref().map_or_else(|_| "key unknown".to_owned(), key_words);
        let mut letters = tempo.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).chain("; ".chars()).chain(key.chars()).chain(".".chars()).collect()
    }
}

/// "the other 1.6 % slower, at 124 BPM".
fn tempo_words(fit: &TempoFit) -> String {
    let percent = fit.b_percent();
    let direction = if percent < 0.0 { "slower" } else { "faster" };
    let beats = match fit.relation {
        BeatRelation::OneToOne => String::new(),
        relation => format!(", {relation} beats"),
    };
    let bpm = fit.b_heard_bpm();
    if percent.abs() < NO_PERCENT {
        format!("tempo as it is, {bpm:.1} BPM{beats}")
    } else if fit.is_in_reach() {
        format!("the other {:.1} % {direction}, at {bpm:.1} BPM{beats}", percent.abs())
    } else {
        format!("tempi out of reach, the other {:.1} % {direction}{beats}", percent.abs())
    }
}

/// "lowered by 1 semitone to A minor (8A)".
fn key_words(fit: &PitchFit) -> String {
    let PitchFit { b_semitones: by, heard_key, heard_camelot, .. } = fit;
    let direction = if *by < 0.0 { "lowered" } else { "raised" };
    let plural = if by.abs() < 1.5 { "" } else { "s" };
    match (fit.is_compatible, by.abs() < 0.5) {
        (true, true) => format!("keys go together as they are, {heard_key} ({heard_camelot})"),
        (true, false) => format!(
            "{direction} by {:.0} semitone{plural} to {heard_key} ({heard_camelot})",
            by.abs()
        ),
        (false, _) => "keys too far for two semitones".to_owned(),
    }
}
