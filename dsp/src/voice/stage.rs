//! Ranges of the recording, and the voice where there is speech, in one pass.

use super::Voice;
use super::ranges::{Decider, SoundKind};
use super::slots::{SLOT_FRAMES, Slot};
use super::speech::SpeechStage;
use crate::Result;
use crate::analysis::{Estimate, Reason};
use crate::resample::ANALYSIS_RATE_HZ;
use crate::spectral::stage::HOP;

/// Samples of a slot.
const SLOT: usize = SLOT_FRAMES * HOP;
/// Samples that may lie behind what is decided before they are dropped: moving the rest to the front each second would cost
/// more than all that is decided.
const MAX_BEHIND: usize = 8 * SLOT;
/// Shortest recording of which something is said, seconds.
const MIN_DURATION_S: f64 = 2.0;

/// Keeps the last seconds, at most fifteen, until it is known whether they are speech, and listens to them if so.
#[derive(Debug)]
pub(crate) struct VoiceStage {
    decider: Decider,
    /// Samples from that of index `first` on, and how many are decided.
    samples: Vec<f32>,
    first: usize,
    n_done: usize,
    speech: SpeechStage,
    has_spoken: bool,
}

impl VoiceStage {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            decider: Decider::default(),
            samples: Vec::new(),
            first: 0,
            n_done: 0,
            speech: SpeechStage::new()?,
            has_spoken: false,
        })
    }

    /// Takes the next samples, and the slots that are known by now.
    pub(crate) fn push(&mut self, samples: &[f32], slots: &[Slot]) {
        self.samples.extend_from_slice(samples);
        self.advance(slots, false);
    }

    /// What was found, with the slots of the whole recording.
    ///
    /// # Errors
    ///
    /// [`Reason::TooShort`] below 2 s or if less than a second is heard, [`Reason::Silence`] if nothing is.
    pub(crate) fn finish(mut self, slots: &[Slot], duration_s: f64) -> Estimate<Voice> {
        self.advance(slots, true);
        if duration_s < MIN_DURATION_S {
            return Err(Reason::TooShort);
        }
        let step_s = SLOT as f64 / f64::from(ANALYSIS_RATE_HZ);
        let ranges = self.decider.ranges(slots, step_s, duration_s);
        if ranges.is_empty() {
            let is_silent = slots.iter().all(|slot| slot.heard.is_none());
            return Err(if is_silent { Reason::Silence } else { Reason::TooShort });
        }
        let speech = if self.has_spoken { self.speech.finish() } else { Err(Reason::NoSpeech) };
        Ok(Voice::new(ranges, speech))
    }

    /// Decides what can be decided, and listens to what is speech.
    fn advance(&mut self, slots: &[Slot], is_all: bool) {
        while self.decider.advance(slots, is_all) {
            let n_decided = self.decider.n_decided();
            let is_last = is_all && n_decided == slots.len();
            let n_heard = self.first + self.samples.len();
            let end = if is_last { n_heard } else { n_heard.min(n_decided * SLOT) };
            if self.decider.latest() == Some(SoundKind::Speech) {
                self.has_spoken = true;
                self.speech.push(&self.samples[self.n_done - self.first..end - self.first]);
            } else {
                self.speech.pause();
            }
            self.n_done = end;
            if end - self.first > MAX_BEHIND {
                self.samples.drain(..end - self.first);
                self.first = end;
            }
        }
    }
}
