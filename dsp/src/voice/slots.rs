//! Second by second: what kind of sound it is likely to be.

use super::classifier::{is_noise, speech_probability};
use super::cues::{N_CUES, cues};
use super::sound_frame::SoundFrame;

/// Frames of a slot: 0.998 s of frames every 512 samples at 22 050 Hz.
pub(crate) const SLOT_FRAMES: usize = 43;
/// Slots on either side that have a part in what is said of one.
const AROUND: usize = 2;
/// Frames that are kept.
const WINDOW: usize = (2 * AROUND + 1) * SLOT_FRAMES;

/// What is said of one slot, from the five around it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Slot {
    /// First and last of its frames that are heard.
    pub(crate) heard: Option<(u8, u8)>,
    /// Cues of the five; `None` if too little is heard.
    pub(crate) cues: Option<[f32; N_CUES]>,
    /// How likely it is speech rather than music, 0..=1.
    pub(crate) speech: Option<f32>,
    /// Steady, without partials.
    pub(crate) is_noise: bool,
}

/// Gathers frames into slots; memory grows by 64 bytes per second.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlotStage {
    /// Frames from that of index `first` on.
    frames: Vec<SoundFrame>,
    first: usize,
    slots: Vec<Slot>,
}

impl SlotStage {
    /// Takes the next frame.
    pub(crate) fn push(&mut self, frame: SoundFrame) {
        self.frames.push(frame);
        let n_frames = self.first + self.frames.len();
        if n_frames == (self.slots.len() + AROUND + 1) * SLOT_FRAMES {
            self.classify(SLOT_FRAMES);
        }
    }

    /// The slots of which everything is known.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// All slots; a last one of less than half the length belongs to the one before.
    pub(crate) fn finish(mut self) -> Vec<Slot> {
        let n_frames = self.first + self.frames.len();
        let n_slots =
            if n_frames == 0 { 0 } else { ((n_frames + SLOT_FRAMES / 2) / SLOT_FRAMES).max(1) };
        while self.slots.len() < n_slots {
            let is_last = self.slots.len() + 1 == n_slots;
            let length =
                if is_last { n_frames - self.slots.len() * SLOT_FRAMES } else { SLOT_FRAMES };
            self.classify(length);
        }
        self.slots
    }

    /// Says what the next slot is, which has `length` frames.
    fn classify(&mut self, length: usize) {
        let start = self.slots.len() * SLOT_FRAMES - self.first;
        let own = &self.frames[start..(start + length).min(self.frames.len())];
        let is_heard = |frame: &SoundFrame| frame.is_heard;
        let heard = own.iter().position(is_heard).zip(own.iter().rposition(is_heard));
        let window = &self.frames[start.saturating_sub(AROUND * SLOT_FRAMES)..];
        let cues: Option<[f64; N_CUES]> = heard.and_then(|_| cues(window));
        self.slots.push(Slot {
            heard: heard.map(|(first, last)| (first.min(255) as u8, last.min(255) as u8)),
            cues: cues.map(|cues| cues.map(|cue| cue as f32)),
            speech: cues.map(|cues| speech_probability(&cues) as f32),
            is_noise: cues.is_some_and(|cues| is_noise(&cues, window)),
        });
        if self.frames.len() >= WINDOW {
            self.frames.drain(..SLOT_FRAMES);
            self.first += SLOT_FRAMES;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(n_frames: usize) -> Vec<Slot> {
        let mut stage = SlotStage::default();
        for i in 0..n_frames {
            let is_heard = (50..100).contains(&i);
            stage.push(SoundFrame { is_heard, rms: 0.1, ..SoundFrame::default() });
            assert!(stage.frames.len() <= WINDOW);
        }
        stage.finish()
    }

    #[test]
    fn there_is_one_for_every_second_and_the_rest_joins_the_last() {
        for (n_frames, n_slots) in
            [(0, 0), (1, 1), (43, 1), (64, 1), (65, 2), (86, 2), (430, 10), (450, 10), (452, 11)]
        {
            assert_eq!(run(n_frames).len(), n_slots, "{n_frames}");
        }
    }

    #[test]
    fn each_knows_where_its_sound_begins_and_ends() {
        let heard: Vec<_> = run(430).iter().map(|slot| slot.heard).collect();
        let none = [None; 7];
        assert_eq!(heard[..3], [None, Some((7, 42)), Some((0, 13))]);
        assert_eq!(heard[3..], none);
    }
}
