//! How likely a sound is speech, and whether it is noise.

use super::cues::N_CUES;
use super::reference::{OFFSET, WEIGHTS};
use super::sound_frame::SoundFrame;

/// Standardised cues are cut here, so that one odd cue cannot decide alone.
const MAX_Z: f64 = 3.0;
/// Deviation of the flux over its mean below which a sound is steady, as for whole recordings.
const STEADY_FLUX: f64 = 0.3;
/// Mean contrast below which a sound has no partials, dB, as for whole recordings.
const NOISE_CONTRAST_DB: f32 = 17.0;

/// Probability of speech rather than music, 0..=1: a logistic function of the standardised cues.
pub(crate) fn speech_probability(cues: &[f64; N_CUES]) -> f64 {
    let terms = cues.iter().zip(WEIGHTS).map(|(cue, (mean, deviation, weight))| {
        weight * ((cue - mean) / deviation).clamp(-MAX_Z, MAX_Z)
    });
    let sum = OFFSET + terms.sum::<f64>();
    (1.0 + (-sum).exp()).recip()
}

/// Whether a window is steady and without partials.
pub(crate) fn is_noise(cues: &[f64; N_CUES], frames: &[SoundFrame]) -> bool {
    let heard = || frames.iter().filter(|frame| frame.is_heard);
    let contrast = heard().map(|it| it.contrast_db).sum::<f32>() / heard().count().max(1) as f32;
    let place = |name: &str| super::cues::NAMES.iter().position(|it| *it == name);
    let flux_variation = place("flux_variation").map_or(f64::MAX, |i| cues[i]);
    flux_variation < STEADY_FLUX && contrast < NOISE_CONTRAST_DB
}
