//! Where the key changes: local keys of ten seconds, and the path through them that changes only for a reason.

use crate::analysis::Mode;
use crate::key::{Classes, Evidence, Keys, key_name, mean_correlations, strongest, sum};

/// Blocks on either side that a local key listens to (9.7 s in all).
const REACH: usize = 6;
/// What a change of key costs, in correlations of one block: a fifth of a correlation for 15 s.
const CHANGE: f64 = 4.0;
/// What a change to the relative key costs besides: the two share their notes, and songs dwell on either.
const CHANGE_TO_RELATIVE: f64 = 2.0;
/// Advantage of the key of the whole, per block.
const HOME: f64 = 0.05;
/// Advantage of minor keys, per block: their profiles fit less well, because the sixth and seventh step vary.
const MINOR: f64 = 0.05;

/// A stretch of a recording in one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyRegion {
    /// Start, seconds from the first sample; within about 2 s of where a listener hears the change.
    pub start_s: f64,
    /// End, seconds; the start of the next region, or the end of the recording.
    pub end_s: f64,
    /// Pitch class of the tonic, C = 0.
    pub tonic: u8,
    /// Mode.
    pub mode: Mode,
    /// 0..=1: how likely tonic and mode are both right.
    pub confidence: f64,
}

/// Blocks `start..end` in one of 24 keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) key: usize,
}

impl Stretch {
    /// The stretch as a region, with the probability that its own blocks give its key.
    pub(crate) fn region(
        self,
        blocks: &[Classes],
        bass: &[Classes],
        trust: f64,
        boundary_s: impl Fn(usize) -> f64,
    ) -> KeyRegion {
        let range = self.start..self.end;
        let evidence = Evidence::new(&blocks[range.clone()], &bass[range]);
        let probability = evidence.map_or(0.0, |evidence| evidence.certainty[self.key]);
        let (tonic, mode) = key_name(self.key);
        KeyRegion {
            start_s: boundary_s(self.start),
            end_s: boundary_s(self.end),
            tonic,
            mode,
            confidence: trust * probability,
        }
    }
}

/// Keys along normalised blocks, at least one stretch if there is a block; `home` is the key of the whole.
///
/// The best path by dynamic programming (Viterbi) over 24 keys: correlation of the surroundings of each block with the
/// key, less a price for every change.
pub(crate) fn stretches(blocks: &[Classes], home: usize) -> Vec<Stretch> {
    let mut scores: Keys = [0.0; 24];
    let mut origins: Vec<[u8; 24]> = Vec::with_capacity(blocks.len());
    for block in 0..blocks.len() {
        let around = block.saturating_sub(REACH)..(block + REACH + 1).min(blocks.len());
        let fit = mean_correlations(&sum(&blocks[around]));
        let mut next: Keys = [0.0; 24];
        let mut from = [0u8; 24];
        for key in 0..24 {
            let (mut best, mut origin) = (scores[key], key);
            for (other, before) in scores.iter().enumerate() {
                let score = before - price(other, key);
                if score > best {
                    (best, origin) = (score, other);
                }
            }
            let bonus = if key == home { HOME } else { 0.0 } + if key < 12 { 0.0 } else { MINOR };
            next[key] = best + fit[key] + bonus;
            from[key] = origin as u8;
        }
        scores = next;
        origins.push(from);
    }
    let mut key = strongest(&scores);
    let mut backwards: Vec<Stretch> = Vec::new();
    for (block, from) in origins.iter().enumerate().rev() {
        match backwards.last_mut() {
            Some(stretch) if stretch.key == key => stretch.start = block,
            _ => backwards.push(Stretch { start: block, end: block + 1, key }),
        }
        key = usize::from(from[key]);
    }
    backwards.reverse();
    backwards
}

/// Price of going from one key to another.
fn price(from: usize, to: usize) -> f64 {
    if from == to {
        return 0.0;
    }
    let (major, minor) = if from < to { (from, to) } else { (to, from) };
    let are_relatives = minor >= 12 && major < 12 && (major + 9) % 12 == minor - 12;
    CHANGE + if are_relatives { CHANGE_TO_RELATIVE } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::TEMPERLEY;

    fn profile(key: usize) -> Classes {
        let total: f64 = TEMPERLEY[key / 12].iter().sum();
        std::array::from_fn(|i| TEMPERLEY[key / 12][(i + 24 - key) % 12] / total)
    }

    #[test]
    fn a_change_is_found_where_it_is() {
        let mut blocks = vec![profile(0); 80];
        blocks.extend(vec![profile(1); 30]);
        let found = stretches(&blocks, 0);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].key, found[1].key), (0, 1));
        assert_eq!((found[0].start, found[0].end, found[1].end), (0, found[1].start, 110));
        // The surroundings of a block reach six blocks to either side, and the fit turns half way.
        assert!(found[0].end.abs_diff(80) <= 2, "{found:?}");
    }

    #[test]
    fn an_excursion_is_no_change() {
        let mut blocks = vec![profile(0); 40];
        blocks.extend(vec![profile(7); 8]);
        blocks.extend(vec![profile(0); 40]);
        assert_eq!(stretches(&blocks, 0), [Stretch { start: 0, end: 88, key: 0 }]);
    }

    #[test]
    fn silence_and_nothing_stay_at_home() {
        assert_eq!(stretches(&[], 3), []);
        assert_eq!(stretches(&[[0.0; 12]; 9], 3), [Stretch { start: 0, end: 9, key: 3 }]);
    }

    #[test]
    fn relatives_are_dearer() {
        // C major and A minor, in both directions; C major and G major.
        assert!((price(0, 21) - 6.0).abs() < 1e-12 && (price(21, 0) - 6.0).abs() < 1e-12);
        assert!((price(0, 7) - 4.0).abs() < 1e-12 && price(5, 5).abs() < 1e-12);
    }
}
