//! How likely each moment is a beat, for the decoder of beats.

use crate::evidence::Evidence;

/// Accent height that is certainly an onset.
pub(crate) const FULL_ACCENT: f32 = 4.0;
/// Accents below that count for less than their share.
const EXPONENT: f32 = 1.2;
/// Repetition of the pulse below which the music is soft: its notes begin slowly and at different times, and the changes
/// of its harmony say more.
const SOFT: f64 = 0.1;
/// Height of an accent for each mean change of bass and harmony above the mean, where nothing at all repeats.
const CHANGE_WEIGHT: f64 = 3.0;
/// Mean change of bass and harmony.
const MEAN_CHANGE: f32 = 2.0;
/// A change is greatest this long after the note begins, which takes a while to sound, frames.
const ATTACK: f64 = 4.0;
/// Share of a beat that belongs to its onset, as a divisor: Krebs, Böck & Widmer's 16, and more of the beat in soft music.
const BEAT_SHARE: usize = 16;
const SOFT_BEAT_SHARE: usize = 10;

/// Likelihood of a beat over time.
pub(crate) struct Activation {
    /// Inside 0..1, one for each onset frame.
    pub(crate) values: Vec<f32>,
    /// The onset of a beat takes one part in this many of it.
    pub(crate) beat_share: usize,
}

impl Activation {
    pub(crate) fn new(evidence: &Evidence<'_>) -> Self {
        let softness = (1.0 - evidence.pulse.strongest() / SOFT).max(0.0);
        let weight = (CHANGE_WEIGHT * softness) as f32;
        let change = |frame: usize| {
            let above = evidence.change.at(frame as f64 + ATTACK) - MEAN_CHANGE;
            if weight > 0.0 { weight * above.max(0.0) } else { 0.0 }
        };
        let accents = evidence.accents.beat.iter().enumerate();
        let values = accents
            .map(|(frame, accent)| ((accent + change(frame)) / FULL_ACCENT).min(1.0))
            .map(|height| 0.02 + 0.96 * height.powf(EXPONENT))
            .collect();
        Self { values, beat_share: if softness > 0.0 { SOFT_BEAT_SHARE } else { BEAT_SHARE } }
    }
}
