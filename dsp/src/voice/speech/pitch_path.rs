//! The path through the hypotheses of successive frames.

use std::collections::VecDeque;

use super::autocorrelation::{Candidates, MAX_CANDIDATES, OCTAVE_COST};
use super::{MAX_F0_HZ, MIN_F0_HZ};

/// Correlation from which a frame is voiced rather than not (Boersma 1993).
const VOICING_THRESHOLD: f64 = 0.45;
/// Level over the loudest so far below which a frame is silent.
const SILENCE_THRESHOLD: f64 = 0.03;
/// Cost of a jump of one octave.
const OCTAVE_JUMP_COST: f64 = 0.35;
/// Cost of a change between voiced and unvoiced.
const VOICING_COST: f64 = 0.14;
/// Frames after which a decision is final (40 in the set of Eyben et al. 2016).
pub(super) const LAG: usize = 40;
/// Hypotheses of a frame: unvoiced, and its candidates.
const N_STATES: usize = MAX_CANDIDATES + 1;

/// What was decided of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Voicing {
    /// Fundamental frequency, Hz; 0 where there is no voice.
    pub(super) f0_hz: f32,
    /// Normalised autocorrelation at its period, 0..1.
    pub(super) correlation: f32,
}

/// Viterbi's search with a fixed lag.
///
/// # Source
///
/// Costs as in Boersma (1993), section 4.
#[derive(Debug, Default)]
pub(super) struct PitchPath {
    frames: VecDeque<Frame>,
    scores: [f64; N_STATES],
    loudest: f32,
}

#[derive(Debug)]
struct Frame {
    candidates: Candidates,
    /// Best state of the frame before, by state.
    from: [u8; N_STATES],
}

impl PitchPath {
    /// Whether a frame of this level has no voice, whatever its hypotheses: the best of them would not be worth the change to a voice
    /// and back.
    pub(super) fn is_silent(&self, level: f32) -> bool {
        let best = 1.0 + OCTAVE_COST * (MAX_F0_HZ / MIN_F0_HZ).log2();
        unvoiced_strength(level, self.loudest) > best + 2.0 * VOICING_COST
    }

    /// Takes the hypotheses of the next frame; gives the decision about the frame [`LAG`] before.
    pub(super) fn push(&mut self, candidates: Candidates) -> Option<Voicing> {
        self.loudest = self.loudest.max(candidates.level);
        let before = self.frames.back().map(|frame| &frame.candidates);
        let mut from = [0; N_STATES];
        let mut scores = [f64::NEG_INFINITY; N_STATES];
        for state in 0..=candidates.as_slice().len() {
            let strength = strength(&candidates, state, self.loudest);
            let Some(before) = before else {
                scores[state] = strength;
                continue;
            };
            let to = octaves(&candidates, state);
            for previous in 0..=before.as_slice().len() {
                let score = self.scores[previous] - cost(octaves(before, previous), to);
                if score + strength > scores[state] {
                    (scores[state], from[state]) = (score + strength, previous as u8);
                }
            }
        }
        // Only differences matter; the sum would lose digits over hours.
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.scores = scores.map(|score| score - best);
        self.frames.push_back(Frame { candidates, from });
        (self.frames.len() > LAG).then(|| self.decide())
    }

    /// The decision about the oldest frame that waits; `None` when there is none.
    pub(super) fn flush(&mut self) -> Option<Voicing> {
        (!self.frames.is_empty()).then(|| self.decide())
    }

    fn decide(&mut self) -> Voicing {
        let mut state = (1..N_STATES)
            .fold(0, |best, i| if self.scores[i] > self.scores[best] { i } else { best });
        for frame in self.frames.range(1..).rev() {
            state = usize::from(frame.from[state]);
        }
        let oldest = self.frames.pop_front().expect("there is a frame that waits");
        match state.checked_sub(1).and_then(|i| oldest.candidates.as_slice().get(i)) {
            Some(it) => Voicing { f0_hz: it.hz, correlation: it.correlation },
            None => Voicing::default(),
        }
    }
}

/// Height of a state, `None` for unvoiced.
fn octaves(candidates: &Candidates, state: usize) -> Option<f32> {
    state.checked_sub(1).map(|i| candidates.octaves()[i])
}

fn strength(candidates: &Candidates, state: usize, loudest: f32) -> f64 {
    if let Some(i) = state.checked_sub(1) {
        return candidates.strength(i);
    }
    unvoiced_strength(candidates.level, loudest)
}

/// What it is worth to take a frame for unvoiced: more in silence.
fn unvoiced_strength(level: f32, loudest: f32) -> f64 {
    let level = f64::from(level) / f64::from(loudest.max(f32::MIN_POSITIVE));
    let silence = 2.0 - level * (1.0 + VOICING_THRESHOLD) / SILENCE_THRESHOLD;
    VOICING_THRESHOLD + silence.max(0.0)
}

fn cost(from: Option<f32>, to: Option<f32>) -> f64 {
    match (from, to) {
        (Some(from), Some(to)) => OCTAVE_JUMP_COST * f64::from((from - to).abs()),
        (None, None) => 0.0,
        _ => VOICING_COST,
    }
}

#[cfg(test)]
mod tests {
    use super::super::autocorrelation::Candidate;
    use super::*;

    fn frame(all: &[(f32, f32)], level: f32) -> Candidates {
        let candidates = all.iter().map(|&(hz, correlation)| Candidate { hz, correlation });
        Candidates::of(&candidates.collect::<Vec<_>>(), level)
    }

    fn path(frames: impl Iterator<Item = Candidates>) -> Vec<f32> {
        let mut path = PitchPath::default();
        let mut found: Vec<Voicing> = frames.filter_map(|it| path.push(it)).collect();
        found.extend(std::iter::from_fn(|| path.flush()));
        found.iter().map(|it| it.f0_hz).collect()
    }

    #[test]
    fn a_frame_that_jumps_an_octave_is_brought_back() {
        let frames = (0..100).map(|i| match i {
            // Twice the period is a little better here.
            50 => frame(&[(60.0, 0.93), (120.0, 0.9)], 1.0),
            _ => frame(&[(120.0, 0.95), (60.0, 0.94)], 1.0),
        });
        let found = path(frames);
        assert_eq!(found.len(), 100);
        assert!(found.iter().all(|hz| (hz - 120.0).abs() < 1e-3), "{found:?}");
    }

    #[test]
    fn weak_and_quiet_frames_have_no_voice() {
        let frames = (0..90).map(|i| match i / 30 {
            0 => frame(&[(120.0, 0.9)], 1.0),
            1 => frame(&[(120.0, 0.3)], 1.0),
            // As periodic as a hum, and far below the speech.
            _ => frame(&[(100.0, 0.99)], 0.001),
        });
        let found = path(frames);
        assert!(found[..30].iter().all(|hz| *hz > 0.0));
        assert!(found[30..].iter().all(|hz| *hz <= 0.0), "{found:?}");
    }

    // The very same path, with and without the hypotheses of frames that are silent.
    #[test]
    fn silent_frames_need_no_hypotheses() {
        let mut paths = [PitchPath::default(), PitchPath::default()];
        let mut found = [Vec::new(), Vec::new()];
        let noise = fixtures::noise(3, 900);
        for (i, x) in noise.iter().enumerate() {
            // Levels come and go over 60 dB.
            let level = 10f32.powf(-1.5 + 1.5 * (i as f32 * 0.05).sin());
            let candidates = frame(&[(150.0 + 90.0 * x, 0.999), (75.0 + 10.0 * x, 0.9)], level);
            let is_silent = paths[0].is_silent(level);
            let given = [candidates, if is_silent { frame(&[], level) } else { candidates }];
            for ((path, found), candidates) in paths.iter_mut().zip(&mut found).zip(given) {
                found.extend(path.push(candidates));
            }
        }
        assert_eq!(found[0], found[1]);
        let n_voiced = found[0].iter().filter(|it| it.f0_hz > 0.0).count();
        assert!((300..800).contains(&n_voiced), "{n_voiced}");
    }

    #[test]
    fn of_no_frames_there_is_no_path() {
        assert!(path(std::iter::empty()).is_empty());
        assert_eq!(path(std::iter::once(frame(&[], 0.0))), [0.0]);
    }
}
