//! How to play one track into another, as JSON.

use matching::mix::{MixAdvice, MixUnknown, PitchFit, TempoFit};
use serde::Serialize;
use utoipa::ToSchema;

/// How the beats of two tracks are brought together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TempoFit)]
pub(crate) struct TempoBody {
    /// Tempo of `a`.
    #[schema(example = 124.0)]
    a_bpm: f64,
    /// Tempo of `b`.
    #[schema(example = 126.0)]
    b_bpm: f64,
    /// Beats of `a` to beats of `b`: `1:1`, `2:1`, `1:2`, `3:2` or `2:3`.
    #[schema(value_type = String, example = "1:1")]
    relation: &'static str,
    /// Speed of `b` while `a` runs as it is; 1 is unchanged.
    #[schema(example = 0.984)]
    b_ratio: f64,
    /// The same in percent.
    #[schema(example = -1.6)]
    b_percent: f64,
    /// Tempo of `b` then.
    #[schema(example = 124.0)]
    b_heard_bpm: f64,
    /// Change of `a` while `b` runs as it is, percent.
    #[schema(example = 1.6)]
    a_percent: f64,
    /// Tempo of `a` when both give way alike; that of `b` follows from the relation.
    #[schema(example = 125.0)]
    meet_bpm: f64,
    /// Change of `a` when both give way alike, percent.
    #[schema(example = 0.8)]
    meet_a_percent: f64,
    /// Change of `b` when both give way alike, percent.
    #[schema(example = -0.8)]
    meet_b_percent: f64,
    /// Whether `b` alone gets there within 8 %.
    in_reach: bool,
    /// Trust in both tempi, 0 to 1.
    confidence: f64,
}

impl From<TempoFit> for TempoBody {
    fn from(fit: TempoFit) -> Self {
        Self {
            a_bpm: fit.a_bpm,
            b_bpm: fit.b_bpm,
            relation: fit.relation.as_str(),
            b_ratio: fit.b_ratio,
            b_percent: fit.b_percent(),
            b_heard_bpm: fit.b_heard_bpm(),
            a_percent: fit.a_percent(),
            meet_bpm: fit.meet_bpm(),
            meet_a_percent: fit.meet_a_percent(),
            meet_b_percent: fit.meet_b_percent(),
            in_reach: fit.is_in_reach(),
            confidence: fit.confidence,
        }
    }
}

/// How `b` is transposed beside `a`, and what keys then sound together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PitchFit)]
pub(crate) struct PitchBody {
    /// Key of `a`.
    #[schema(example = "F# minor")]
    a_key: String,
    /// Key of `b` as it is.
    #[schema(example = "D minor")]
    b_key: String,
    /// Change of `b`'s pitch, semitones.
    #[schema(example = -1.0)]
    b_semitones: f64,
    /// The key in which `b` then sounds, the nearest where it lies between two.
    #[schema(example = "C# minor")]
    heard_key: String,
    /// Camelot code of that key.
    #[schema(example = "12A")]
    heard_camelot: String,
    /// How far `b` then lies from that key, cents.
    heard_cents: f64,
    /// How that key stands to `a`'s: `same`, `fifth`, `relative`, `diagonal`, `two_fifths`, `parallel`, `semitone`, `tritone` or `far`.
    #[schema(value_type = String, example = "fifth")]
    relation: &'static str,
    /// Whether the keys are the same, a fifth apart or relatives, and within 25 cents.
    compatible: bool,
    /// Trust in both keys, 0 to 1.
    confidence: f64,
}

impl From<PitchFit> for PitchBody {
    fn from(fit: PitchFit) -> Self {
        Self {
            a_key: fit.a_key,
            b_key: fit.b_key,
            b_semitones: fit.b_semitones,
            heard_key: fit.heard_key,
            heard_camelot: fit.heard_camelot,
            heard_cents: fit.heard_cents,
            relation: fit.relation,
            compatible: fit.is_compatible,
            confidence: fit.confidence,
        }
    }
}

/// How to play a track `b`, the other, into a track `a`, the one that was asked for.
///
/// What is unknown is `null` beside a reason: `no_tempo`, `no_key`, or `other_analysis` where the two were analysed by different versions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MixAdvice)]
pub(crate) struct MixBody {
    /// How their beats are brought together.
    tempo: Option<TempoBody>,
    /// Why `tempo` is `null`.
    #[schema(value_type = Option<String>)]
    tempo_reason: Option<&'static str>,
    /// How `b` is transposed where its pitch does not depend on its tempo: the smallest of at most two semitones that makes the keys
    /// compatible, or else what comes nearest.
    key_lock: Option<PitchBody>,
    /// Why `key_lock` is `null`.
    #[schema(value_type = Option<String>)]
    key_lock_reason: Option<&'static str>,
    /// What becomes of `b`'s key at `b_ratio` where the pitch moves with the tempo, as on a turntable.
    varispeed: Option<PitchBody>,
    /// Why `varispeed` is `null`.
    #[schema(value_type = Option<String>)]
    varispeed_reason: Option<&'static str>,
    /// Tempo and key lock in one sentence.
    #[schema(
        example = "The other 1.6 % slower, at 124.0 BPM; lowered by 1 semitone to C# minor (12A)."
    )]
    sentence: String,
}

impl From<MixAdvice> for MixBody {
    fn from(advice: MixAdvice) -> Self {
        let sentence = advice.sentence();
        let MixAdvice { tempo, key_lock, varispeed } = advice;
        let (tempo, tempo_reason) = known(tempo);
        let (key_lock, key_lock_reason) = known(key_lock);
        let (varispeed, varispeed_reason) = known(varispeed);
        Self {
            tempo: tempo.map(TempoBody::from),
            tempo_reason,
            key_lock: key_lock.map(PitchBody::from),
            key_lock_reason,
            varispeed: varispeed.map(PitchBody::from),
            varispeed_reason,
            sentence,
        }
    }
}

/// The value, or the code of the reason.
fn known<T>(value: Result<T, MixUnknown>) -> (Option<T>, Option<&'static str>) {
    match value {
        Ok(value) => (Some(value), None),
        Err(unknown) => (None, Some(unknown.as_str())),
    }
}
