//! Key from pitch class profiles: what sounds most, where the music begins and ends, and over which bass.

use crate::analysis::{KeyCandidate, Mode};
use crate::profiles::{ALBRECHT, BGATE, TEMPERLEY};

/// Strength of the twelve pitch classes, C first.
pub(crate) type Classes = [f64; 12];
/// One number per key: C major to B major, then C minor to B minor.
pub(crate) type Keys = [f64; 24];

/// Key profiles and how much each counts. Corpora differ in style; none of them decides alone.
const ENSEMBLE: [([[f64; 12]; 2], f64); 3] = [(ALBRECHT, 3.0), (TEMPERLEY, 2.8), (BGATE, 1.5)];
/// Blocks per local window (6 s).
const WINDOW: usize = 8;
/// Sharpness of the local vote.
const VOTE_SHARPNESS: f64 = 10.0;
/// Weight of the local vote.
const LOCAL: f64 = 1.0;
/// Weight of the triad at the beginning.
const FIRST: f64 = 1.4;
/// Weight of the triad at the end. Full recordings would bear more, excerpts less.
const LAST: f64 = 1.6;
/// Weight of the tonic in the bass.
const BASS: f64 = 1.0;
/// Weight of the fifth in the bass.
const BASS_FIFTH: f64 = 0.4;
/// Advantage of minor: the sixth and seventh step of its scale vary, so that its profiles fit less well, and nine in
/// ten errors of mode were minor keys taken for major ones.
const MINOR: f64 = 0.5;
/// Weight of the tonic in the bass at either end, in the confidence alone: where music begins or ends on another bass than
/// its scale suggests, the scale decides, less surely. In the decision itself it righted no more pieces than it spoilt.
const BASS_AT_ENDS: f64 = 1.0;
/// Sharpness of the decision: the weights say what counts for how much, this how sure to be. Chosen on rendered songs, so
/// that the probability of the first key is right within 0.1 on average.
const SHARPNESS: f64 = 1.2;
/// What remains of a key that no region is in.
const ABSENT: f64 = 0.05;
/// Blocks that make the beginning and the end (3 s).
const END: usize = 4;

/// What speaks for each key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Evidence {
    /// Sum of the normalised blocks.
    pub(crate) profile: Classes,
    /// Mean Pearson correlation with the profiles of each key.
    pub(crate) correlation: Keys,
    /// Probability of each key; all of them sum to 1.
    pub(crate) probability: Keys,
    /// Probability of each key once it is asked which bass the music begins and ends on; all of them sum to 1.
    pub(crate) certainty: Keys,
}

impl Evidence {
    /// Evidence of successive normalised blocks and of the bass in them; `None` when nothing sounds.
    ///
    /// A conditional logistic model: weighted correlations of the whole with all 24 keys on one scale,
    /// a duration-weighted vote of local keys, the triads at both ends, tonic and fifth in the bass, and the mode. The
    /// weights were chosen on rendered songs in twenty styles, scores and chorales, and checked on other ones.
    pub(crate) fn new(blocks: &[Classes], bass: &[Classes]) -> Option<Self> {
        let sounds = |block: &&Classes| block.iter().any(|&v| v > 0.0);
        let blocks: Vec<Classes> = blocks.iter().filter(sounds).copied().collect();
        if blocks.is_empty() {
            return None;
        }
        let profile = sum(&blocks);
        let mut support = weighted_correlations(&profile);
        let correlation = support.map(|s| s / total_weight());

        let local = local_votes(&blocks);
        let n = blocks.len();
        let first = triads(&sum(&blocks[..n.min(END)]));
        let last = triads(&sum(&blocks[n.saturating_sub(END)..]));
        let bass: Vec<Classes> = bass.iter().filter(sounds).copied().collect();
        let low = over_loudest(&bass);
        for key in 0..24 {
            support[key] += LOCAL * local[key]
                + FIRST * first[key]
                + LAST * last[key]
                + BASS * low[key % 12]
                + BASS_FIFTH * low[(key + 7) % 12]
                + if key < 12 { 0.0 } else { MINOR };
        }
        let probability = softmax(&support, SHARPNESS);
        let first_bass = over_loudest(&bass[..bass.len().min(END)]);
        let last_bass = over_loudest(&bass[bass.len().saturating_sub(END)..]);
        for (key, support) in support.iter_mut().enumerate() {
            *support += BASS_AT_ENDS * (first_bass[key % 12] + last_bass[key % 12]);
        }
        Some(Self { profile, correlation, probability, certainty: softmax(&support, SHARPNESS) })
    }

    /// Support of each key, once it is known for what share of the time it is the local one: a piece that changes key
    /// is in one of its keys.
    pub(crate) fn given_shares(&self, shares: &Keys) -> Keys {
        let present: Keys = std::array::from_fn(|key| self.probability[key] * shares[key]);
        let best = present.iter().copied().fold(0.0, f64::max);
        std::array::from_fn(|key| {
            if shares[key] > 0.0 {
                present[key]
            } else {
                (ABSENT * self.probability[key]).min(0.9 * best)
            }
        })
    }
}

/// The key with most support, 0..24.
pub(crate) fn strongest(support: &Keys) -> usize {
    (0..24).fold(0, |best, key| if support[key] > support[best] { key } else { best })
}

/// Tonic and mode of one of the 24 keys.
pub(crate) fn key_name(key: usize) -> (u8, Mode) {
    ((key % 12) as u8, if key < 12 { Mode::Major } else { Mode::Minor })
}

/// The keys with most support, at most three, with strengths that sum to 1.
pub(crate) fn candidates(support: &Keys) -> Vec<KeyCandidate> {
    let mut order: [usize; 24] = std::array::from_fn(|i| i);
    order.sort_by(|&a, &b| support[b].total_cmp(&support[a]));
    let total: f64 = order[..3].iter().map(|&key| support[key]).sum();
    order[..3]
        .iter()
        .map(|&key| {
            let (tonic, mode) = key_name(key);
            KeyCandidate { tonic, mode, strength: support[key] / total }
        })
        .collect()
}

/// Blocks over their sum, except that quiet ones stay small and silent ones silent.
pub(crate) fn normalised(blocks: &[Classes]) -> Vec<Classes> {
    let totals: Vec<f64> = blocks.iter().map(|b| b.iter().sum()).collect();
    let n_sounding = totals.iter().filter(|&&t| t > 0.0).count();
    let mean = totals.iter().sum::<f64>() / n_sounding.max(1) as f64;
    let scale = |total: f64| (total + 0.1 * mean).max(f64::MIN_POSITIVE);
    blocks.iter().zip(&totals).map(|(block, &total)| block.map(|v| v / scale(total))).collect()
}

/// Sum of the blocks, the loudest pitch class being 1; nothing where nothing sounds.
fn over_loudest(blocks: &[Classes]) -> Classes {
    let sum = sum(blocks);
    let loudest = sum.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    sum.map(|v| v / loudest)
}

pub(crate) fn sum(blocks: &[Classes]) -> Classes {
    let mut sum = [0.0; 12];
    for block in blocks {
        for (s, v) in sum.iter_mut().zip(block) {
            *s += v;
        }
    }
    sum
}

/// Mean Pearson correlation of a profile with the profiles of each key, −1..=1.
pub(crate) fn mean_correlations(profile: &Classes) -> Keys {
    weighted_correlations(profile).map(|s| s / total_weight())
}

fn total_weight() -> f64 {
    ENSEMBLE.iter().map(|(_, weight)| weight).sum()
}

/// Weighted sum of the Pearson correlations of a profile with all keys.
fn weighted_correlations(profile: &Classes) -> Keys {
    let mut result = [0.0; 24];
    for (profiles, weight) in &ENSEMBLE {
        for (mode, template) in profiles.iter().enumerate() {
            for tonic in 0..12 {
                let rotated: Classes = std::array::from_fn(|i| profile[(i + tonic) % 12]);
                result[mode * 12 + tonic] += weight * pearson(&rotated, template);
            }
        }
    }
    result
}

/// Share of the time that each key is the local one.
fn local_votes(blocks: &[Classes]) -> Keys {
    let mut votes = [0.0; 24];
    let mut n_windows = 0.0;
    let mut start = 0;
    while start == 0 || start + WINDOW / 2 < blocks.len() {
        let window = sum(&blocks[start..blocks.len().min(start + WINDOW)]);
        let correlations = weighted_correlations(&window);
        let local = softmax(&correlations, VOTE_SHARPNESS / total_weight());
        for (vote, share) in votes.iter_mut().zip(local) {
            *vote += share;
        }
        n_windows += 1.0;
        start += WINDOW / 2;
    }
    votes.map(|v| v / n_windows)
}

/// How much of each tonic triad sounds, the loudest pitch class being 1.
fn triads(profile: &Classes) -> Keys {
    let top = profile.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    std::array::from_fn(|key| {
        let (tonic, third) = (key % 12, if key < 12 { 4 } else { 3 });
        let class = |interval: usize| profile[(tonic + interval) % 12] / top;
        class(0) + 0.8 * class(third) + 0.8 * class(7)
    })
}

fn softmax(values: &Keys, sharpness: f64) -> Keys {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights = values.map(|v| (sharpness * (v - top)).exp());
    let total: f64 = weights.iter().sum();
    weights.map(|w| w / total)
}

/// Pearson correlation; 0 when either side is constant.
fn pearson(x: &Classes, y: &Classes) -> f64 {
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / 12.0, y.iter().sum::<f64>() / 12.0);
    let (mut products, mut squares_x, mut squares_y) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        products += (a - mean_x) * (b - mean_y);
        squares_x += (a - mean_x) * (a - mean_x);
        squares_y += (b - mean_y) * (b - mean_y);
    }
    let scale = (squares_x * squares_y).sqrt();
    if scale > 0.0 { products / scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_of_a_key_is_that_key() {
        for key in 0..24 {
            let template = TEMPERLEY[key / 12];
            let profile: Classes = std::array::from_fn(|i| template[(i + 24 - key) % 12]);
            let evidence = Evidence::new(&[profile; 10], &[profile; 10]).unwrap();
            assert_eq!(strongest(&evidence.probability), key);
            let best = &candidates(&evidence.probability)[0];
            assert_eq!((best.tonic, best.mode), key_name(key));
        }
    }

    #[test]
    fn another_bass_at_the_ends_takes_confidence() {
        let on =
            |class: usize| -> Classes { std::array::from_fn(|i| f64::from(u8::from(i == class))) };
        let mut bass = [on(0); 12];
        bass[..END].fill(on(5));
        bass[12 - END..].fill(on(5));
        let evidence = Evidence::new(&[TEMPERLEY[0]; 12], &bass).unwrap();
        assert_eq!(strongest(&evidence.probability), 0);
        // By the formula: F gains its weight at both ends on C.
        let log_odds = |keys: &Keys| (keys[0] / keys[5]).ln();
        let lost = log_odds(&evidence.probability) - log_odds(&evidence.certainty);
        assert!((lost - 2.0 * BASS_AT_ENDS * SHARPNESS).abs() < 1e-9, "{lost}");
        assert!((evidence.certainty.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn strengths_sum_to_one() {
        let evidence = Evidence::new(&[[1.0; 12]; 5], &[]).unwrap();
        let total: f64 = candidates(&evidence.probability).iter().map(|c| c.strength).sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn silence_is_no_evidence() {
        assert!(Evidence::new(&[], &[]).is_none());
        assert!(Evidence::new(&[[0.0; 12]; 9], &[[0.0; 12]; 9]).is_none());
        assert_eq!(normalised(&[[0.0; 12]; 3]), [[0.0; 12]; 3]);
    }

    #[test]
    fn a_key_of_no_region_is_never_the_first() {
        let mut shares = [0.0; 24];
        (shares[2], shares[3]) = (0.999, 0.001);
        for favourite in 0..24 {
            let probability = std::array::from_fn(|key| if key == favourite { 1.0 } else { 1e-9 });
            let evidence = Evidence {
                profile: [1.0; 12],
                correlation: [0.0; 24],
                probability,
                certainty: probability,
            };
            let best = candidates(&evidence.given_shares(&shares)).remove(0);
            assert!([(2, Mode::Major), (3, Mode::Major)].contains(&(best.tonic, best.mode)));
        }
    }

    #[test]
    fn pearson_is_one_for_itself_and_zero_for_a_constant() {
        assert!((pearson(&ALBRECHT[0], &ALBRECHT[0]) - 1.0).abs() < 1e-12);
        assert!(pearson(&[1.0; 12], &ALBRECHT[0]).abs() < 1e-12);
    }
}
