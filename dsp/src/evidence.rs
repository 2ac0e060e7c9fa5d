//! All that is heard of the rhythm before any tempo is assumed.

use crate::accents::Accents;
use crate::onset::{ONSET_FPS, OnsetEnvelope};
use crate::periodicity::Periodicity;
use crate::sketch_change::SketchChange;

/// What every tempo is weighed by.
pub(crate) struct Evidence<'a> {
    /// Accents of the recording.
    pub(crate) accents: &'a Accents,
    /// Change of bass and harmony.
    pub(crate) change: SketchChange,
    /// How often something happens: repetition of [`Accents::sum`].
    pub(crate) pulse: Periodicity,
    /// How often something like a beat happens: repetition of [`Accents::beat`].
    pub(crate) beats: Periodicity,
    /// How often bass and harmony change.
    pub(crate) changes: Periodicity,
    /// Shares of the onset strength below 200 Hz and above 3 kHz, 0..=1: large with drums.
    pub(crate) low_share: f64,
    pub(crate) high_share: f64,
    /// Onsets per second.
    pub(crate) onset_rate_hz: f64,
}

impl<'a> Evidence<'a> {
    /// What `onsets` with these accents tell.
    pub(crate) fn new(accents: &'a Accents, onsets: &OnsetEnvelope) -> Self {
        let change = SketchChange::new(&onsets.sketch);
        let total = |e: &[f32]| e.iter().map(|&v| f64::from(v)).sum::<f64>();
        let (low, mid, high) = (total(&onsets.low), total(&onsets.mid), total(&onsets.high));
        let all = (low + mid + high).max(f64::MIN_POSITIVE);
        Self {
            accents,
            pulse: Periodicity::new(&accents.sum, ONSET_FPS),
            beats: Periodicity::new(&accents.beat, ONSET_FPS),
            changes: change.periodicity(),
            change,
            low_share: low / all,
            high_share: high / all,
            onset_rate_hz: accents.onset_rate_hz(),
        }
    }
}
