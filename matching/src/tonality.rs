//! Names of keys and their places on the circle of fifths.

/// A key as one number: pitch class of the tonic, plus 12 for minor.
pub(crate) type KeyNumber = u8;

const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/// "F# minor".
pub(crate) fn name(key: KeyNumber) -> String {
    let mode = if is_minor(key) { "minor" } else { "major" };
    format!("{} {mode}", NAMES[usize::from(key % 12)])
}

pub(crate) const fn is_minor(key: KeyNumber) -> bool {
    key >= 12
}

/// Place on the circle of fifths, 0 to 11; a minor key shares that of its relative major.
pub(crate) const fn place(key: KeyNumber) -> u8 {
    let relative_major = if is_minor(key) { key % 12 + 3 } else { key };
    7 * relative_major % 12
}

/// Camelot code, "11A" for F# minor: a fifth up is one number up, minor is A.
pub(crate) fn camelot(key: KeyNumber) -> String {
    let letter = if is_minor(key) { 'A' } else { 'B' };
    format!("{}{letter}", (place(key) + 7) % 12 + 1)
}

/// The key with this name, "F# minor", or Camelot code, "11A", in any case: pitch class of the tonic, and 12 more for minor.
///
/// Tonics are spelt with sharps, as everywhere.
pub fn key_of(text: &str) -> Option<u8> {
    (0..24).find(|&key| {
        text.eq_ignore_ascii_case(&name(key)) || text.eq_ignore_ascii_case(&camelot(key))
    })
}

/// The key so many semitones higher.
pub(crate) fn transposed(key: KeyNumber, semitones: i32) -> KeyNumber {
    let tonic = (i32::from(key % 12) + semitones).rem_euclid(12);
    tonic as KeyNumber + if is_minor(key) { 12 } else { 0 }
}

/// How two keys stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// The same key.
    Same,
    /// A fifth apart, same mode.
    Neighbour,
    /// Relative major and minor.
    Relative,
    /// A fifth apart and the other mode.
    Diagonal,
    /// Two fifths apart, same mode.
    TwoSteps,
    /// The same tonic, other mode.
    Parallel,
    /// A semitone apart, same mode.
    Semitone,
    /// Six fifths apart.
    Tritone,
    /// Anything else.
    Other,
}

/// How two keys stand to each other; the same in both directions.
pub(crate) const fn relation(a: KeyNumber, b: KeyNumber) -> Relation {
    let around = place(a).abs_diff(place(b));
    let steps = if around > 6 { 12 - around } else { around };
    let same_mode = is_minor(a) == is_minor(b);
    match (steps, same_mode) {
        (0, true) => Relation::Same,
        (0, false) => Relation::Relative,
        (1, true) => Relation::Neighbour,
        (1, false) => Relation::Diagonal,
        (2, true) => Relation::TwoSteps,
        (3, false) if a % 12 == b % 12 => Relation::Parallel,
        (5, true) => Relation::Semitone,
        (6, _) => Relation::Tritone,
        _ => Relation::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINOR: u8 = 12;

    #[test]
    fn agrees_with_the_printed_wheel() {
        // C major with G, F, A minor, E minor, D, C minor, C#, F#, and E major.
        let expected = [
            (7, Relation::Neighbour),
            (5, Relation::Neighbour),
            (9 + MINOR, Relation::Relative),
            (4 + MINOR, Relation::Diagonal),
            (2, Relation::TwoSteps),
            (MINOR, Relation::Parallel),
            (1, Relation::Semitone),
            (6, Relation::Tritone),
            (4, Relation::Other),
        ];
        for (key, expected) in expected {
            assert_eq!(relation(0, key), expected, "{}", name(key));
        }
    }

    #[test]
    fn is_symmetric_and_blind_to_transposition() {
        for a in 0..24_u8 {
            for b in 0..24_u8 {
                assert_eq!(relation(a, b), relation(b, a));
                let up = |key: u8| (key % 12 + 1) % 12 + 12 * u8::from(is_minor(key));
                assert_eq!(relation(a, b), relation(up(a), up(b)));
            }
        }
    }

    // The printed wheel: A minor 8A, C major 8B, E major 12B, B major 1B, F# minor 11A, D# minor 2A.
    #[test]
    fn codes_are_those_of_the_printed_wheel() {
        let expected =
            [(9 + MINOR, "8A"), (0, "8B"), (4, "12B"), (11, "1B"), (6 + MINOR, "11A"), (15, "2A")];
        for (key, code) in expected {
            assert_eq!(camelot(key), code, "{}", name(key));
        }
        for key in 0..24 {
            assert_eq!((key_of(&camelot(key)), key_of(&name(key))), (Some(key), Some(key)));
        }
        assert_eq!((key_of("f# MINOR"), key_of("11a"), key_of("0A")), (Some(18), Some(18), None));
    }

    #[test]
    fn transposing_keeps_the_mode_and_goes_round() {
        assert_eq!((transposed(11, 1), transposed(12, -1), transposed(18, 12)), (0, 23, 18));
    }

    #[test]
    fn names_keys_with_sharps() {
        assert_eq!(name(6 + MINOR), "F# minor");
        assert_eq!(name(10), "A# major");
    }
}
