//! How recordings are transposed so that their keys go together.

use crate::{
    Descriptor,
    facets::key::agreement,
    layout::{self as at, known},
    tonality::{self, KeyNumber, Relation, relation, transposed},
};

/// The furthest that a recording is transposed: beyond, voices and drums sound of another recording.
const MAX_SEMITONES: i32 = 2;
/// How far pitches may be from the grid of the other recording to count as going together: an eighth of a tone.
const MAX_CENTS: f64 = 25.0;

/// How the pitch of a recording b changes beside a recording a, and what keys then sound together.
#[derive(Debug, Clone, PartialEq)]
pub struct PitchFit {
    /// Key of a, "F# minor".
    pub a_key: String,
    /// Key of b as it is.
    pub b_key: String,
    /// Change of b's pitch, semitones; whole ones where the pitch is free.
    pub b_semitones: f64,
    /// The key in which b then sounds, the nearest where it lies between two.
    pub heard_key: String,
    /// Camelot code of that key.
    pub heard_camelot: String,
    /// How far b then lies from that key, cents, −50 to 50.
    pub heard_cents: f64,
    /// How that key stands to a's: `same`, `fifth`, `relative`, `diagonal`, `two_fifths`, `parallel`, `semitone`, `tritone` or `far`.
    pub relation: &'static str,
    /// Whether the keys are the same, a fifth apart or relatives, and in tune to an eighth of a tone.
    pub is_compatible: bool,
    /// Trust in both keys, 0 to 1.
    pub confidence: f64,
}

/// The keys of a pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys {
    a: KeyNumber,
    b: KeyNumber,
    confidence: f32,
}

impl Keys {
    /// `None` where one has no key.
    pub(crate) fn new(a: &Descriptor, b: &Descriptor) -> Option<Self> {
        if !a.knows(known::KEY) || !b.knows(known::KEY) {
            return None;
        }
        let number = |it: &Descriptor| it.facts[at::KEY_NUMBER.start].clamp(0.0, 23.0).round();
        let trust = |it: &Descriptor| it.facts[at::KEY_CONFIDENCE].clamp(0.0, 1.0);
        let confidence = (trust(a) * trust(b)).sqrt();
        Some(Self { a: number(a) as KeyNumber, b: number(b) as KeyNumber, confidence })
    }

    /// What to do where pitch and tempo are free of each other: the smallest whole transposition that makes the keys
    /// compatible, the better relation of two, the lower of equals; where none does, the one that comes nearest.
    pub(crate) fn with_key_lock(self) -> PitchFit {
        let shifts = -MAX_SEMITONES..=MAX_SEMITONES;
        let best = shifts.min_by(|one, other| {
            let rank = |shift: i32| {
                let relation = relation(self.a, transposed(self.b, shift));
                let cost = if is_compatible(relation) { shift.abs() } else { MAX_SEMITONES + 1 };
                (cost, 1.0 - agreement(relation), shift.abs())
            };
            let (one, other) = (rank(*one), rank(*other));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)).then(one.2.cmp(&other.2))
        });
        self.shifted(best.unwrap_or_default().into())
    }

    /// What happens where the pitch moves with the tempo, as on a turntable.
    pub(crate) fn at_ratio(self, ratio: f64) -> PitchFit {
        self.shifted(12.0 * ratio.log2())
    }

    fn shifted(self, semitones: f64) -> PitchFit {
        let whole = semitones.round();
        let heard = transposed(self.b, whole as i32);
        let cents = 100.0 * (semitones - whole);
        let relation = relation(self.a, heard);
        PitchFit {
            a_key: tonality::name(self.a),
            b_key: tonality::name(self.b),
            b_semitones: semitones,
            heard_key: tonality::name(heard),
            heard_camelot: tonality::camelot(heard),
            heard_cents: cents,
            relation: word(relation),
            is_compatible: is_compatible(relation) && cents.abs() <= MAX_CENTS,
            confidence: self.confidence.into(),
        }
    }
}

/// What DJs play into each other without a thought.
fn is_compatible(relation: Relation) -> bool {
    matches!(relation, Relation::Same | Relation::Neighbour | Relation::Relative)
}

fn word(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "same",
        Relation::Neighbour => "fifth",
        Relation::Relative => "relative",
        Relation::Diagonal => "diagonal",
        Relation::TwoSteps => "two_fifths",
        Relation::Parallel => "parallel",
        Relation::Semitone => "semitone",
        Relation::Tritone => "tritone",
        Relation::Other => "far",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINOR: u8 = 12;

    fn locked(a: u8, b: u8) -> PitchFit {
        Keys { a, b, confidence: 0.5 }.with_key_lock()
    }

    #[test]
    fn keys_that_go_together_stay() {
        for b in [0, 7, 5, 9 + MINOR] {
            let fit = locked(0, b);
            assert!(fit.is_compatible && fit.b_semitones.abs() < 1e-12, "{fit:?}");
            assert_eq!(fit.heard_key, fit.b_key);
        }
    }

    // By the wheel: C# down one is C; D down two is C and up ... up three would be F; D# minor has to fall by two fifths.
    #[test]
    fn others_move_as_little_as_they_can() {
        for (b, semitones, key, code) in [
            (1, -1.0, "C major", "8B"),
            (11, 1.0, "C major", "8B"),
            (2, -2.0, "C major", "8B"),
            (4, 1.0, "F major", "7B"),
            (6, -1.0, "F major", "7B"),
            (10 + MINOR, -1.0, "A minor", "8A"),
        ] {
            let fit = locked(0, b);
            assert!((fit.b_semitones - semitones).abs() < 1e-12, "{fit:?}");
            assert_eq!((&*fit.heard_key, &*fit.heard_camelot), (key, code));
            assert!(fit.is_compatible);
        }
    }

    // Trying every shift is the oracle.
    #[test]
    fn no_smaller_shift_would_do() {
        for a in 0..24 {
            for b in 0..24 {
                let fit = locked(a, b);
                let shift = fit.b_semitones as i32;
                let fits = |shift: i32| is_compatible(relation(a, transposed(b, shift)));
                assert_eq!(fit.is_compatible, (-2..=2).any(fits));
                if fit.is_compatible {
                    assert!(
                        fits(shift) && (-2..=2).all(|s: i32| s.abs() >= shift.abs() || !fits(s))
                    );
                }
            }
        }
    }

    #[test]
    fn without_key_lock_the_pitch_follows_the_tempo() {
        let keys = Keys { a: 1, b: 0, confidence: 1.0 };
        // A semitone is 5.946 %.
        let fit = keys.at_ratio(2.0_f64.powf(1.0 / 12.0));
        assert_eq!((&*fit.heard_key, fit.relation), ("C# major", "same"));
        assert!(fit.is_compatible && fit.heard_cents.abs() < 1e-9);
        let fit = keys.at_ratio(1.03);
        assert!((fit.b_semitones - 0.5117).abs() < 1e-4 && !fit.is_compatible);
        assert!((fit.heard_cents + 48.8).abs() < 0.1, "{fit:?}");
    }
}
