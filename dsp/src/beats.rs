//! Beat times: the most likely path through a state space of beat position and beat interval.

use crate::activation::Activation;
use crate::transition::Transition;

/// Penalty per squared octave of a beat interval away from the expected one.
const DRIFT: f32 = 8.0;
/// Intervals searched around the expected one, as a factor.
const SPREAD: f64 = 1.4;
/// Beats are final once they lie this far behind the decoder, frames.
const LAG: usize = 6_000;

/// A decoded sequence of beats.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BeatPath {
    /// First frame of each beat's state run, ascending.
    pub(crate) frames: Vec<usize>,
    /// Log-likelihood of the path over that of a path without beats, per frame.
    pub(crate) score: f64,
}

/// The most likely beats in `activation`, about `period` frames apart.
///
/// Between two beats nothing can happen but advancing, so that the state space of position × interval
/// is decoded beat by beat: the observations of a whole beat are one difference of prefix sums. Memory
/// does not grow with the length: all survivors share their past after a minute, so that beats older
/// than that are final.
///
/// # Source
///
/// Krebs, Böck & Widmer (2015), "An efficient state-space model for joint tempo and meter tracking",
/// ISMIR. Same transitions and observations; adds a weak preference for the expected interval.
///
/// # Cost
///
/// Proportional to frames × intervals × reachable intervals.
pub(crate) fn beat_path(activation: &Activation, period: f64) -> BeatPath {
    Decoder::new(period, activation.beat_share).decode(&activation.values)
}

struct Decoder {
    /// See [`Activation::beat_share`].
    beat_share: usize,
    /// Shortest interval, frames.
    shortest: usize,
    /// Number of intervals.
    n_intervals: usize,
    transition: Transition,
    /// Preference per interval.
    prior: Vec<f32>,
}

impl Decoder {
    fn new(period: f64, beat_share: usize) -> Self {
        let shortest = ((period / SPREAD).floor() as usize).max(4);
        let longest = ((period * SPREAD).ceil() as usize).max(shortest + 1);
        let n_intervals = longest - shortest + 1;
        let transition = Transition::new(shortest, n_intervals);
        let prior = (0..n_intervals)
            .map(|i| -DRIFT * (((shortest + i) as f64 / period).log2() as f32).powi(2))
            .collect();
        Self { beat_share, shortest, n_intervals, transition, prior }
    }

    fn decode(&self, activation: &[f32]) -> BeatPath {
        let n = activation.len();
        let n_i = self.n_intervals;
        let longest = self.shortest + n_i - 1;
        // gain[t] = sum over frames before t of log a − log((1−a)/(λ−1)), in f64: it grows.
        let mut gain = Vec::with_capacity(n + 1);
        let mut sum = 0.0_f64;
        gain.push(sum);
        for &a in activation {
            let a = f64::from(a);
            sum += (a * (self.beat_share as f64 - 1.0) / (1.0 - a)).ln();
            gain.push(sum);
        }
        let runs: Vec<usize> =
            (0..n_i).map(|i| ((self.shortest + i) / self.beat_share).max(1)).collect();

        // Ring of scores of a beat at frame t with interval index i, and where each came from.
        let mut scores = vec![f32::NEG_INFINITY; longest * n_i];
        let mut origins = vec![0_u8; (2 * LAG).min(n.max(1)) * n_i];
        let ring = origins.len() / n_i;
        let mut arrivals = self.transition.scores();
        let mut base = 0.0_f64;
        let mut frames: Vec<usize> = Vec::new();
        let mut first_open = 0;

        for t in 0..n {
            let slot = t % longest;
            for (i, arrival) in arrivals.intervals()[..n_i].iter_mut().enumerate() {
                let interval = self.shortest + i;
                *arrival = if t >= interval {
                    let then = if slot >= interval { slot } else { slot + longest } - interval;
                    scores[then * n_i + i]
                } else {
                    // The recording may begin anywhere inside a beat.
                    -(base as f32)
                };
            }
            let scores_now = &mut scores[slot * n_i..][..n_i];
            self.transition.arrive(
                &mut arrivals,
                scores_now,
                &mut origins[t % ring * n_i..][..n_i],
            );
            for (i, score) in scores_now.iter_mut().enumerate() {
                let end = (t + runs[i]).min(n);
                *score = *score + (gain[end] - gain[t]) as f32 + self.prior[i];
            }
            // Keep f32 precise over hours: shift the scores now and then.
            if t % 1024 == 1023 {
                let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                for s in &mut scores {
                    *s -= top;
                }
                base += f64::from(top);
            }
            if t + 1 == n || (t + 1 - first_open >= ring && ring < n) {
                let open = t + 1 < n;
                let keep_until = if open { t + 1 - LAG } else { n };
                let path = self.trace(&scores, &origins, ring, t, first_open);
                let last = frames.last().copied();
                frames.extend(path.into_iter().filter(|&f| {
                    f < keep_until && last.is_none_or(|last| f > last + self.shortest / 2)
                }));
                first_open = keep_until;
            }
        }
        let last_best = (0..n_i)
            .flat_map(|i| (0..(self.shortest + i).min(n)).map(move |back| (i, back)))
            .map(|(i, back)| scores[(n - 1 - back) % longest * n_i + i])
            .fold(f32::NEG_INFINITY, f32::max);
        let score = if n == 0 { 0.0 } else { (base + f64::from(last_best)) / n as f64 };
        BeatPath { frames, score }
    }

    /// Beats of the best survivor after frame `t`, back to `first_open`.
    fn trace(
        &self,
        scores: &[f32],
        origins: &[u8],
        ring: usize,
        t: usize,
        first_open: usize,
    ) -> Vec<usize> {
        let n_i = self.n_intervals;
        let longest = self.shortest + n_i - 1;
        let mut best = (f32::NEG_INFINITY, 0, 0);
        for i in 0..n_i {
            for back in 0..(self.shortest + i).min(t + 1) {
                let frame = t - back;
                let s = scores[frame % longest * n_i + i];
                if s > best.0 {
                    best = (s, frame, i);
                }
            }
        }
        let (_, mut frame, mut i) = best;
        let mut path = Vec::new();
        loop {
            path.push(frame);
            let from = usize::from(origins[frame % ring * n_i + i]);
            let interval = self.shortest + from;
            if frame < interval + first_open {
                break;
            }
            frame -= interval;
            i = from;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in 0..1 that look random and never change.
    fn sequence(seed: u64, n: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..n)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as f32 / (1_u64 << 24) as f32
            })
            .collect()
    }

    fn path_of(activation: &[f32], period: f64) -> BeatPath {
        beat_path(&Activation { values: activation.to_vec(), beat_share: 16 }, period)
    }

    /// Every state at every frame, each with its whole past: slow and obvious.
    fn oracle(activation: &[f32], period: f64) -> (Vec<usize>, f64) {
        let decoder = Decoder::new(period, 16);
        let n_i = decoder.n_intervals;
        let interval = |i: usize| decoder.shortest + i;
        // (interval, frames until the next beat) → score and beats; at first anywhere in any beat.
        let mut states: Vec<(usize, usize, f64, Vec<usize>)> = (0..n_i)
            .flat_map(|i| (0..interval(i)).map(move |left| (i, left, 0.0, Vec::new())))
            .collect();
        for (t, &a) in activation.iter().enumerate() {
            let a = f64::from(a);
            let observed = (a * 15.0 / (1.0 - a)).ln();
            let mut next: Vec<(usize, usize, f64, Vec<usize>)> = Vec::new();
            let mut best: Vec<Option<(f64, Vec<usize>)>> = vec![None; n_i];
            for (i, left, score, beats) in states {
                if left > 0 {
                    let position = beats.last().map_or(usize::MAX, |&beat| t - beat);
                    let heard = if position < (interval(i) / 16).max(1) { observed } else { 0.0 };
                    next.push((i, left - 1, score + heard, beats));
                    continue;
                }
                for (to, best) in best.iter_mut().enumerate() {
                    let penalty = f64::from(decoder.transition.penalty(i, to));
                    if penalty.is_finite() {
                        let s = score + penalty + f64::from(decoder.prior[to]) + observed;
                        if best.as_ref().is_none_or(|b| s > b.0) {
                            let mut beats = beats.clone();
                            beats.push(t);
                            *best = Some((s, beats));
                        }
                    }
                }
            }
            for (i, best) in best.into_iter().enumerate() {
                if let Some((score, beats)) = best {
                    next.push((i, interval(i) - 1, score, beats));
                }
            }
            states = next;
        }
        let best = states
            .into_iter()
            .filter(|s| !s.3.is_empty())
            .max_by(|a, b| a.2.total_cmp(&b.2))
            .expect("a recording longer than a beat has a path");
        (best.3, best.2 / activation.len() as f64)
    }

    #[test]
    fn agrees_with_the_full_state_space() {
        for seed in 1..12 {
            for period in [9.0, 14.5, 33.0] {
                let noise = sequence(seed, 260);
                let activation: Vec<f32> = noise
                    .iter()
                    .enumerate()
                    .map(|(t, r)| {
                        let on = (t as f64 + 3.0) % period < 1.0;
                        0.02 + 0.96 * if on { 0.3 + 0.6 * r } else { 0.3 * r * r }
                    })
                    .collect();
                let (frames, score) = oracle(&activation, period);
                let path = path_of(&activation, period);
                assert!((path.score - score).abs() < 1e-4, "seed {seed} period {period}");
                assert_eq!(path.frames, frames, "seed {seed} period {period}");
            }
        }
    }

    #[test]
    fn long_recordings_are_decoded_piece_by_piece() {
        // Longer than five rings of back-pointers.
        let n = 10 * LAG + 123;
        let activation: Vec<f32> = (0..n).map(|t| if t % 47 == 11 { 0.9 } else { 0.03 }).collect();
        let path = path_of(&activation, 46.0);
        let expected: Vec<usize> = (0..n).filter(|t| t % 47 == 11).collect();
        let found = path.frames.iter().filter(|f| expected.binary_search(f).is_ok()).count();
        assert!(found * 100 >= expected.len() * 99, "{found} of {}", expected.len());
        assert!(path.frames.len() <= expected.len() + 2);
        assert!(path.frames.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn nothing_has_no_beats_worth_naming() {
        assert!(path_of(&[], 50.0).frames.is_empty());
        assert!(path_of(&[0.02; 3], 50.0).frames.len() <= 1);
    }
}
