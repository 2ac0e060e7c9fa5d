//! Long spectra on grids of pitch: a chroma in semitones, and the octave in cents.

use multiversion::multiversion;

use crate::lanes::{LANES, larger, log2};

/// Frequency of C4 in equal temperament of A4 = 440 Hz.
const C4_HZ: f64 = 261.625_565_300_598_6;
/// Semitone below C4 with which the chroma begins: G sharp 2, 103.8 Hz, the lowest above 100 Hz.
const LOWEST: i32 = -16;
/// Semitones of the chroma: six octaves, up to 6.4 kHz.
pub(crate) const N_SEMITONES: usize = 72;
/// Pitch class of the lowest semitone, C = 0.
const LOWEST_CLASS: usize = 8;
/// Cents in an octave.
const N_CENTS: usize = 1200;
/// Lowest frequency of the collapsed spectrum, Hz.
const MIN_HZ: f64 = 40.0;
/// Width of the moving average over the collapsed spectrum, cents.
const SMOOTHING_CENTS: usize = 70;

/// Mean magnitude in each semitone.
pub(crate) type Semitones = [f32; N_SEMITONES];

/// Semitones of magnitude spectra.
#[derive(Debug, Clone)]
pub(crate) struct SemitoneGrid {
    /// First bin of each semitone and the end of the last.
    borders: [usize; N_SEMITONES + 1],
}

impl SemitoneGrid {
    /// A grid for spectra of `n_bins` bins that are `bin_hz` apart.
    pub(crate) fn new(bin_hz: f64, n_bins: usize) -> Self {
        let edge = |i: usize| {
            let semitones = f64::from(LOWEST) + i as f64 - 0.5;
            C4_HZ * (semitones / 12.0).exp2() / bin_hz
        };
        Self { borders: std::array::from_fn(|i| (edge(i).ceil() as usize).min(n_bins)) }
    }

    /// Mean magnitude in each semitone, G sharp 2 first, the largest 1: rectangles around the pitches of equal temperament.
    pub(crate) fn of(&self, magnitude: &[f32]) -> Semitones {
        let mut semitones: Semitones = std::array::from_fn(|i| {
            let bins = &magnitude[self.borders[i]..self.borders[i + 1]];
            bins.iter().sum::<f32>() / bins.len().max(1) as f32
        });
        let largest = semitones.iter().copied().fold(0.0, f32::max);
        if largest > 0.0 {
            for value in &mut semitones {
                *value /= largest;
            }
        }
        semitones
    }
}

/// Pitch classes, C first: sums over the octaves.
pub(crate) fn wrapped(semitones: &Semitones) -> [f64; 12] {
    let mut classes = [0.0; 12];
    for (i, &value) in semitones.iter().enumerate() {
        classes[(i + LOWEST_CLASS) % 12] += f64::from(value);
    }
    classes
}

/// Entropy of spectra folded into one octave of cents.
#[derive(Debug, Clone)]
pub(crate) struct CollapsedEntropy {
    /// For each octave and each of its cents: bin below, and the share of the bin above.
    octaves: Vec<Vec<(u32, f32)>>,
    cents: Vec<f32>,
    /// Share of each cent in the smoothed sum.
    shares: Vec<f32>,
}

impl CollapsedEntropy {
    /// Entropy of spectra of `n_bins` bins that are `bin_hz` apart.
    pub(crate) fn new(bin_hz: f64, n_bins: usize) -> Self {
        let place = |octave: i32, cent: usize| {
            let bin = MIN_HZ * (f64::from(octave) + cent as f64 / N_CENTS as f64).exp2() / bin_hz;
            (bin as u32, bin.fract() as f32)
        };
        let of_octave = |octave: i32| -> Vec<(u32, f32)> {
            let cents = (0..N_CENTS).map(|cent| place(octave, cent));
            cents.take_while(|&(bin, _)| (bin as usize) + 1 < n_bins).collect()
        };
        let octaves = (0..16).map(of_octave).take_while(|cents| !cents.is_empty()).collect();
        Self { octaves, cents: vec![0.0; N_CENTS], shares: vec![0.0; N_CENTS] }
    }

    /// Entropy over that of an even distribution, 0..=1; `None` for silence.
    ///
    /// The spectrum from 40 Hz up is read every cent between the bins, the octaves are summed, and a circular moving average
    /// over 70 cents smooths the sum.
    pub(crate) fn of(&mut self, magnitude: &[f32]) -> Option<f64> {
        self.cents.fill(0.0);
        for places in &self.octaves {
            for (cent, &(bin, share)) in self.cents.iter_mut().zip(places) {
                let (a, b) = (magnitude[bin as usize], magnitude[bin as usize + 1]);
                *cent += a + share * (b - a);
            }
        }
        let total: f64 = self.cents.iter().map(|&value| f64::from(value)).sum();
        if total <= 0.0 {
            return None;
        }
        let mut window: f64 =
            self.cents[..SMOOTHING_CENTS].iter().map(|&value| f64::from(value)).sum();
        for cent in 0..N_CENTS {
            self.shares[cent] = (window / total / SMOOTHING_CENTS as f64) as f32;
            let next = self.cents[(cent + SMOOTHING_CENTS) % N_CENTS];
            window = (window + f64::from(next) - f64::from(self.cents[cent])).max(0.0);
        }
        let bits = f64::from(entropy_bits(&self.shares));
        Some((bits / (N_CENTS as f64).log2()).clamp(0.0, 1.0))
    }
}

/// Sum of `−x·log₂ x`; of the values after whole lanes, which there are none of here, nothing.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn entropy_bits(shares: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    for shares in shares.as_chunks::<LANES>().0 {
        for i in 0..LANES {
            // A share of nothing adds nothing.
            lanes[i] -= shares[i] * log2(larger(shares[i], f32::MIN_POSITIVE));
        }
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIN_HZ: f64 = 22_050.0 / 8192.0;
    const N_BINS: usize = 4097;

    /// A spectrum with one bin at each frequency.
    fn lines(hz: &[f64]) -> Vec<f32> {
        let mut magnitude = vec![0.0; N_BINS];
        for hz in hz {
            magnitude[(hz / BIN_HZ).round() as usize] = 1.0;
        }
        magnitude
    }

    #[test]
    fn a_pitch_is_in_its_semitone_and_class() {
        let grid = SemitoneGrid::new(BIN_HZ, N_BINS);
        for (hz, semitone, class) in [(440.0, 25, 9), (261.63, 16, 0), (1318.5, 44, 4)] {
            let semitones = grid.of(&lines(&[hz]));
            assert!((semitones[semitone] - 1.0).abs() < 1e-6, "{hz}");
            assert!((wrapped(&semitones)[class] - 1.0).abs() < 1e-6, "{hz}");
            assert!((wrapped(&semitones).iter().sum::<f64>() - 1.0).abs() < 1e-6);
        }
        assert!(grid.of(&lines(&[])).iter().all(|value| value.abs() < 1e-9));
    }

    #[test]
    fn every_semitone_has_bins() {
        let grid = SemitoneGrid::new(BIN_HZ, N_BINS);
        assert!(grid.borders.windows(2).all(|pair| pair[1] > pair[0]), "{:?}", grid.borders);
        assert!(grid.borders[N_SEMITONES] as f64 * BIN_HZ < 6_700.0);
    }

    #[test]
    fn an_even_spectrum_has_entropy_one_and_a_line_that_of_its_width() {
        let mut entropy = CollapsedEntropy::new(BIN_HZ, N_BINS);
        assert!(entropy.of(&vec![0.3; N_BINS]).unwrap() > 0.998);
        // A triangle of ±2.7 Hz at 3 kHz is 3 cents wide, and the average makes of it 70 even cents.
        let line = entropy.of(&lines(&[3_000.0])).unwrap();
        let expected = (70f64 + 1.0).ln() / 1200f64.ln();
        assert!((line - expected).abs() < 0.005, "{line} {expected}");
        assert_eq!(entropy.of(&vec![0.0; N_BINS]), None);
    }

    #[test]
    fn octaves_are_one_and_level_is_none() {
        let mut entropy = CollapsedEntropy::new(BIN_HZ, N_BINS);
        let one = entropy.of(&lines(&[3_000.0])).unwrap();
        let octaves = entropy.of(&lines(&[1_500.0, 3_000.0, 6_000.0])).unwrap();
        let tritone = entropy.of(&lines(&[3_000.0, 4_243.0])).unwrap();
        assert!(octaves < tritone && one <= octaves + 1e-6, "{one} {octaves} {tritone}");
        let quiet: Vec<f32> = lines(&[3_000.0]).iter().map(|x| 1e-5 * x).collect();
        assert!((entropy.of(&quiet).unwrap() - one).abs() < 1e-6);
    }
}
