//! Whether two recordings are one, by their fingerprints: keys that find candidates, and the comparison that decides.

use std::collections::BTreeSet;

use dsp::Fingerprint;
use dsp::fingerprint::similarity;

/// Leading bits of a word that make a key. With fewer, recordings that have nothing in common share keys; with more,
/// copies from another codec or another start lose them.
const KEY_BITS: u32 = 20;
/// Most keys of a recording.
const MAX_KEYS: usize = 64;

/// Keys that two fingerprints must share at least to be compared. Copies share a dozen and more, unrelated recordings
/// hardly ever one (`docs/formats.md`).
pub const MIN_SHARED_KEYS: usize = 3;

/// How two files hold the same recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SameRecording {
    /// Share of the shorter one that sounds the same in the other, 0.8..=1.
    pub overlap: f64,
    /// Mean number of differing bits of 32 in the overlap, 0..6.
    pub bit_error: f64,
    /// How much later the sound is in the second one, seconds, to 0.12 s.
    pub offset_s: f64,
}

/// Keys of a fingerprint, each once: of the leading 20 bits of its words, the 64 that come first in a mixed order. None
/// of a word that repeats the one before it: a sound that stands still, silence above all, is the same in many
/// recordings.
///
/// # Source
///
/// Broder (1997), "On the resemblance and containment of documents", section 2: the smallest values of a permutation
/// of all keys are a sample that depends on the set only, so that two sets that have much in common share it.
pub fn fingerprint_keys(words: &[u32]) -> Vec<u32> {
    let changed = words.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| pair[1]);
    let first = words.first().copied();
    let keys = first.into_iter().chain(changed).map(|word| word >> (32 - KEY_BITS));
    let mut sample: BTreeSet<(u32, u32)> = BTreeSet::new();
    for key in keys {
        sample.insert((mixed(key), key));
        if sample.len() > MAX_KEYS {
            sample.pop_last();
        }
    }
    sample.into_iter().map(|(_, key)| key).collect()
}

/// A permutation of all 32-bit numbers without any order that sounds could have: both multipliers are odd, and a shift
/// to the right that is added without carry can be undone.
fn mixed(key: u32) -> u32 {
    let mut bits = key.wrapping_mul(0x9e37_79b1);
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x85eb_ca77);
    bits ^ (bits >> 13)
}

/// How two fingerprints hold the same recording; `None` if they do not, as `dsp::fingerprint::Similarity` decides: at
/// least 80 % of the shorter one agrees, in all but 6 bits on average.
pub fn same_recording(a: &[u32], b: &[u32]) -> Option<SameRecording> {
    let found = similarity(&Fingerprint(a.to_vec()), &Fingerprint(b.to_vec()));
    found.is_same_recording().then_some(SameRecording {
        overlap: found.overlap,
        bit_error: found.bit_error,
        offset_s: found.offset_s,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(seed: u64, n: usize) -> Vec<u32> {
        let mut rng = fixtures::Rng::new(seed);
        (0..n).map(|_| (rng.unit() * 4_294_967_296.0) as u32).collect()
    }

    fn n_shared(a: &[u32], b: &[u32]) -> usize {
        let keys = fingerprint_keys(a);
        fingerprint_keys(b).iter().filter(|key| keys.contains(key)).count()
    }

    #[test]
    fn keys_are_few_and_each_is_there_once() {
        let words = random(1, 5000);
        let keys = fingerprint_keys(&words);
        assert_eq!(keys.len(), MAX_KEYS);
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), MAX_KEYS);
        assert!(keys.iter().all(|key| *key < 1 << KEY_BITS));
        let mut backwards = words;
        backwards.reverse();
        assert_eq!(fingerprint_keys(&backwards), keys);
        assert!(fingerprint_keys(&[]).is_empty());
    }

    #[test]
    fn a_sound_that_stands_still_has_one_key() {
        assert_eq!(fingerprint_keys(&vec![627_964_279; 5000]), [627_964_279 >> 12]);
    }

    #[test]
    fn golden_copies_share_keys_and_other_recordings_do_not() {
        // What Chromaprint's own program says of one melody in three codecs, of its part, and of another melody.
        let golden = fixtures::golden("fingerprint");
        let words = |name: &str| -> Vec<u32> {
            let list = golden[name].as_array().unwrap();
            list.iter().map(|word| u32::try_from(word.as_u64().unwrap()).unwrap()).collect()
        };
        let whole = words("words_44100");
        for name in ["words_mp3", "words_ogg", "words_from_5_s"] {
            let copy = words(name);
            let n = n_shared(&whole, &copy);
            assert!(n >= 3 * MIN_SHARED_KEYS, "{name}: {n}");
            assert!(same_recording(&whole, &copy).is_some(), "{name}");
        }
        let other = words("words_other");
        assert!(n_shared(&whole, &other) < MIN_SHARED_KEYS);
        assert_eq!(same_recording(&whole, &other), None);
    }
}
