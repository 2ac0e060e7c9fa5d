//! How much of two fingerprints is the same recording.

use std::cmp::{Ordering, Reverse};

use super::stage::{Fingerprint, WORDS_PER_SECOND};

/// Bits of a word that must be equal for two words to vote for an offset.
const VOTING_BITS: u32 = 12;
/// Most words of one value that vote, spread over the recording: silence is the same everywhere.
const MAX_VOTERS: usize = 64;
/// Offsets with the most votes that are looked at.
const MAX_OFFSETS: usize = 8;
/// Words on either side over which distances are averaged (1 s).
const SMOOTHING: usize = 8;
/// Mean distance in bits below which words are of the same recording; unrelated words have 16 and vary by 3.
const SAME_BITS: f64 = 10.0;
/// Share of the shorter recording and mean distance in bits that make two files the same recording.
const DUPLICATE: (f64, f64) = (0.8, 6.0);

/// How two recordings lie on each other where they agree best.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Similarity {
    /// Share of the shorter recording that sounds the same in the other, 0..=1.
    pub overlap: f64,
    /// Mean number of differing bits of the words in the overlap, 0..=10; 0 if there is no overlap.
    pub bit_error: f64,
    /// How much later the sound is in the second recording, seconds, to 0.12 s; 0 if there is no overlap.
    pub offset_s: f64,
}

impl Similarity {
    /// Whether both are copies of one recording: at least 80 % of the shorter one agrees, in all but 6 bits on average.
    ///
    /// The thresholds are ours. Other codecs, cuts and levels of one master are found, other performances of one
    /// piece and shifts of pitch or speed are not.
    pub fn is_same_recording(&self) -> bool {
        self.overlap >= DUPLICATE.0 && self.bit_error < DUPLICATE.1
    }
}

/// Similarity of two fingerprints; of the same two in the other order it is the same but for the sign of the offset.
///
/// Words that agree in their first 12 bits vote for the offset between them; at the offsets with the most votes the
/// differing bits are counted word by word.
///
/// # Source
///
/// The matcher of Chromaprint 1.5.1 and the way of `AcoustID`, after Haitsma and Kalker (2002), "A highly robust audio
/// fingerprinting system", ISMIR.
///
/// # Examples
///
/// ```
/// use dsp::fingerprint::similarity;
/// let words: Vec<u32> = (1..200u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
/// let whole = dsp::Fingerprint(words.clone());
/// let later = dsp::Fingerprint(words[40..].to_vec());
/// let same = similarity(&whole, &later);
/// assert!(same.is_same_recording() && same.bit_error == 0.0);
/// assert!((same.offset_s + 40.0 * 0.1238).abs() < 0.01);
/// ```
pub fn similarity(a: &Fingerprint, b: &Fingerprint) -> Similarity {
    let (a, b) = (a.0.as_slice(), b.0.as_slice());
    let shorter = a.len().min(b.len());
    let mut best: Option<(usize, u64, i64)> = None;
    for offset in offsets(a, b) {
        let (n, bits) = overlap(a, b, offset);
        // More words, then fewer bits, then the smaller shift: the same choice from either side.
        let key = |(n, bits, offset): (usize, u64, i64)| (n, Reverse(bits), Reverse(offset.abs()));
        if n > 0 && best.is_none_or(|best| key((n, bits, offset)) > key(best)) {
            best = Some((n, bits, offset));
        }
    }
    best.map_or_else(Similarity::default, |(n, bits, offset)| Similarity {
        overlap: n as f64 / shorter as f64,
        bit_error: bits as f64 / n as f64,
        offset_s: offset as f64 / WORDS_PER_SECOND,
    })
}

/// Offsets in words from `a` to `b` with the most votes.
fn offsets(a: &[u32], b: &[u32]) -> Vec<i64> {
    let (a, b) = (voters(a), voters(b));
    let mut votes: Vec<i64> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let value = a[i].0;
        match value.cmp(&b[j].0) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                let end = |voters: &[(u32, i64)], from: usize| {
                    from + voters[from..].iter().take_while(|voter| voter.0 == value).count()
                };
                let (until_i, until_j) = (end(&a, i), end(&b, j));
                for (_, place) in &a[i..until_i] {
                    votes.extend(b[j..until_j].iter().map(|(_, other)| other - place));
                }
                (i, j) = (until_i, until_j);
            }
        }
    }
    votes.sort_unstable();
    let mut counted: Vec<(usize, i64)> =
        votes.chunk_by(|x, y| x == y).map(|run| (run.len(), run[0])).collect();
    counted.sort_unstable_by_key(|&(n, offset)| (Reverse(n), offset.abs(), offset));
    // The offset that a sound has exactly may lie between two words: its neighbours get some of the votes.
    counted.into_iter().take(MAX_OFFSETS).map(|(_, offset)| offset).collect()
}

/// Leading bits and place of the words, by value; of a value that is there too often, evenly spread ones.
fn voters(words: &[u32]) -> Vec<(u32, i64)> {
    let mut voters: Vec<(u32, i64)> =
        words.iter().zip(0..).map(|(word, place)| (word >> (32 - VOTING_BITS), place)).collect();
    voters.sort_unstable();
    voters
        .chunk_by(|x, y| x.0 == y.0)
        .flat_map(|run| {
            let step = run.len().div_ceil(MAX_VOTERS);
            run.iter().step_by(step).copied()
        })
        .collect()
}

/// Number of words that agree at an offset, and in how many bits those differ.
fn overlap(a: &[u32], b: &[u32], offset: i64) -> (usize, u64) {
    let skip_a = usize::try_from(-offset).unwrap_or(0);
    let skip_b = usize::try_from(offset).unwrap_or(0);
    let pairs = a.iter().skip(skip_a).zip(b.iter().skip(skip_b));
    let mut sums = vec![0u64];
    let mut sum = 0;
    for (x, y) in pairs {
        sum += u64::from((x ^ y).count_ones());
        sums.push(sum);
    }
    let n = sums.len() - 1;
    (0..n).fold((0, 0), |(count, bits), i| {
        let (from, to) = (i.saturating_sub(SMOOTHING), (i + SMOOTHING + 1).min(n));
        let is_same = ((sums[to] - sums[from]) as f64) < SAME_BITS * (to - from) as f64;
        if is_same { (count + 1, bits + sums[i + 1] - sums[i]) } else { (count, bits) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: u64, n: usize) -> Vec<u32> {
        let mut rng = fixtures::Rng::new(seed);
        (0..n).map(|_| (rng.unit() * 4_294_967_296.0) as u32).collect()
    }

    #[test]
    fn is_symmetric_and_whole_for_itself() {
        let (a, b) = (Fingerprint(random(1, 300)), Fingerprint(random(2, 200)));
        let same = similarity(&a, &a);
        assert!((same.overlap - 1.0).abs() < 1e-12 && same.bit_error <= 0.0, "{same:?}");
        let (forth, back) = (similarity(&a, &b), similarity(&b, &a));
        assert!((forth.overlap - back.overlap).abs() < 1e-12);
        assert!((forth.bit_error - back.bit_error).abs() < 1e-12);
        assert!((forth.offset_s + back.offset_s).abs() < 1e-12);
        assert!(!forth.is_same_recording());
        assert_eq!(similarity(&a, &Fingerprint::default()), Similarity::default());
    }

    #[test]
    fn finds_a_part_with_wrong_bits_at_its_place() {
        let whole = random(3, 1000);
        // Four bits of 32 are wrong in every word but every third.
        let part: Vec<u32> = whole[400..700]
            .iter()
            .enumerate()
            .map(|(i, word)| if i % 3 == 0 { *word } else { word ^ 0x1010_1010 })
            .collect();
        let found = similarity(&Fingerprint(whole), &Fingerprint(part));
        assert!((found.overlap - 1.0).abs() < 0.01, "{found:?}");
        assert!((found.bit_error - 4.0 * 2.0 / 3.0).abs() < 0.05);
        assert!((found.offset_s + 400.0 / WORDS_PER_SECOND).abs() < 1e-9);
        assert!(found.is_same_recording());
    }

    #[test]
    fn hours_of_silence_are_compared_in_no_time() {
        let silence = Fingerprint(vec![627_964_279; 80_000]);
        let other = Fingerprint(random(4, 80_000));
        assert!(similarity(&silence, &silence).is_same_recording());
        assert!(!similarity(&silence, &other).is_same_recording());
    }
}
