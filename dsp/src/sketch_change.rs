//! When the bass and the harmony change: a clock of its own, and the only one of music without drums.

use crate::onset::ONSET_FPS;
use crate::periodicity::Periodicity;
use crate::sketch::{N_BANDS, N_BASS, SKETCH_FPS, Sketch};

/// Time on either side of a moment that is compared, seconds.
const SPAN_S: f64 = 0.32;
/// Part of the mean change that is added to both sides of a ratio, so that it is tame when either vanishes.
const FLOOR: f64 = 0.1;
/// Beats of the longest cycle.
const CYCLE: usize = 4;

/// Change of the bass and of the harmony over time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SketchChange {
    /// Distance between the mean bass after and before each frame of the sketch, over its mean; all zero when nothing
    /// changes.
    bass: Vec<f32>,
    /// The same of the pitch classes, added to it.
    both: Vec<f32>,
}

impl SketchChange {
    pub(crate) fn new(sketch: &Sketch) -> Self {
        let n_frames = (sketch.duration_s() * SKETCH_FPS) as usize;
        let (mut bass, mut pitch) = (vec![0.0; n_frames], vec![0.0; n_frames]);
        for frame in 0..n_frames {
            let time_s = frame as f64 / SKETCH_FPS;
            // A sound that begins is no bass that changes; it may begin within a frame.
            if time_s >= SPAN_S + 1.0 / SKETCH_FPS {
                let before = sketch.mean(time_s - SPAN_S, time_s);
                let after = sketch.mean(time_s, time_s + SPAN_S);
                let distance = |from: usize, to: usize| {
                    let pairs = before[from..to].iter().zip(&after[from..to]);
                    pairs.map(|(b, a)| (a - b).powi(2)).sum::<f32>().sqrt()
                };
                (bass[frame], pitch[frame]) = (distance(0, N_BASS), distance(N_BASS, N_BANDS));
            }
        }
        for curve in [&mut bass, &mut pitch] {
            let mean = curve.iter().sum::<f32>() / n_frames.max(1) as f32;
            if mean > 0.0 {
                for change in curve.iter_mut() {
                    *change /= mean;
                }
            }
        }
        let both = bass.iter().zip(&pitch).map(|(b, p)| b + p).collect();
        Self { bass, both }
    }

    /// Change of bass and harmony at a time in onset frames, between frames linearly; 2 in the mean, 0 outside.
    pub(crate) fn at(&self, frame: f64) -> f32 {
        let frame = frame * SKETCH_FPS / ONSET_FPS;
        let before = frame as usize;
        if frame < 0.0 || before + 1 >= self.both.len() {
            return 0.0;
        }
        let part = (frame - before as f64) as f32;
        self.both[before] * (1.0 - part) + self.both[before + 1] * part
    }

    /// How the change of bass and harmony repeats.
    pub(crate) fn periodicity(&self) -> Periodicity {
        Periodicity::new(&self.both, SKETCH_FPS)
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
            let to = (frame + 2).min(self.bass.len());
            let near = &self.bass[frame.saturating_sub(1).min(to)..to];
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
        let change = SketchChange::new(&sketch);
        // Half a beat is 28 onset frames from a change. The last of the three sketch frames that are looked at there is up
        // to 16 frames nearer, where the difference of means over 32 frames has fallen to 1 - 12/32 of its height.
        let least = (1.0_f64 / (1.0 - 12.0 / 32.0)).ln();
        // The floor takes at most a sixth of it away: 0.1 beside a mean change of at least 1 and 0.625.
        let least = 5.0 / 6.0 * least;
        let (on, off) = (
            change.on_beat_over_half(0.0, 56.0, 5_900.0),
            change.on_beat_over_half(28.0, 56.0, 5_900.0),
        );
        assert!(on > least && off < -least, "{on} {off}");
        // Of four changes two are √17 (from 1 in one band to 4 in another) and two are √2. Three beats visit all of them
        // in turn, so that no kind of them is larger than another by what was changed.
        let expected = 2.0 * 17.0_f64.sqrt() / (17.0_f64.sqrt() + 2.0_f64.sqrt());
        let (four, three) =
            (change.every_fourth(0.0, 56.0, 5_900.0), change.every_fourth(0.0, 42.0, 5_900.0));
        // The floor makes the mean a tenth larger at most, the frames move heights by as much.
        assert!(four > 0.8 * expected && four < 1.1 * expected, "{four}, not {expected}");
        assert!(three < four, "{three} {four}");
    }

    #[test]
    fn what_stays_does_not_change() {
        let mut sketch = Sketch::new(&[60.0; 20]);
        for _ in 0..1_000 {
            sketch.push(&[1.0; 20]);
        }
        let change = SketchChange::new(&sketch);
        assert!(change.on_beat_over_half(3.0, 50.0, 900.0).abs() < 1e-9);
        assert!(change.every_fourth(3.0, 50.0, 900.0).abs() < 1e-9);
        assert!(SketchChange::new(&Sketch::default()).every_fourth(0.0, 50.0, 900.0).abs() < 1e-9);
    }
}
