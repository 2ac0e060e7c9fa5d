//! When the bass changes: a clock of its own, and the only one of music without drums.

use crate::onset::ONSET_FPS;
use crate::sketch::{N_BASS, SKETCH_FPS, Sketch};

/// Time on either side of a moment that is compared, seconds.
const SPAN_S: f64 = 0.32;
/// Part of the mean change that is added to both sides of a ratio, so that it is tame when either vanishes.
const FLOOR: f64 = 0.1;
/// Beats of the longest cycle.
const CYCLE: usize = 4;

/// Change of the bass over time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BassChange {
    /// Distance between the mean bass after and before each frame of the sketch, over its mean; all zero when nothing
    /// changes.
    curve: Vec<f32>,
}

impl BassChange {
    pub(crate) fn new(sketch: &Sketch) -> Self {
        let distance = |frame: usize| {
            let time_s = frame as f64 / SKETCH_FPS;
            // A sound that begins is no bass that changes; it may begin within a frame.
            if time_s < SPAN_S + 1.0 / SKETCH_FPS {
                return 0.0;
            }
            let (before, after) =
                (sketch.mean(time_s - SPAN_S, time_s), sketch.mean(time_s, time_s + SPAN_S));
            let pairs = before[..N_BASS].iter().zip(&after[..N_BASS]);
            pairs.map(|(b, a)| (a - b).powi(2)).sum::<f32>().sqrt()
        };
        let mut curve: Vec<f32> =
            (0..(sketch.duration_s() * SKETCH_FPS) as usize).map(distance).collect();
        let mean = curve.iter().sum::<f32>() / curve.len().max(1) as f32;
        if mean > 0.0 {
            for change in &mut curve {
                *change /= mean;
            }
        }
        Self { curve }
    }

    /// Change on the beats over that half a beat later, natural logarithm. Beats are `period` onset frames apart from
    /// `first` on and end before `end`.
    pub(crate) fn on_beat_over_half(&self, first: f64, period: f64, end: f64) -> f64 {
        let on = self.mean(first, period, end);
        let half = self.mean(first + 0.5 * period, period, end);
        ((on + FLOOR) / (half + FLOOR)).ln()
    }

    /// Change on the fourth beats, of the four kinds of them on those with the most, over that on all beats.
    pub(crate) fn every_fourth(&self, first: f64, period: f64, end: f64) -> f64 {
        let kinds: [f64; CYCLE] = std::array::from_fn(|k| {
            self.mean(first + k as f64 * period, CYCLE as f64 * period, end)
        });
        let mean = kinds.iter().sum::<f64>() / CYCLE as f64;
        kinds.into_iter().fold(0.0, f64::max) / (mean + FLOOR)
    }

    /// Mean over pulses from `first` to `end` (onset frames), each the largest of the three frames around it.
    fn mean(&self, first: f64, step: f64, end: f64) -> f64 {
        let scale = SKETCH_FPS / ONSET_FPS;
        let (mut sum, mut n, mut time) = (0.0, 0.0_f64, first * scale);
        while time < end * scale {
            let frame = time as usize;
            let to = (frame + 2).min(self.curve.len());
            let near = &self.curve[frame.saturating_sub(1).min(to)..to];
            sum += f64::from(near.iter().copied().fold(0.0, f32::max));
            n += 1.0;
            time += step * scale;
        }
        sum / n.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bass_that_moves_on_the_beat_tells_the_beat() {
        // A new bass note every 56 frames, each fourth of them far away.
        let mut sketch = Sketch::new(&[60.0; 20]);
        for frame in 0..6_000_usize {
            let mut bands = [0.0; 20];
            let step = frame / 56;
            bands[if step % 4 == 0 { 9 } else { step % 2 }] = if step % 4 == 0 { 4.0 } else { 1.0 };
            sketch.push(&bands);
        }
        let change = BassChange::new(&sketch);
        assert!(change.on_beat_over_half(0.0, 56.0, 5_900.0) > 0.4);
        assert!(change.on_beat_over_half(28.0, 56.0, 5_900.0) < -0.4);
        let (four, other) =
            (change.every_fourth(0.0, 56.0, 5_900.0), change.every_fourth(0.0, 42.0, 5_900.0));
        assert!(four > other + 0.2, "{four} {other}");
    }

    #[test]
    fn what_stays_does_not_change() {
        let mut sketch = Sketch::new(&[60.0; 20]);
        for _ in 0..1_000 {
            sketch.push(&[1.0; 20]);
        }
        let change = BassChange::new(&sketch);
        assert!(change.on_beat_over_half(3.0, 50.0, 900.0).abs() < 1e-9);
        assert!(change.every_fourth(3.0, 50.0, 900.0).abs() < 1e-9);
        assert!(BassChange::new(&Sketch::default()).every_fourth(0.0, 50.0, 900.0).abs() < 1e-9);
    }
}
