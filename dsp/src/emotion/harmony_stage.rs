//! What the long spectra of the tonal analysis say of emotion: keys, register, harmonic change, entropy, novelty.

use multiversion::multiversion;

use super::key_strength::KeyProfiles;
use super::novelty::Novelty;
use super::pitch_grid::{CollapsedEntropy, N_SEMITONES, SemitoneGrid, Semitones, wrapped};
use super::seconds::Seconds;
use crate::gate::Gate;
use crate::harmony::tonal_centroid;
use crate::hpcp::ABSOLUTE_POWER;
use crate::spectral::Moments;

/// Share of the largest power so far of a partial below which nothing sounds: −70 dB.
const RANGE: f32 = 1e-7;
/// Power of a partial below which there is silence in any recording: −120 dBFS, above which no bin of the rounding to 16 bits comes.
const LEAST: f32 = 1e-12;
/// Frames that make a half of a frame of the entropy: 0.74 s, so that two are 1.5 s.
const ENTROPY_HALF: usize = 4;
/// Vectors on either side of the novelty of chroma: 1.5 s.
const NOVELTY_HALF: usize = 8;
/// Features in a row of a second: clarity, mode, harmonic change, register.
pub(crate) const N_HARMONY: usize = 4;

/// Features of spectra of 0.37 s that overlap by half.
///
/// The published frames are of 0.2 s every 10 or 50 ms (chroma) and of 1.5 s (entropy). These are the frames that the key
/// is found in; the entropy reads the mean of those that make 1.5 s, and its average over 70 cents is wider than their
/// lobes from 130 Hz up.
#[derive(Debug, Clone)]
pub struct HarmonyStage {
    frame_s: f64,
    gate: Gate,
    n_frames: usize,
    grid: SemitoneGrid,
    profiles: KeyProfiles,
    entropy_grid: CollapsedEntropy,
    /// Sums of the magnitudes of the half that was, and of the one that has begun.
    halves: [Vec<f32>; 2],
    centroid: Option<[f64; 6]>,
    clarity: Moments,
    mode: Moments,
    change: Moments,
    register: Moments,
    strongest: Moments,
    entropy: Moments,
    unwrapped_novelty: Novelty,
    wrapped_novelty: Novelty,
    seconds: Seconds<N_HARMONY>,
}

/// What [`HarmonyStage`] found; `None` where nothing sounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HarmonyFeatures {
    /// Mean key clarity, −1..=1.
    pub(crate) clarity: Option<f64>,
    /// Mean mode, major above 0.
    pub(crate) mode: Option<f64>,
    /// Mean distance of successive tonal centroids.
    pub(crate) change: Option<f64>,
    /// Mean pitch of what stands out, semitones above G sharp 2.
    pub(crate) register: Option<f64>,
    /// Deviation of the strongest semitone, semitones.
    pub(crate) register_deviation: Option<f64>,
    /// Mean entropy of the collapsed spectrum, 0..=1.
    pub(crate) entropy: Option<f64>,
    /// Novelty of the chroma with its octaves.
    pub(crate) unwrapped_novelty: Option<f64>,
    /// Novelty of the chroma without its octaves.
    pub(crate) wrapped_novelty: Option<f64>,
    pub(crate) seconds: Vec<Option<[f32; N_HARMONY]>>,
}

impl HarmonyStage {
    /// A stage for spectra of `n_fft` samples at `rate_hz`, every half of their length.
    pub fn new(rate_hz: f64, n_fft: usize) -> Self {
        let (bin_hz, n_bins) = (rate_hz / n_fft as f64, n_fft / 2 + 1);
        Self {
            frame_s: 0.5 * n_fft as f64 / rate_hz,
            gate: Gate::new(ABSOLUTE_POWER, RANGE, LEAST),
            n_frames: 0,
            grid: SemitoneGrid::new(bin_hz, n_bins),
            profiles: KeyProfiles::new(),
            entropy_grid: CollapsedEntropy::new(bin_hz, n_bins),
            halves: [vec![0.0; n_bins], vec![0.0; n_bins]],
            centroid: None,
            clarity: Moments::default(),
            mode: Moments::default(),
            change: Moments::default(),
            register: Moments::default(),
            strongest: Moments::default(),
            entropy: Moments::default(),
            unwrapped_novelty: Novelty::new(N_SEMITONES, NOVELTY_HALF),
            wrapped_novelty: Novelty::new(12, NOVELTY_HALF),
            seconds: Seconds::default(),
        }
    }

    /// Takes the next magnitudes, and the power of the strongest partial.
    pub fn push(&mut self, magnitude: &[f32], top: f32) {
        if self.gate.hears(top) {
            add(magnitude, &mut self.halves[1]);
            self.hear(magnitude);
        } else {
            self.centroid = None;
        }
        self.n_frames += 1;
        if self.n_frames.is_multiple_of(ENTROPY_HALF) {
            let [before, now] = &mut self.halves;
            if self.n_frames > ENTROPY_HALF {
                add(now, before);
                if let Some(entropy) = self.entropy_grid.of(before) {
                    self.entropy.add(entropy as f32);
                }
            }
            self.halves.swap(0, 1);
            self.halves[1].fill(0.0);
        }
    }

    fn hear(&mut self, magnitude: &[f32]) {
        let semitones = self.grid.of(magnitude);
        let classes = wrapped(&semitones);
        let Some(strength) = self.profiles.strength(&classes) else { return };
        let strongest = (0..N_SEMITONES)
            .fold(0, |best, i| if semitones[i] > semitones[best] { i } else { best });
        let register = mean_pitch(&semitones).unwrap_or(strongest as f64);
        let centroid = tonal_centroid(&classes);
        let change = self.centroid.replace(centroid).map_or(0.0, |before| {
            let squares = before.iter().zip(&centroid).map(|(a, b)| (a - b) * (a - b));
            let change = squares.sum::<f64>().sqrt();
            self.change.add(change as f32);
            change
        });
        self.clarity.add(strength.clarity as f32);
        self.mode.add(strength.mode as f32);
        self.register.add(register as f32);
        self.strongest.add(strongest as f32);
        self.unwrapped_novelty.push(&semitones);
        self.wrapped_novelty.push(&classes.map(|class| class as f32));
        let middle_s = (self.n_frames as f64 + 1.0) * self.frame_s;
        let row = [strength.clarity, strength.mode, change, register];
        self.seconds.add(middle_s, row);
    }

    /// The features of everything pushed.
    pub fn features(&self) -> HarmonyFeatures {
        let mean = |moments: &Moments| (moments.n() > 0).then(|| moments.mean());
        HarmonyFeatures {
            clarity: mean(&self.clarity),
            mode: mean(&self.mode),
            change: mean(&self.change),
            register: mean(&self.register),
            register_deviation: (self.strongest.n() > 0)
                .then(|| f64::from(self.strongest.stats().std)),
            entropy: mean(&self.entropy),
            unwrapped_novelty: self.unwrapped_novelty.finish(),
            wrapped_novelty: self.wrapped_novelty.finish(),
            seconds: self.seconds.clone().finish(),
        }
    }
}

/// Mean of the semitones, weighted by how far each stands out of the two beside it, so that noise and drums weigh little;
/// `None` if none does.
fn mean_pitch(semitones: &Semitones) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (i, around) in semitones.windows(3).enumerate() {
        let weight = f64::from((around[1] - 0.5 * (around[0] + around[2])).max(0.0));
        sum += weight * (i + 1) as f64;
        total += weight;
    }
    (total > 0.0).then(|| sum / total)
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn add(values: &[f32], sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tonal::TonalStage;

    fn features(samples: &[f32]) -> HarmonyFeatures {
        let mut stage = TonalStage::new(22_050);
        stage.push(samples);
        stage.finish_with_harmony().1
    }

    /// Chords of sines with six partials each, two seconds long.
    fn chords(chords: &[[f64; 3]]) -> Vec<f32> {
        (0..chords.len() * 44_100)
            .map(|i| {
                let t = i as f64 / 22_050.0;
                let tone = |midi: f64| -> f64 {
                    let hz = 440.0 * ((midi - 69.0) / 12.0).exp2();
                    (1..=6)
                        .map(|k| {
                            (std::f64::consts::TAU * hz * f64::from(k) * t).sin() / f64::from(k)
                        })
                        .sum()
                };
                (0.1 * chords[i / 44_100].iter().map(|&midi| tone(midi)).sum::<f64>()) as f32
            })
            .collect()
    }

    const C: [f64; 3] = [60.0, 64.0, 67.0];
    const C_MINOR: [f64; 3] = [60.0, 63.0, 67.0];
    const F_SHARP: [f64; 3] = [66.0, 70.0, 73.0];

    #[test]
    fn major_and_minor_chords_have_their_mode() {
        let (major, minor) = (features(&chords(&[C; 4])), features(&chords(&[C_MINOR; 4])));
        assert!(major.mode.unwrap() > 0.05, "{major:?}");
        assert!(minor.mode.unwrap() < -0.05, "{minor:?}");
        assert!(major.clarity.unwrap() > 0.6);
    }

    #[test]
    fn a_change_of_chord_is_a_harmonic_change_and_novel() {
        let (stays, changes) =
            (features(&chords(&[C; 4])), features(&chords(&[C, F_SHARP, C, F_SHARP])));
        // Partials of one chord beat within a semitone.
        assert!(changes.change.unwrap() > 2.5 * stays.change.unwrap(), "{changes:?}");
        assert!(changes.wrapped_novelty.unwrap() > stays.wrapped_novelty.unwrap() + 0.01);
        assert!(changes.unwrapped_novelty.unwrap() > stays.unwrapped_novelty.unwrap() + 0.01);
    }

    #[test]
    fn an_octave_up_is_twelve_semitones_up() {
        let (low, high) =
            (features(&chords(&[C; 3])), features(&chords(&[C.map(|m| m + 12.0); 3])));
        let difference = high.register.unwrap() - low.register.unwrap();
        assert!((difference - 12.0).abs() < 0.5, "{difference}");
    }

    #[test]
    fn noise_has_more_entropy_than_a_tone() {
        let noise = features(&fixtures::noise(2, 110_250)).entropy.unwrap();
        let sine = features(&fixtures::sine(1_000.0, 22_050, 110_250)).entropy.unwrap();
        assert!(noise > 0.98, "{noise}");
        // Lobes of ±9 cents and an average over 70.
        assert!((0.58..0.68).contains(&sine), "{sine}");
    }

    #[test]
    fn silence_has_nothing() {
        assert_eq!(features(&vec![0.0; 100_000]), HarmonyFeatures::default());
        assert_eq!(features(&[]), HarmonyFeatures::default());
    }
}
