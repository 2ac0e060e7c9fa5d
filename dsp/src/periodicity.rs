//! Periodicity of an envelope: the generalised autocorrelation, averaged over windows.

use realfft::RealFftPlanner;

/// Frames per window (20 s at 100 fps: a slow bar still repeats in it).
const WINDOW: usize = 2048;
/// Frames between windows.
const HOP: usize = WINDOW / 2;
/// Shortest lag that counts as a period, frames (300 BPM).
pub(crate) const MIN_LAG: usize = 20;
/// Longest lag that is kept, frames.
pub(crate) const MAX_LAG: usize = 1200;
/// Exponent of the magnitude spectrum (Percival & Tzanetakis 2014): flatter than the plain
/// autocorrelation (2), so that one loud component does not hide the others.
const COMPRESSION: f32 = 0.5;

/// How strongly an envelope repeats itself after each lag.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Periodicity {
    /// Generalised autocorrelation at lags `0..=MAX_LAG` frames, 1 at lag 0.
    pub(crate) curve: Vec<f32>,
}

impl Periodicity {
    pub(crate) fn new(envelope: &[f32]) -> Self {
        Self { curve: autocorrelation(envelope) }
    }

    /// Largest value at a lag of a beat or longer.
    pub(crate) fn strongest(&self) -> f64 {
        f64::from(self.curve[MIN_LAG..].iter().copied().fold(0.0, f32::max))
    }
}

/// Value of `curve` between two lags, linearly interpolated; 0 beyond its end.
pub(crate) fn at(curve: &[f32], lag: f64) -> f64 {
    let below = lag.floor();
    let i = below as usize;
    if i + 1 >= curve.len() {
        return 0.0;
    }
    let t = lag - below;
    f64::from(curve[i]) * (1.0 - t) + f64::from(curve[i + 1]) * t
}

/// Generalised autocorrelation of `envelope` at lags `0..=MAX_LAG`, 1 at lag 0.
///
/// All zero when the envelope is constant. Corrected for the shrinking overlap of longer lags.
///
/// # Source
///
/// Percival & Tzanetakis (2014), "Streamlined tempo estimation based on autocorrelation and
/// cross-correlation with pulses", IEEE/ACM TASLP 22(12), section III.
fn autocorrelation(envelope: &[f32]) -> Vec<f32> {
    let n_fft = 2 * WINDOW;
    let mut planner = RealFftPlanner::<f32>::new();
    let forward = planner.plan_fft_forward(n_fft);
    let inverse = planner.plan_fft_inverse(n_fft);
    let mut input = forward.make_input_vec();
    let mut spectrum = forward.make_output_vec();
    let mut sum = vec![0.0_f32; MAX_LAG + 1];

    let mut start = 0;
    while start < envelope.len() {
        let window = &envelope[start..envelope.len().min(start + WINDOW)];
        // A rest at the end repeats what the window before has already said.
        if start == 0 || window.len() > HOP {
            let mean = window.iter().sum::<f32>() / window.len() as f32;
            input.fill(0.0);
            for (x, &e) in input.iter_mut().zip(window) {
                *x = e - mean;
            }
            forward.process(&mut input, &mut spectrum).expect("the buffers fit the plan");
            for bin in &mut spectrum {
                let magnitude = (bin.re * bin.re + bin.im * bin.im).sqrt();
                bin.re = magnitude.powf(COMPRESSION);
                bin.im = 0.0;
            }
            inverse.process(&mut spectrum, &mut input).expect("the buffers fit the plan");
            let weight = window.len() as f32 / input[0].max(f32::MIN_POSITIVE);
            if input[0] > 0.0 {
                for (s, &r) in sum.iter_mut().zip(&input) {
                    *s += r * weight;
                }
            }
        }
        start += HOP;
    }
    let zero_lag = sum[0];
    if zero_lag > 0.0 {
        let n = envelope.len().min(WINDOW) as f32;
        for (lag, s) in sum.iter_mut().enumerate() {
            // Beyond half of the window the correction would amplify noise.
            *s /= zero_lag * (1.0 - lag as f32 / n).max(0.5);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pulse_train_peaks_at_its_period() {
        let envelope: Vec<f32> = (0..3000).map(|n| f32::from(n % 50 == 0)).collect();
        let r = autocorrelation(&envelope);
        let best = (20..80).max_by(|&a, &b| r[a].total_cmp(&r[b])).unwrap();
        assert_eq!(best, 50);
    }

    #[test]
    fn constant_and_empty_have_none() {
        assert!(autocorrelation(&[]).iter().all(|&r| r == 0.0));
        assert!(autocorrelation(&[3.0; 500])[1..].iter().all(|r| r.abs() < 1.0));
    }
}
