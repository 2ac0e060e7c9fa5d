//! Roughness: beating of neighbouring partials.

use crate::lanes::largest;

/// Local maxima below this share of the largest magnitude are no partials, and neither are those that stand out by less.
const CONTRAST: f32 = 0.01;
/// Highest partial, Hz: above, hearing knows little of beats.
const MAX_HZ: f64 = 5_000.0;
/// Partials that a spectrum can have: every third bin of 10.8 Hz up to 5 kHz.
const MAX_PARTIALS: usize = 160;
/// Distance in units of the critical band from which beats are not heard: 1/2000 of the largest.
const MAX_DISTANCE: f32 = 2.2;
/// Steps of the table of the dissonance curve.
const N_STEPS: usize = 1024;

/// Roughness of magnitude spectra.
#[derive(Debug, Clone)]
pub(crate) struct Roughness {
    bin_hz: f32,
    n_bins: usize,
    /// The dissonance curve from 0 to [`MAX_DISTANCE`].
    curve: Vec<f32>,
    /// Frequency in Hz and magnitude, from low to high.
    partials: Vec<(f32, f32)>,
}

impl Roughness {
    /// Roughness of spectra of `n_bins` bins that are `bin_hz` apart.
    pub(crate) fn new(bin_hz: f64, n_bins: usize) -> Self {
        let curve = (0..=N_STEPS + 1)
            .map(|i| dissonance(f64::from(MAX_DISTANCE) * i as f64 / N_STEPS as f64) as f32)
            .collect();
        let n_bins = n_bins.min((MAX_HZ / bin_hz) as usize);
        Self { bin_hz: bin_hz as f32, n_bins, curve, partials: Vec::with_capacity(MAX_PARTIALS) }
    }

    /// Sum over pairs of partials of the product of their amplitudes and the dissonance of their distance, over the sum of
    /// their squared amplitudes: 0 without pairs, at most a few tenths. Independent of level.
    ///
    /// # Source
    ///
    /// Sethares (1998), *Tuning, timbre, spectrum, scale*, after Plomp and Levelt (1965): e^(−3.51·d) − e^(−5.75·d) with
    /// d = 0.24·|Δf| / (0.0207·f + 18.96), f the lower frequency. Within 1e-4 of the formula in double precision.
    pub(crate) fn of(&mut self, magnitude: &[f32]) -> f32 {
        self.find_partials(magnitude);
        let (mut rough, mut squares) = (0.0, 0.0);
        for (i, &(low_hz, a)) in self.partials.iter().enumerate() {
            squares += a * a;
            let scale = 0.24 / (0.0207 * low_hz + 18.96);
            for &(high_hz, b) in &self.partials[i + 1..] {
                let distance = scale * (high_hz - low_hz);
                if distance >= MAX_DISTANCE {
                    break;
                }
                let at = distance * (N_STEPS as f32 / MAX_DISTANCE);
                let step = at as usize;
                let (below, above) = (self.curve[step], self.curve[step + 1]);
                rough += a * b * (below + (at - step as f32) * (above - below));
            }
        }
        if squares > 0.0 { rough / squares } else { 0.0 }
    }

    fn find_partials(&mut self, magnitude: &[f32]) {
        self.partials.clear();
        let heard = &magnitude[..self.n_bins.min(magnitude.len())];
        let contrast = CONTRAST * largest(heard).max(0.0);
        let mut valley = f32::MAX;
        for bin in 1..heard.len().saturating_sub(1) {
            let (before, here, after) = (heard[bin - 1], heard[bin], heard[bin + 1]);
            valley = valley.min(before);
            let is_partial =
                here > before && here >= after && here > contrast && here - valley >= contrast;
            if is_partial && self.partials.len() < MAX_PARTIALS {
                // Through the logarithms a parabola is nearly exact for a Hann window.
                let (a, b, c) = (before.max(1e-20).ln(), here.ln(), after.max(1e-20).ln());
                let offset = (0.5 * (a - c) / (a - 2.0 * b + c)).clamp(-0.5, 0.5);
                let amplitude = (b - 0.25 * (a - c) * offset).exp();
                self.partials.push(((bin as f32 + offset) * self.bin_hz, amplitude));
                valley = here;
            }
        }
    }
}

/// Dissonance of two partials at a distance in units of the critical band.
fn dissonance(distance: f64) -> f64 {
    (-3.51 * distance).exp() - (-5.75 * distance).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::power_spectrum::PowerSpectrum;
    use crate::window;

    const BIN_HZ: f64 = 22_050.0 / 2048.0;

    fn rough(tones: &[(f64, f64)], gain: f64) -> f64 {
        let samples: Vec<f32> = (0..2048)
            .map(|i| {
                let t = f64::from(i) / 22_050.0;
                let sum: f64 =
                    tones.iter().map(|(hz, a)| a * (std::f64::consts::TAU * hz * t).sin()).sum();
                (gain * sum) as f32
            })
            .collect();
        let mut power = vec![0.0; 1025];
        PowerSpectrum::new(window::hann(2048)).unwrap().of(&samples, &mut power).unwrap();
        let magnitude: Vec<f32> = power.iter().map(|p| p.sqrt()).collect();
        Roughness::new(BIN_HZ, 1025).of(&magnitude).into()
    }

    #[test]
    fn two_sines_have_the_roughness_of_the_formula() {
        for (low_hz, high_hz, b) in
            [(440.0, 500.0, 1.0), (700.0, 850.0, 0.5), (2000.0, 2300.0, 0.8)]
        {
            let distance = 0.24 * (high_hz - low_hz) / (0.0207 * low_hz + 18.96);
            let expected = b * dissonance(distance) / (1.0 + b * b);
            let found = rough(&[(low_hz, 1.0), (high_hz, b)], 0.1);
            // The lobes of the window overlap a little, which moves both frequencies by a fraction of a hertz.
            assert!((found / expected - 1.0).abs() < 0.03, "{low_hz}: {found} {expected}");
        }
    }

    #[test]
    fn a_lone_sine_and_silence_are_smooth() {
        assert!(rough(&[(440.0, 1.0)], 0.5) < 1e-6);
        assert!(rough(&[], 0.5) < 1e-6);
    }

    #[test]
    fn a_semitone_is_rougher_than_a_fifth_at_any_level() {
        let (semitone, fifth) = ([(440.0, 1.0), (466.16, 1.0)], [(440.0, 1.0), (660.0, 1.0)]);
        assert!(rough(&semitone, 0.1) > 5.0 * rough(&fifth, 0.1));
        assert!((rough(&semitone, 0.9) - rough(&semitone, 0.001)).abs() < 1e-4);
    }

    #[test]
    fn noise_stays_within_the_table() {
        let magnitude: Vec<f32> = fixtures::noise(5, 1025).iter().map(|x| x.abs()).collect();
        let found = Roughness::new(BIN_HZ, 1025).of(&magnitude);
        assert!(found.is_finite() && found > 0.0);
    }
}
