//! Key, tuning and harmonic change of one recording.

use crate::analysis::{Estimate, Key, Reason};
use crate::emotion::{HarmonyFeatures, HarmonyStage};
use crate::harmony::harmonic_change;
use crate::hpcp::{ABSOLUTE_POWER, BINS, Chroma, HOP_SHARE, PeakStage, accumulate, add, semitones};
use crate::key::{Classes, Evidence, Keys, candidates, key_name, normalised, strongest};
use crate::key_regions::{KeyRegion, Stretch, stretches};
use crate::tuning::Tuning;

/// Frames per block, 0.74 s: blocks are what is kept.
const BLOCK: usize = 4;
/// Shortest recording with a key, blocks (2 s).
const MIN_BLOCKS: usize = 3;

/// Agreement of the pitches on one scale times the key's correlation, below which there is no key.
/// Measured: rock and orchestral recordings from 0.28, drum loops to 0.22, noise and speech to 0.07.
const MIN_PITCHEDNESS: f64 = 0.23;
/// Harmonic change up to which, and from which on, harmony moves at all. A held chord has up to 0.02, music from 0.11.
const MOVING: (f64, f64) = (0.03, 0.1);
/// Pitch classes in use up to which there is no scale, and from which on there may be one (two notes in turn have 3.6,
/// music from 5.5).
const CLASSES_IN_USE: (f64, f64) = (3.0, 5.0);

/// Streaming tonal analysis of a mono signal.
///
/// Keeps 72 numbers per 0.74 s, so that the tuning of the whole recording can be applied to all of it.
pub struct TonalStage {
    peaks: PeakStage,
    rate_hz: f64,
    tuning: Tuning,
    blocks: Vec<Chroma>,
    bass: Vec<Chroma>,
    /// All peaks where they are, without their fundamentals.
    plain: Chroma,
    harmony: HarmonyStage,
    n_frames: usize,
    n_sounding: usize,
    n_samples: u64,
}

impl TonalStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    pub fn new(rate_hz: u32) -> Self {
        let peaks = PeakStage::new(rate_hz);
        Self {
            harmony: HarmonyStage::new(rate_hz.into(), peaks.frame_samples()),
            peaks,
            rate_hz: rate_hz.into(),
            tuning: Tuning::default(),
            blocks: Vec::new(),
            bass: Vec::new(),
            plain: [0.0; BINS],
            n_frames: 0,
            n_sounding: 0,
            n_samples: 0,
        }
    }

    /// Takes the next samples; blocks of any length give the same result.
    pub fn push(&mut self, samples: &[f32]) {
        let Self { peaks, tuning, blocks, bass, plain, harmony, n_frames, n_sounding, .. } = self;
        self.n_samples += samples.len() as u64;
        peaks.push(samples, |peaks, top, magnitude| {
            harmony.push(magnitude, top);
            if n_frames.is_multiple_of(BLOCK) {
                blocks.push([0.0; BINS]);
                bass.push([0.0; BINS]);
            }
            *n_frames += 1;
            *n_sounding += usize::from(top > ABSOLUTE_POWER);
            tuning.add(peaks);
            let last = "the first frame pushes a block";
            let bass = bass.last_mut().expect(last);
            for peak in peaks {
                add(plain, peak.pitch, f64::from(peak.weight));
                if peak.is_bass {
                    add(bass, peak.pitch, f64::from(peak.weight));
                }
            }
            accumulate(peaks, blocks.last_mut().expect(last));
        });
    }

    /// The key of everything pushed.
    ///
    /// The confidence of a sound that holds one note or one chord is near 0: it has a tonic, but no scale.
    ///
    /// # Errors
    ///
    /// The [`Reason`] why there is none: [`Reason::TooShort`] below 2 s, [`Reason::Silence`] when nothing
    /// is above −96 dBFS, [`Reason::NoPitch`] when no scale stands out.
    pub fn finish(self) -> Estimate<Key> {
        self.finish_with_harmony().0
    }

    /// Like [`Self::finish`], and what the same spectra say of emotion.
    pub(crate) fn finish_with_harmony(self) -> (Estimate<Key>, HarmonyFeatures) {
        let harmony = self.harmony.features();
        (self.key(), harmony)
    }

    fn key(self) -> Estimate<Key> {
        if self.blocks.len() < MIN_BLOCKS {
            return Err(Reason::TooShort);
        }
        if self.n_sounding == 0 {
            return Err(Reason::Silence);
        }
        let tuning = self.tuning.semitones();
        let classes = |chroma: &Chroma| semitones(chroma, tuning);
        let raw: Vec<Classes> = self.blocks.iter().map(classes).collect();
        let bass: Vec<Classes> = self.bass.iter().map(classes).collect();
        let blocks = normalised(&raw);
        let evidence = Evidence::new(&blocks, &bass).ok_or(Reason::NoPitch)?;
        let best = |keys: &[f64]| keys.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let clarity = best(&evidence.correlation).clamp(0.0, 1.0);
        if self.tuning.agreement() * clarity < MIN_PITCHEDNESS {
            return Err(Reason::NoPitch);
        }
        let harmonic_change = harmonic_change(&raw);
        let trust =
            ramp(harmonic_change, MOVING) * ramp(n_classes(&classes(&self.plain)), CLASSES_IN_USE);
        let stretches = stretches(&blocks, strongest(&evidence.probability));
        let is_one = stretches.len() == 1;
        let support =
            if is_one { evidence.probability } else { evidence.given_shares(&shares(&stretches)) };
        let candidates = candidates(&support);
        let key = strongest(&support);
        let confidence = trust * evidence.certainty[key];
        let end_s = self.n_samples as f64 / self.rate_hz;
        let regions = if is_one {
            // A piece in one key is in the key of the whole, which was decided with more evidence.
            let (tonic, mode) = key_name(key);
            vec![KeyRegion { start_s: 0.0, end_s, tonic, mode, confidence }]
        } else {
            let n_blocks = blocks.len();
            let boundary_s = |block| self.boundary_s(block, n_blocks, end_s);
            stretches.iter().map(|s| s.region(&blocks, &bass, trust, boundary_s)).collect()
        };
        let loudest = best(&evidence.profile);
        let (tonic, mode) = key_name(key);
        Ok(Key {
            tonic,
            mode,
            confidence,
            clarity,
            majorness: (best(&evidence.correlation[..12]) - best(&evidence.correlation[12..]))
                .clamp(-1.0, 1.0),
            tuning_cents: tuning * 100.0,
            profile: evidence.profile.map(|v| (v / loudest) as f32),
            harmonic_change,
            candidates,
            regions,
        })
    }

    /// Time between a block and the one before it: half way between the middles of their frames.
    fn boundary_s(&self, block: usize, n_blocks: usize, end_s: f64) -> f64 {
        if block == 0 {
            0.0
        } else if block == n_blocks {
            end_s
        } else {
            let hop_s = self.peaks.frame_samples() as f64 * HOP_SHARE / self.rate_hz;
            ((block * BLOCK) as f64 + 0.5) * hop_s
        }
    }
}

/// Share of the blocks that each key is the local one in.
fn shares(stretches: &[Stretch]) -> Keys {
    let n_blocks = stretches.last().map_or(0, |stretch| stretch.end);
    let mut shares = [0.0; 24];
    for stretch in stretches {
        shares[stretch.key] += (stretch.end - stretch.start) as f64 / n_blocks as f64;
    }
    shares
}

/// Effective number of pitch classes, 1..=12: the exponential of their entropy.
fn n_classes(classes: &Classes) -> f64 {
    let total = classes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let shares = classes.iter().map(|v| v / total).filter(|&share| share > 0.0);
    (-shares.map(|share| share * share.ln()).sum::<f64>()).exp()
}

/// 0 up to the first end, 1 from the second on, a line between.
fn ramp(value: f64, ends: (f64, f64)) -> f64 {
    ((value - ends.0) / (ends.1 - ends.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_counted_by_their_share() {
        assert!((n_classes(&[1.0; 12]) - 12.0).abs() < 1e-9);
        assert!(
            (n_classes(&std::array::from_fn(|i| f64::from(u8::from(i < 2)))) - 2.0).abs() < 1e-9
        );
        assert!((n_classes(&[0.0; 12]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn shares_sum_to_one() {
        let stretches = [
            Stretch { start: 0, end: 30, key: 4 },
            Stretch { start: 30, end: 40, key: 5 },
            Stretch { start: 40, end: 50, key: 4 },
        ];
        let shares = shares(&stretches);
        assert!((shares[4] - 0.8).abs() < 1e-12 && (shares[5] - 0.2).abs() < 1e-12);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
