//! Periodicity of an envelope: the generalised autocorrelation, averaged over windows.

use realfft::RealFftPlanner;

use crate::onset::ONSET_FPS;

/// Length of a window, seconds: a slow bar still repeats in it.
const WINDOW_S: f64 = 20.48;
/// Shortest lag that counts as a period, seconds (300 BPM).
const MIN_LAG_S: f64 = 0.2;
/// Longest lag that is kept, seconds.
const MAX_LAG_S: f64 = 12.0;
/// How far off a lag its peak is looked for, as a part of it: the tempo is known no better than that.
const TOLERANCE: f64 = 0.005;

/// How strongly an envelope repeats itself after each lag. Lags are told in onset frames.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Periodicity {
    /// Generalised autocorrelation at lags up to 12 s, 1 at lag 0.
    curve: Vec<f32>,
    /// Frames of the envelope per onset frame.
    scale: f64,
    /// Largest value at a lag of a beat or longer.
    strongest: f64,
}

impl Periodicity {
    /// Periodicity of an envelope of `fps` frames per second.
    pub(crate) fn new(envelope: &[f32], fps: f64) -> Self {
        let curve =
            autocorrelation(envelope, (WINDOW_S * fps) as usize, (MAX_LAG_S * fps) as usize);
        let shortest = (MIN_LAG_S * fps).ceil() as usize;
        let strongest = f64::from(curve[shortest..].iter().copied().fold(0.0, f32::max));
        Self { curve, scale: fps / ONSET_FPS, strongest }
    }

    /// Largest value at a lag of a beat or longer, 0..=1.
    pub(crate) fn strongest(&self) -> f64 {
        self.strongest
    }

    /// Value after `lag` onset frames; 0 beyond the end.
    pub(crate) fn after(&self, lag: f64) -> f64 {
        at(&self.curve, lag * self.scale)
    }

    /// Largest value at lags next to `lag` onset frames, over the strongest of all.
    pub(crate) fn near(&self, lag: f64) -> f64 {
        let centre = lag * self.scale;
        let reach = (TOLERANCE * centre).max(0.5);
        let steps = (2.0 * reach).ceil();
        let n_steps = steps as i32;
        let largest = (-n_steps..=n_steps)
            .map(|k| at(&self.curve, (centre + reach * f64::from(k) / steps).max(0.0)))
            .fold(f64::NEG_INFINITY, f64::max);
        largest / self.strongest.max(1e-6)
    }
}

/// Value of `curve` between two lags, linearly interpolated; 0 beyond its end.
fn at(curve: &[f32], lag: f64) -> f64 {
    let below = lag.floor();
    let i = below as usize;
    if i + 1 >= curve.len() {
        return 0.0;
    }
    let t = lag - below;
    f64::from(curve[i]) * (1.0 - t) + f64::from(curve[i + 1]) * t
}

/// Generalised autocorrelation of `envelope` at lags `0..=max_lag`, 1 at lag 0, in windows of `n_window` frames.
///
/// All zero when the envelope is constant. Corrected for the shrinking overlap of longer lags.
///
/// # Source
///
/// Percival & Tzanetakis (2014), "Streamlined tempo estimation based on autocorrelation and
/// cross-correlation with pulses", IEEE/ACM TASLP 22(12), section III.
fn autocorrelation(envelope: &[f32], n_window: usize, max_lag: usize) -> Vec<f32> {
    let n_fft = 2 * n_window;
    let hop = n_window / 2;
    let mut planner = RealFftPlanner::<f32>::new();
    let forward = planner.plan_fft_forward(n_fft);
    let inverse = planner.plan_fft_inverse(n_fft);
    let mut input = forward.make_input_vec();
    let mut spectrum = forward.make_output_vec();
    let mut sum = vec![0.0_f32; max_lag + 1];

    let mut start = 0;
    while start < envelope.len() {
        let window = &envelope[start..envelope.len().min(start + n_window)];
        // A rest at the end repeats what the window before has already said.
        if start == 0 || window.len() > hop {
            let mean = window.iter().sum::<f32>() / window.len() as f32;
            input.fill(0.0);
            for (x, &e) in input.iter_mut().zip(window) {
                *x = e - mean;
            }
            forward.process(&mut input, &mut spectrum).expect("the buffers fit the plan");
            for bin in &mut spectrum {
                let magnitude = (bin.re * bin.re + bin.im * bin.im).sqrt();
                // The root (Percival & Tzanetakis) is flatter than the square of the plain autocorrelation, so that
                // one loud component does not hide the others.
                bin.re = magnitude.sqrt();
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
        start += hop;
    }
    let zero_lag = sum[0];
    if zero_lag > 0.0 {
        let n = envelope.len().min(n_window) as f32;
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
        let r = autocorrelation(&envelope, 2048, 1200);
        let best = (20..80).max_by(|&a, &b| r[a].total_cmp(&r[b])).unwrap();
        assert_eq!(best, 50);
    }

    /// The same train at an eighth of the rate repeats after the same time.
    #[test]
    fn lags_do_not_depend_on_the_rate() {
        for (fps, period) in [(100.0, 64), (12.5, 8)] {
            let envelope: Vec<f32> = (0..40 * period).map(|n| f32::from(n % period == 0)).collect();
            let periodicity = Periodicity::new(&envelope, fps);
            let [beat, between, next] = [64.0, 96.0, 128.4].map(|lag| periodicity.near(lag));
            assert!(beat > 0.5 && between < 0.2, "{fps} frames/s: {beat} {between}");
            // Next to the peak, between two frames.
            assert!(next > 0.5, "{fps} frames/s: {next}");
            assert!(periodicity.after(1_300.0).abs() < 1e-9);
        }
    }

    #[test]
    fn constant_and_empty_have_none() {
        assert!(autocorrelation(&[], 2048, 1200).iter().all(|&r| r == 0.0));
        assert!(autocorrelation(&[3.0; 500], 2048, 1200)[1..].iter().all(|r| r.abs() < 1.0));
    }
}
