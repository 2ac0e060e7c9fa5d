//! Tuning of a spectrogram, as librosa estimates it.

use ndarray::Array2;

use crate::scale::{bin_to_hz, hz_to_octave};

/// Range of the pitches, Hz: from the first on, below the second.
const RANGE_HZ: (f64, f64) = (150.0, 4000.0);
/// Share of the largest value of a frame that a pitch must exceed.
const THRESHOLD: f32 = 0.1;
/// Bins of the histogram per semitone.
const RESOLUTION: usize = 100;

/// Deviation of the pitches of a spectrogram from A4 = 440 Hz, shares of a semitone, −0.5..0.5 in steps of 0.01; 0
/// without a pitch.
///
/// The fullest bin of a histogram of the peaks, by its lower edge: it is up to 0.01 too low, and [`TonalStage`]
/// (which does not use it) finer.
///
/// # Shapes and units
///
/// `spectrogram` is `[n_frames, n_fft / 2 + 1]`, of magnitudes or of powers.
///
/// # Source
///
/// `librosa.estimate_tuning` 0.11.0, with which it agrees (`fixtures/golden/spectral_parity.json`) but where two bins
/// of the histogram are equally full to within a count.
///
/// [`TonalStage`]: crate::TonalStage
pub fn pitch_tuning(spectrogram: &Array2<f32>, rate_hz: u32) -> f64 {
    let mut peaks: Vec<(f32, f32)> = Vec::new();
    for row in spectrogram.rows() {
        add_peaks(&row.to_vec(), rate_hz, &mut peaks);
    }
    let Some(median) = median(peaks.iter().map(|&(_, height)| height).collect()) else {
        return 0.0;
    };
    let mut histogram = [0u32; RESOLUTION];
    for &(hz, _) in peaks.iter().filter(|&&(_, height)| height >= median) {
        let semitones = 12.0 * hz_to_octave(hz.into(), 0.0);
        let deviation = (semitones + 0.5).rem_euclid(1.0);
        let bin = (deviation * RESOLUTION as f64) as usize;
        histogram[bin.min(RESOLUTION - 1)] += 1;
    }
    let fullest = (0..RESOLUTION).rev().max_by_key(|&bin| histogram[bin]).unwrap_or(0);
    fullest as f64 / RESOLUTION as f64 - 0.5
}

/// Frequency in Hz and height of the peaks of one frame, both by a parabola through three bins.
fn add_peaks(spectrum: &[f32], rate_hz: u32, peaks: &mut Vec<(f32, f32)>) {
    let n_fft = 2 * (spectrum.len().max(2) - 1);
    let hz = |bin: f64| bin_to_hz(bin, n_fft, rate_hz.into());
    let threshold = THRESHOLD * spectrum.iter().copied().fold(0f32, f32::max);
    let audible = |value: f32| if value > threshold { value } else { 0.0 };
    for (i, around) in spectrum.windows(3).enumerate() {
        let bin = (i + 1) as f64;
        let (before, value, after) = (around[0], around[1], around[2]);
        let is_peak = audible(value) > audible(before) && audible(value) >= audible(after);
        if !is_peak || hz(bin) < RANGE_HZ.0 || hz(bin) >= RANGE_HZ.1 {
            continue;
        }
        let curvature = f64::from(after) + f64::from(before) - 2.0 * f64::from(value);
        let slope = 0.5 * (f64::from(after) - f64::from(before));
        let shift = if slope.abs() >= curvature.abs() { 0.0 } else { -slope / curvature };
        peaks.push((hz(bin + shift) as f32, value + (0.5 * slope * shift) as f32));
    }
}

/// Median; that of an even number is the mean of the middle two. `None` of nothing.
fn median(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    Some(if values.len() % 2 == 1 { upper } else { 0.5 * (values[values.len() / 2 - 1] + upper) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One peak per frame, a bell around `hz`, `n_fft` 8192.
    fn tones(hz: &[f64]) -> Array2<f32> {
        Array2::from_shape_fn((hz.len(), 4097), |(frame, bin)| {
            let distance = bin as f64 - hz[frame] * 8192.0 / 22050.0;
            (-0.5 * distance * distance).exp() as f32
        })
    }

    #[test]
    fn is_the_deviation_of_the_pitches() {
        for cents in [-40.0, 0.0, 25.0] {
            let hz = |semitone: f64| 440.0 * ((semitone + cents / 100.0) / 12.0f64).exp2();
            let tuning = pitch_tuning(&tones(&[hz(0.0), hz(3.0), hz(7.0), hz(12.0)]), 22050);
            // A parabola through a bell is off by up to 0.04 bins, which are 4 cents at 440 Hz.
            assert!((100.0 * tuning - cents).abs() < 5.0, "{cents}: {tuning}");
        }
    }

    #[test]
    fn nothing_is_in_tune() {
        for spectrogram in
            [Array2::zeros((0, 1025)), Array2::zeros((3, 1025)), Array2::zeros((2, 1))]
        {
            assert!(pitch_tuning(&spectrogram, 22050).abs() < 1e-12);
        }
    }

    #[test]
    fn median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }
}
