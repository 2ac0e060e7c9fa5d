//! The bytes of a list of best matches: 24 of each match, its track and its score (docs/formats.md).

use crate::{Error, Result, TrackId};

/// A match in the list of a track: the other track and the score.
pub type Entry = (TrackId, f64);

const N_BYTES: usize = 24;

/// Ids and scores, big endian.
pub(crate) fn to_bytes(entries: &[Entry]) -> Vec<u8> {
    let bytes = |(id, score): &Entry| {
        [id.as_u128().to_be_bytes().as_slice(), &score.to_bits().to_be_bytes()].concat()
    };
    entries.iter().flat_map(bytes).collect()
}

/// Reads what [`to_bytes`] wrote. A score that is no score is an error, never a guess.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Vec<Entry>> {
    let (entries, rest) = bytes.as_chunks::<N_BYTES>();
    let entries: Vec<Entry> = entries
        .iter()
        .map(|entry| {
            let (id, score) = entry.split_at(16);
            let id = u128::from_be_bytes(id.try_into().unwrap_or_default());
            let score = f64::from_bits(u64::from_be_bytes(score.try_into().unwrap_or_default()));
            (TrackId::from_u128(id), score)
        })
        .collect();
    let is_score = |(_, score): &Entry| (0.0..=1.0).contains(score);
    if !rest.is_empty() || !entries.iter().all(is_score) {
        return Err(Error::Inconsistent { table: "match_lists", column: "entries" });
    }
    Ok(entries)
}

/// Best first, equal scores by ascending id.
pub(crate) fn better(a: &Entry, b: &Entry) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The layout of docs/formats.md, byte by byte.
    #[test]
    fn is_id_then_score() {
        let entries = [(TrackId::from_u128(0x0102), 0.5), (TrackId::from_u128(u128::MAX), 1.0)];
        let bytes = to_bytes(&entries);
        let mut expected = vec![0; 14];
        expected.extend([1, 2, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0]);
        expected.extend([0xff; 16]);
        expected.extend([0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes, expected);
        assert_eq!(from_bytes(&bytes).unwrap(), entries);
        assert!(from_bytes(&[]).unwrap().is_empty());
    }

    #[test]
    fn refuses_what_is_no_list() {
        let nan = to_bytes(&[(TrackId::from_u128(1), f64::NAN)]);
        let high = to_bytes(&[(TrackId::from_u128(1), 1.5)]);
        for bytes in [nan.as_slice(), &high, &[0; 23], &[0; 25]] {
            assert!(from_bytes(bytes).is_err());
        }
    }
}
