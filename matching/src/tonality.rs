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

    #[test]
    fn names_keys_with_sharps() {
        assert_eq!(name(6 + MINOR), "F# minor");
        assert_eq!(name(10), "A# major");
    }
}
