//! Harmonic pitch class profile: spectral peaks folded into one octave.

use multiversion::multiversion;

use crate::lanes::largest;
use crate::power_spectrum::PowerSpectrum;

/// Bins per octave of a [`Chroma`]: three per semitone, so that the tuning can be corrected afterwards.
pub(crate) const BINS: usize = 36;
/// Strength per pitch class; C of A4 = 440 Hz is bin 0.
pub(crate) type Chroma = [f32; BINS];

/// Samples per frame at 22 050 Hz (0.37 s: semitones are apart from 110 Hz up).
const FRAME_AT_22050: f64 = 8192.0;
/// Samples from frame to frame, as a share of the frame.
pub(crate) const HOP_SHARE: f64 = 0.5;
/// Range of the peaks, Hz.
const RANGE_HZ: (f64, f64) = (55.0, 3_500.0);
/// Peaks below count as bass, Hz.
const BASS_HZ: f64 = 220.0;
/// Peaks below this share of the largest power are dropped (−46 dB).
const RELATIVE_POWER: f32 = 2.5e-5;
/// Power under which nothing is heard (−96 dBFS).
pub(crate) const ABSOLUTE_POWER: f32 = 2.5e-10;
/// Half width of the neighbourhood a peak must stand out of, Hz.
const NEIGHBOURHOOD_HZ: f64 = 100.0;
/// A peak counts from `PROMINENCE.0` times the mean magnitude around it, fully from `PROMINENCE.1`:
/// drums make many peaks, but low ones.
const PROMINENCE: (f32, f32) = (2.0, 5.0);
/// Weight of the fundamental `f / (i + 1)` that a peak at `f` may belong to.
const HARMONIC_DECAY: f64 = 0.7;
/// Pitch of a peak above its hypothetical fundamentals `f`, `f/2`, … `f/5`: `36 · log2(i + 1)`.
const HARMONIC_OFFSETS: [f64; 5] = [0.0, 36.0, 57.058_650_025_961_62, 72.0, 83.589_411_415_945_04];

/// A spectral peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    /// Bins of a [`Chroma`], unfolded, above the C five octaves below C0: fundamentals of any peak stay positive.
    pub(crate) pitch: f64,
    /// Compressed magnitude times tonalness.
    pub(crate) weight: f32,
    /// Whether it lies in the bass.
    pub(crate) is_bass: bool,
}

/// Streaming spectral peaks of long frames.
pub(crate) struct PeakStage {
    n_fft: usize,
    bin_hz: f64,
    pending: Vec<f32>,
    spectrum: PowerSpectrum,
    /// Bins that are looked at.
    bins: std::ops::Range<usize>,
    power: Vec<f32>,
    magnitude: Vec<f32>,
    /// Prefix sums of the magnitude.
    prefix: Vec<f32>,
    /// Bins that are larger than their neighbours, and as many that are not yet known to be.
    candidates: Vec<usize>,
    peaks: Vec<Peak>,
}

impl PeakStage {
    pub(crate) fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let n_fft =
            ((rate * FRAME_AT_22050 / 22_050.0).round() as usize).next_power_of_two().max(64);
        let window = (0..n_fft)
            .map(|i| {
                let phase = std::f64::consts::TAU * i as f64 / n_fft as f64;
                ((0.5 - 0.5 * phase.cos()) / n_fft as f64 * 4.0) as f32
            })
            .collect();
        let bin_hz = rate / n_fft as f64;
        let first = ((RANGE_HZ.0 / bin_hz).ceil() as usize).max(1);
        let last = ((RANGE_HZ.1 / bin_hz) as usize).min(n_fft / 2 - 1);
        Self {
            n_fft,
            bin_hz,
            pending: Vec::new(),
            spectrum: PowerSpectrum::new(window)
                .expect("the length is a power of two of at least 64"),
            bins: first..last,
            power: vec![0.0; n_fft / 2 + 1],
            magnitude: vec![0.0; n_fft / 2 + 1],
            prefix: vec![0.0; last + 2],
            candidates: vec![0; last.saturating_sub(first)],
            peaks: Vec::new(),
        }
    }

    /// Samples in a frame.
    pub(crate) fn frame_samples(&self) -> usize {
        self.n_fft
    }

    /// Calls `frame` with the peaks of every complete frame, the largest power among what they are sought in, and its magnitudes;
    /// frames overlap by half.
    pub(crate) fn push(&mut self, samples: &[f32], mut frame: impl FnMut(&[Peak], f32, &[f32])) {
        self.pending.extend_from_slice(samples);
        let mut start = 0;
        while start + self.n_fft <= self.pending.len() {
            let top = self.find(start);
            frame(&self.peaks, top, &self.magnitude);
            start += (self.n_fft as f64 * HOP_SHARE) as usize;
        }
        self.pending.drain(..start);
    }

    /// Finds the peaks of one frame; the largest power.
    fn find(&mut self, start: usize) -> f32 {
        let samples = &self.pending[start..start + self.n_fft];
        self.spectrum.of(samples, &mut self.power).expect("frame and window have one length");
        roots(&self.power, &mut self.magnitude);
        running_sums(&self.magnitude, &mut self.prefix[1..]);
        self.peaks.clear();
        let top = largest(&self.power[self.bins.clone()]);
        let threshold = (top * RELATIVE_POWER).max(ABSOLUTE_POWER);
        let reach = (NEIGHBOURHOOD_HZ / self.bin_hz) as usize;
        let neighbours = self.power[self.bins.start - 1..=self.bins.end].windows(3);
        // Candidates are listed without a branch: whether a bin is one is a coin toss, and a wrong guess costs more than
        // the comparison.
        let mut n_candidates = 0;
        for (bin, around) in self.bins.clone().zip(neighbours) {
            let (before, p, after) = (around[0], around[1], around[2]);
            self.candidates[n_candidates] = bin;
            n_candidates += usize::from(p > threshold.max(before) && p >= after);
        }
        for &bin in &self.candidates[..n_candidates] {
            let around = bin.saturating_sub(reach)..(bin + reach + 1).min(self.prefix.len() - 1);
            let mean = (self.prefix[around.end] - self.prefix[around.start]) / around.len() as f32;
            let prominence = self.magnitude[bin] / mean;
            let tonalness = ((prominence - PROMINENCE.0) / (PROMINENCE.1 - PROMINENCE.0)).min(1.0);
            if tonalness <= 0.0 {
                continue;
            }
            // Parabola through the logarithms: nearly exact for a Hann window.
            let [a, b, c] = [bin - 1, bin, bin + 1].map(|bin| self.power[bin].max(1e-20).ln());
            let offset = (0.5 * (a - c) / (a - 2.0 * b + c)).clamp(-0.5, 0.5);
            let hz = (bin as f64 + f64::from(offset)) * self.bin_hz;
            self.peaks.push(Peak {
                pitch: (BINS as f64) * (hz / 440.0).log2() + BINS as f64 * 9.75,
                // The square root of the magnitude lets middle voices count beside loud ones.
                weight: self.magnitude[bin].sqrt() * tonalness,
                is_bass: hz < BASS_HZ,
            });
        }
        top
    }
}

/// Sum up to and with each value. Groups are summed on their own first, so that only one addition of each waits for the
/// group before.
fn running_sums(values: &[f32], sums: &mut [f32]) {
    const GROUP: usize = 8;
    let mut before = 0.0;
    for (sums, values) in sums.chunks_mut(GROUP).zip(values.chunks(GROUP)) {
        let mut within = [0f32; GROUP];
        let mut sum = 0.0;
        for (total, value) in within.iter_mut().zip(values) {
            sum += value;
            *total = sum;
        }
        for (total, within) in sums.iter_mut().zip(within) {
            *total = before + within;
        }
        before += sum;
    }
}

/// Square roots of powers.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn roots(power: &[f32], magnitude: &mut [f32]) {
    for (m, p) in magnitude.iter_mut().zip(power) {
        *m = p.sqrt();
    }
}

/// Adds the peaks to a profile: each to the fundamentals it may be a harmonic of.
///
/// # Source
///
/// Gómez (2006), "Tonal description of music audio signals", section 3.3.
pub(crate) fn accumulate(peaks: &[Peak], chroma: &mut Chroma) {
    for peak in peaks {
        let mut weight = f64::from(peak.weight);
        for offset in HARMONIC_OFFSETS {
            add(chroma, peak.pitch - offset, weight);
            weight *= HARMONIC_DECAY;
        }
    }
}

/// Adds `weight` at a pitch, shared between the two nearest bins.
pub(crate) fn add(chroma: &mut Chroma, pitch: f64, weight: f64) {
    let below = pitch.floor();
    let share = pitch - below;
    // Pitches are a few hundred bins at most: a remainder of whole numbers is a tenth of the cost.
    let bin = (below as isize).rem_euclid(BINS.cast_signed()).cast_unsigned();
    chroma[bin] += (weight * (1.0 - share)) as f32;
    chroma[(bin + 1) % BINS] += (weight * share) as f32;
}

/// Twelve pitch classes of a profile that is `tuning` semitones sharp; a triangle one semitone to either
/// side gathers each.
pub(crate) fn semitones(chroma: &Chroma, tuning: f64) -> [f64; 12] {
    let mut result = [0.0; 12];
    for (bin, &strength) in chroma.iter().enumerate() {
        let pitch = bin as f64 * 12.0 / BINS as f64 - tuning;
        let nearest = pitch.round();
        let distance = (pitch - nearest).abs();
        result[nearest.rem_euclid(12.0) as usize % 12] += f64::from(strength) * (1.0 - distance);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_is_one_peak_at_its_pitch() {
        let mut stage = PeakStage::new(22_050);
        let hz = 440.0 * 2_f64.powf(0.2 / 12.0);
        let samples: Vec<f32> = (0..22_050)
            .map(|n| (std::f64::consts::TAU * hz * f64::from(n) / 22_050.0).sin() as f32)
            .collect();
        let mut n_frames = 0;
        stage.push(&samples, |peaks, _, _| {
            n_frames += 1;
            assert_eq!(peaks.len(), 1);
            // A is 27 bins above C; 20 cents are 0.6 bins.
            assert!((peaks[0].pitch.rem_euclid(36.0) - 27.6).abs() < 0.03, "{:?}", peaks[0]);
        });
        assert_eq!(n_frames, 4);
    }

    #[test]
    fn silence_has_no_peaks() {
        let mut stage = PeakStage::new(22_050);
        stage.push(&vec![0.0; 30_000], |peaks, top, _| {
            assert!(peaks.is_empty() && top <= ABSOLUTE_POWER);
        });
    }

    #[test]
    fn folding_undoes_the_tuning() {
        let mut chroma = [0.0; BINS];
        add(&mut chroma, 27.9, 1.0);
        let classes = semitones(&chroma, 0.3);
        assert!(classes[9] > 0.9, "{classes:?}");
    }
}
