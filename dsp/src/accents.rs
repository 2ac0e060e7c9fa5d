//! Accents: onset envelopes made comparable over time and between bands.

use crate::onset::{ONSET_FPS, OnsetEnvelope};

/// Half width of the moving mean that is subtracted, seconds.
const FLOOR_S: f64 = 0.5;
/// Half width of the window that sets the scale, seconds.
const SCALE_S: f64 = 4.0;
/// Share of the global scale below which the local scale does not fall, so that rests stay quiet.
const SCALE_FLOOR: f64 = 0.25;
/// Weights of the bands and of the rise where the question is how often something happens.
const PULSE_WEIGHTS: [f32; 4] = [0.3, 0.4, 0.3, 0.0];
/// Weights of the bands and of the rise where the question is which events are the beats: off-beat
/// hi-hats and chords are as sudden as the beats, but not as loud.
const BEAT_WEIGHTS: [f32; 4] = [0.5, 0.2, 0.5, 1.4];
/// Height of an accent that counts as an onset.
const ONSET_THRESHOLD: f32 = 0.7;
/// Frames on either side that an onset must not fall below.
const ONSET_REACH: usize = 5;

/// Peaks of the onset envelopes above their surroundings, root mean square about 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Accents {
    /// Low, middle and high band.
    pub(crate) bands: [Vec<f32>; 3],
    /// All bands: how sudden.
    pub(crate) sum: Vec<f32>,
    /// All bands and the rise: how much like a beat.
    pub(crate) beat: Vec<f32>,
}

impl Accents {
    pub(crate) fn new(onsets: &OnsetEnvelope) -> Self {
        let [low, mid, high, rise] =
            [&onsets.low, &onsets.mid, &onsets.high, &onsets.rise].map(|e| accents(e));
        let weighted = |weights: [f32; 4]| {
            let sum: Vec<f32> = (0..low.len())
                .map(|n| {
                    weights[0] * low[n]
                        + weights[1] * mid[n]
                        + weights[2] * high[n]
                        + weights[3] * rise[n]
                })
                .collect();
            accents(&smooth(&sum))
        };
        Self { sum: weighted(PULSE_WEIGHTS), beat: weighted(BEAT_WEIGHTS), bands: [low, mid, high] }
    }

    pub(crate) fn len(&self) -> usize {
        self.sum.len()
    }

    /// Onsets per second: clear local maxima of the sum at least 50 ms apart.
    pub(crate) fn onset_rate_hz(&self) -> f64 {
        let n = self
            .sum
            .windows(2 * ONSET_REACH + 1)
            .filter(|w| w[ONSET_REACH] > ONSET_THRESHOLD && w.iter().all(|&v| v <= w[ONSET_REACH]))
            .count();
        n as f64 * ONSET_FPS / self.len().max(1) as f64
    }
}

/// Three-frame smoothing: a beat that falls between two frames counts as much as one on a frame.
fn smooth(values: &[f32]) -> Vec<f32> {
    let n = values.len();
    (0..n)
        .map(|i| {
            let before = values[i.saturating_sub(1)];
            let after = values[(i + 1).min(n - 1)];
            0.25 * before + 0.5 * values[i] + 0.25 * after
        })
        .collect()
}

/// `envelope` minus its moving mean, half-wave rectified, over its moving root mean square.
fn accents(envelope: &[f32]) -> Vec<f32> {
    let mean = moving_mean(envelope, (FLOOR_S * ONSET_FPS) as usize);
    let above: Vec<f32> = envelope.iter().zip(&mean).map(|(e, m)| (e - m).max(0.0)).collect();
    let square: Vec<f32> = above.iter().map(|a| a * a).collect();
    let scale = moving_mean(&square, (SCALE_S * ONSET_FPS) as usize);
    let global = square.iter().map(|&s| f64::from(s)).sum::<f64>() / square.len().max(1) as f64;
    let floor = (SCALE_FLOOR * SCALE_FLOOR * global) as f32;
    above
        .iter()
        .zip(&scale)
        .map(|(a, &s)| if global > 0.0 { a / s.max(floor).sqrt() } else { 0.0 })
        .collect()
}

/// Mean over the `2 * half + 1` values around each one, fewer at the ends.
fn moving_mean(values: &[f32], half: usize) -> Vec<f32> {
    let mut prefix = Vec::with_capacity(values.len() + 1);
    let mut sum = 0.0_f64;
    prefix.push(sum);
    for &v in values {
        sum += f64::from(v);
        prefix.push(sum);
    }
    (0..values.len())
        .map(|i| {
            let (from, to) = (i.saturating_sub(half), (i + half + 1).min(values.len()));
            ((prefix[to] - prefix[from]) / (to - from) as f64) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_mean_of_a_ramp_is_the_ramp_inside() {
        let ramp: Vec<f32> = (0..100u8).map(f32::from).collect();
        let mean = moving_mean(&ramp, 5);
        assert!((mean[50] - 50.0).abs() < 1e-4);
        assert!((mean[0] - 2.5).abs() < 1e-4);
    }

    #[test]
    fn constant_has_no_accents() {
        assert!(accents(&[2.0; 400]).iter().all(|&a| a.abs() < 1e-3));
        assert!(accents(&[]).is_empty());
    }
}
