//! Beats per bar, and which beats begin a bar.

use crate::analysis::{Estimate, Reason};
use crate::bar_cues::{BarCues, MAX_BAR, N_CUES};

/// Fewest beats of a recording with a metre: three bars of four.
const MIN_BEATS: usize = 12;
/// Shortest bar, beats.
const MIN_BAR: usize = 2;
/// Probability of the best metre and phase together below which nothing speaks for it: it is 0.19 when
/// all beats are alike.
const MIN_PROBABILITY: f64 = 0.25;

/// Variation of the accents and variance of the harmony below which all beats are alike, see [`BarCues`]. What is left of
/// them is where the frames happen to lie: 40 to 250 clicks a minute of three kinds reach 0.27 and 0.33. Music has more of
/// one or the other, but for drum loops whose strokes are all the same, which have no bars to hear either.
const ALIKE_ACCENTS: f64 = 0.3;
const ALIKE_HARMONY: f64 = 0.5;

/// Weight of each cue at the beats that begin a bar, see [`BarCues::beats`].
const DOWNBEAT: [f64; N_CUES] = [1.077, 0.054, -0.657, 0.773, 1.255, 2.567, -0.468, 0.356];
/// Weight of each cue at the third beat of a bar of four.
const HALF_BAR: [f64; N_CUES] = [0.582, -1.266, -0.255, -0.457, 1.3, 1.587, -0.804, -2.597];
/// Weight of the repetition of the rhythm after one and two bars, and of the harmony.
const RHYTHM_REPEATS: [f64; 2] = [7.261, 5.773];
const HARMONY_REPEATS: [f64; 2] = [-2.312, -2.746];
/// Weight for bars of three of the harmony's repetition after three beats over that after four.
const THREE_OVER_FOUR: f64 = 4.747;
/// Log probability of each number of beats per bar before anything is heard, over that of four.
const PRIOR: [(usize, f64); 6] =
    [(2, 0.057), (3, -0.985), (4, 0.0), (5, -3.842), (6, -5.464), (7, -4.438)];
/// Bars after which evidence counts as new: a piece says the same thing again and again.
const BARS_PER_EVIDENCE: f64 = 8.0;
/// Log probability that the count starts anew at a beat: a bar was cut, or the beats have slipped.
const RESTART: f64 = -6.9;

/// Beats per bar and downbeats.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// Beats per bar, 2..=7. How a bar is notated (3/4 or 3/8) cannot be heard.
    pub beats_per_bar: u8,
    /// 0..=1: how likely `beats_per_bar` is right.
    pub confidence: f64,
    /// Indices of the beats that begin a bar, ascending.
    pub downbeats: Vec<usize>,
    /// 0..=1: how likely the downbeats are the right ones of the beats, given that `beats_per_bar` is right.
    pub downbeat_confidence: f64,
}

/// The metre of beats with these cues.
///
/// Every metre with every phase is weighed by a conditional logistic model of what happens at its downbeats, at
/// the middle of its bars of four, and of what repeats after a bar; the downbeats of the most likely metre are then
/// decoded over the beats with a bar pointer (Krebs, Böck & Widmer 2015, "An efficient state-space model for joint
/// tempo and meter tracking", ISMIR) whose tempo is already known.
///
/// The cues are those of Davies & Plumbley (2006), "A spectral difference approach to downbeat extraction in
/// musical audio", EUSIPCO, and accents. Weights: fitted on rendered bands, chorales and game music, whole styles held
/// out; there, the probabilities are right as often as they say.
///
/// # Errors
///
/// [`Reason::TooShort`] below twelve beats, [`Reason::NoMeter`] when all beats are alike or none stands out.
pub(crate) fn meter(cues: &BarCues) -> Estimate<Meter> {
    if cues.beats.len() < MIN_BEATS {
        return Err(Reason::TooShort);
    }
    if cues.accent_variation < ALIKE_ACCENTS && cues.harmony_variance < ALIKE_HARMONY {
        return Err(Reason::NoMeter);
    }
    let weighed: Vec<(usize, usize, f64)> = (MIN_BAR..=MAX_BAR)
        .flat_map(|bar| (0..bar).map(move |phase| (bar, phase)))
        .map(|(bar, phase)| (bar, phase, support(cues, bar, phase)))
        .collect();
    let top = weighed.iter().map(|w| w.2).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = weighed.iter().map(|w| (w.2 - top).exp()).sum();
    let probability = |bar: usize| -> f64 {
        weighed.iter().filter(|w| w.0 == bar).map(|w| (w.2 - top).exp() / total).sum()
    };
    let best = (MIN_BAR..=MAX_BAR)
        .max_by(|&a, &b| probability(a).total_cmp(&probability(b)))
        .unwrap_or(MIN_BAR);
    let phases = weighed.iter().filter(|w| w.0 == best);
    let of_phase = phases.map(|w| (w.2 - top).exp() / total).fold(0.0, f64::max);
    if of_phase < MIN_PROBABILITY {
        return Err(Reason::NoMeter);
    }
    Ok(Meter {
        beats_per_bar: best as u8,
        confidence: probability(best),
        downbeats: downbeats(cues, best),
        downbeat_confidence: of_phase / probability(best),
    })
}

/// Log support of bars of `bar` beats whose first beat is beat `phase`.
fn support(cues: &BarCues, bar: usize, phase: usize) -> f64 {
    let mean = |weights: &[f64; N_CUES], from: usize| {
        let beats = cues.beats.iter().skip(from % bar).step_by(bar);
        let n = beats.len().max(1) as f64;
        beats.map(|beat| weighted(weights, beat)).sum::<f64>() / n
    };
    let repeats = |curve: &[f64], weights: [f64; 2]| {
        let usual = curve[1..=8].iter().sum::<f64>() / 8.0;
        weights[0] * (curve[bar] - usual) + weights[1] * (curve[2 * bar] - usual)
    };
    let harmony = &cues.harmony_repeats;
    PRIOR.iter().filter(|p| p.0 == bar).map(|p| p.1).sum::<f64>()
        + mean(&DOWNBEAT, phase)
        + if bar == 4 { mean(&HALF_BAR, phase + 2) } else { 0.0 }
        + repeats(&cues.rhythm_repeats, RHYTHM_REPEATS)
        + repeats(harmony, HARMONY_REPEATS)
        + if bar == 3 { THREE_OVER_FOUR * (harmony[3] - harmony[4]) } else { 0.0 }
}

fn weighted(weights: &[f64; N_CUES], beat: &[f32; N_CUES]) -> f64 {
    weights.iter().zip(beat).map(|(weight, &cue)| weight * f64::from(cue)).sum()
}

/// The most likely beginnings of bars of `bar` beats: a Viterbi decoder over beats × positions in the bar.
fn downbeats(cues: &BarCues, bar: usize) -> Vec<usize> {
    let observed = |beat: &[f32; N_CUES], position: usize| {
        let heard = match position {
            0 => weighted(&DOWNBEAT, beat),
            2 if bar == 4 => weighted(&HALF_BAR, beat),
            _ => 0.0,
        };
        heard / BARS_PER_EVIDENCE
    };
    let mut scores = vec![0.0; bar];
    // For each beat and position, the position of the beat before.
    let mut origins: Vec<u8> = Vec::with_capacity(cues.beats.len() * bar);
    for beat in &cues.beats {
        let (anywhere, best) = scores
            .iter()
            .copied()
            .enumerate()
            .fold((0, f64::NEG_INFINITY), |best, s| if s.1 > best.1 { s } else { best });
        let before = scores.clone();
        for (position, score) in scores.iter_mut().enumerate() {
            let usual = (position + bar - 1) % bar;
            let restarts = position == 0 && best + RESTART > before[usual];
            let (from, passed) =
                if restarts { (anywhere, best + RESTART) } else { (usual, before[usual]) };
            *score = passed + observed(beat, position);
            origins.push(from as u8);
        }
    }
    let mut position = (0..bar).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap_or(0);
    let mut found = Vec::new();
    for beat in (0..cues.beats.len()).rev() {
        if position == 0 {
            found.push(beat);
        }
        position = usize::from(origins[beat * bar + position]);
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bar_cues::MAX_DISTANCE;

    /// Beats of which every `bar`-th, counted from `phase`, is louder and has another chord.
    fn cues(n: usize, is_downbeat: impl Fn(usize) -> bool, bar: usize) -> BarCues {
        let repeats = std::array::from_fn(|distance| if distance % bar > 0 { 0.1 } else { 0.8 });
        let beats = (0..n)
            .map(|k| {
                let v = if is_downbeat(k) { 1.5 } else { -0.5 };
                [v, 0.0, 0.0, v, v, v, 0.0, 0.0]
            })
            .collect();
        BarCues {
            beats,
            rhythm_repeats: repeats,
            harmony_repeats: [0.0; MAX_DISTANCE + 1],
            accent_variation: 1.0,
            harmony_variance: 1.0,
        }
    }

    #[test]
    fn accents_and_repetition_make_the_bar() {
        // Two beats in turn are read as four: half of their downbeats begin a bar of four.
        for bar in 3..=MAX_BAR {
            for phase in 0..bar {
                let meter = meter(&cues(60, |k| k % bar == phase, bar)).unwrap();
                assert_eq!(usize::from(meter.beats_per_bar), bar, "{meter:?}");
                let expected: Vec<usize> = (phase..60).step_by(bar).collect();
                assert_eq!(meter.downbeats, expected);
                assert!(meter.confidence > 0.5 && meter.confidence <= 1.0, "{meter:?}");
                assert!(meter.downbeat_confidence > 0.9, "{meter:?}");
            }
        }
    }

    #[test]
    fn a_bar_cut_short_moves_the_bars_after_it() {
        // The bar that begins at beat 60 has two beats.
        let first = |k: usize| k % 4 == if k < 62 { 0 } else { 2 };
        let meter = meter(&cues(160, first, 4)).unwrap();
        assert_eq!(meter.downbeats, (0..160).filter(|&k| first(k)).collect::<Vec<_>>());
    }

    #[test]
    fn beats_that_are_alike_have_no_bars() {
        let alike = BarCues {
            beats: vec![[0.0; N_CUES]; 80],
            rhythm_repeats: [1.0; MAX_DISTANCE + 1],
            harmony_repeats: [0.0; MAX_DISTANCE + 1],
            accent_variation: 1.0,
            harmony_variance: 1.0,
        };
        assert_eq!(meter(&alike), Err(Reason::NoMeter));
        // What the frames make of equal clicks is no bar, however well it repeats.
        let jitter =
            BarCues { accent_variation: 0.1, harmony_variance: 0.1, ..cues(80, |k| k % 4 == 0, 4) };
        assert_eq!(meter(&jitter), Err(Reason::NoMeter));
        assert_eq!(meter(&cues(11, |k| k % 4 == 0, 4)), Err(Reason::TooShort));
    }
}
