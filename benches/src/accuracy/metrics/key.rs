//! The key score of MIREX (audio key detection, 2005 and after).

use dsp::Mode;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Pitch class of the tonic, C = 0.
    pub tonic: u8,
    /// Major or minor.
    pub mode: Mode,
}

/// Which fifths are half right. Publications use both rules, which differ by one to three points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fifths {
    /// An estimate a fifth above or below the truth.
    Either,
    /// Only an estimate a fifth above (`mir_eval`'s default).
    Ascending,
}

/// 1 if equal, 0.5 a fifth apart, 0.3 relative, 0.2 parallel, else 0. Equal to `mir_eval` 0.8.2 `key.weighted_score`.
pub fn score(truth: Key, estimate: Key, fifths: Fifths) -> f64 {
    let interval = (12 + estimate.tonic - truth.tonic) % 12;
    if truth.mode == estimate.mode {
        return match interval {
            0 => 1.0,
            7 => 0.5,
            5 if fifths == Fifths::Either => 0.5,
            _ => 0.0,
        };
    }
    let relative = if truth.mode == Mode::Major { 9 } else { 3 };
    match interval {
        0 => 0.2,
        _ if interval == relative => 0.3,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const C_MAJOR: Key = Key { tonic: 0, mode: Mode::Major };
    const A_MINOR: Key = Key { tonic: 9, mode: Mode::Minor };

    #[test]
    fn relations_of_c_major_have_their_weights() {
        let of = |tonic, mode| score(C_MAJOR, Key { tonic, mode }, Fifths::Either);
        let weights = [
            (0, Mode::Major, 1.0),
            (7, Mode::Major, 0.5),
            (5, Mode::Major, 0.5),
            (9, Mode::Minor, 0.3),
            (0, Mode::Minor, 0.2),
            (4, Mode::Minor, 0.0),
            (2, Mode::Major, 0.0),
        ];
        for (tonic, mode, weight) in weights {
            assert!((of(tonic, mode) - weight).abs() < 1e-12, "{tonic} {mode:?}");
        }
        let f_major = Key { tonic: 5, mode: Mode::Major };
        assert!(score(C_MAJOR, f_major, Fifths::Ascending).abs() < 1e-12);
    }

    #[test]
    fn relative_keys_are_relative_both_ways() {
        for (a, b) in [(C_MAJOR, A_MINOR), (A_MINOR, C_MAJOR)] {
            assert!((score(a, b, Fifths::Ascending) - 0.3).abs() < 1e-12);
        }
    }
}
