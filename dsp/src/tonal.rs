//! Key, tuning and harmonic change of one recording.

use crate::analysis::{Estimate, Key, Reason};
use crate::harmony::harmonic_change;
use crate::hpcp::{BINS, Chroma, PeakStage, accumulate, add, semitones};
use crate::key::{Classes, Evidence};
use crate::tuning::Tuning;

/// Frames per block, 0.74 s: blocks are what is kept.
const BLOCK: usize = 4;
/// Shortest recording with a key, blocks (2 s).
const MIN_BLOCKS: usize = 3;

/// Agreement of the pitches on one scale times the key's correlation, below which there is no key.
/// Measured: rock and orchestral recordings from 0.27, drum loops to 0.22, noise and speech to 0.07.
const MIN_PITCHEDNESS: f64 = 0.23;

/// Streaming tonal analysis of a mono signal.
///
/// Keeps 36 numbers per 0.74 s, so that the tuning of the whole recording can be applied to all of it.
pub struct TonalStage {
    peaks: PeakStage,
    tuning: Tuning,
    blocks: Vec<Chroma>,
    bass: Chroma,
    n_frames: usize,
    n_sounding: usize,
}

impl TonalStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            peaks: PeakStage::new(rate_hz),
            tuning: Tuning::default(),
            blocks: Vec::new(),
            bass: [0.0; BINS],
            n_frames: 0,
            n_sounding: 0,
        }
    }

    /// Takes the next samples; blocks of any length give the same result.
    pub fn push(&mut self, samples: &[f32]) {
        let Self { peaks, tuning, blocks, bass, n_frames, n_sounding } = self;
        peaks.push(samples, |peaks, sounds| {
            if n_frames.is_multiple_of(BLOCK) {
                blocks.push([0.0; BINS]);
            }
            *n_frames += 1;
            *n_sounding += usize::from(sounds);
            tuning.add(peaks);
            for peak in peaks.iter().filter(|peak| peak.is_bass) {
                add(bass, peak.pitch, f64::from(peak.weight));
            }
            accumulate(peaks, blocks.last_mut().expect("the first frame pushes a block"));
        });
    }

    /// The key of everything pushed.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why there is none: [`Reason::TooShort`] below 2 s, [`Reason::Silence`] when nothing
    /// is above −96 dBFS, [`Reason::NoPitch`] when no scale stands out.
    pub fn finish(self) -> Estimate<Key> {
        if self.blocks.len() < MIN_BLOCKS {
            return Err(Reason::TooShort);
        }
        if self.n_sounding == 0 {
            return Err(Reason::Silence);
        }
        let tuning = self.tuning.semitones();
        let blocks: Vec<Classes> = self.blocks.iter().map(|b| semitones(b, tuning)).collect();
        let bass = semitones(&self.bass, tuning);
        let evidence = Evidence::new(&blocks, &bass).ok_or(Reason::NoPitch)?;
        let best = |keys: &[f64]| keys.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let clarity = best(&evidence.correlation).clamp(0.0, 1.0);
        if self.tuning.agreement() * clarity < MIN_PITCHEDNESS {
            return Err(Reason::NoPitch);
        }
        let candidates = evidence.candidates();
        let loudest = best(&evidence.profile);
        Ok(Key {
            tonic: candidates[0].tonic,
            mode: candidates[0].mode,
            // The weights know rendered music only: a profile that fits badly is trusted less.
            confidence: best(&evidence.probability) * (0.5 + 0.5 * clarity),
            clarity,
            majorness: (best(&evidence.correlation[..12]) - best(&evidence.correlation[12..]))
                .clamp(-1.0, 1.0),
            tuning_cents: tuning * 100.0,
            profile: evidence.profile.map(|v| (v / loudest) as f32),
            harmonic_change: harmonic_change(&blocks),
            candidates,
        })
    }
}
