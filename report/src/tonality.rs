//! Names of keys: tonic and mode, Camelot wheel, Open Key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Major or minor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Major.
    Major,
    /// Minor.
    Minor,
}

impl From<dsp::Mode> for Mode {
    fn from(mode: dsp::Mode) -> Self {
        match mode {
            dsp::Mode::Major => Self::Major,
            dsp::Mode::Minor => Self::Minor,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Major => "major",
            Self::Minor => "minor",
        })
    }
}

/// Pitch class of a tonic, always spelt with sharps: audio does not tell F# from Gb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are the notes")]
pub enum Tonic {
    C,
    #[serde(rename = "C#")]
    CSharp,
    D,
    #[serde(rename = "D#")]
    DSharp,
    E,
    F,
    #[serde(rename = "F#")]
    FSharp,
    G,
    #[serde(rename = "G#")]
    GSharp,
    A,
    #[serde(rename = "A#")]
    ASharp,
    B,
}

impl Tonic {
    /// All tonics, C first.
    pub const ALL: [Self; 12] = [
        Self::C,
        Self::CSharp,
        Self::D,
        Self::DSharp,
        Self::E,
        Self::F,
        Self::FSharp,
        Self::G,
        Self::GSharp,
        Self::A,
        Self::ASharp,
        Self::B,
    ];

    /// The tonic of a pitch class (C = 0); octaves fold.
    pub fn from_pitch_class(pitch_class: u8) -> Self {
        Self::ALL[usize::from(pitch_class % 12)]
    }

    /// Pitch class, C = 0.
    pub fn pitch_class(self) -> u8 {
        self as u8
    }

    /// Name with sharps, for example "F#".
    pub fn as_str(self) -> &'static str {
        ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"][self as usize]
    }
}

impl fmt::Display for Tonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Camelot code, for example "11A" for F# minor: a fifth up is one number up, A is minor.
pub fn camelot(tonic: Tonic, mode: Mode) -> String {
    let letter = match mode {
        Mode::Major => 'B',
        Mode::Minor => 'A',
    };
    format!("{}{letter}", camelot_number(tonic, mode))
}

/// Open Key code, for example "4m" for F# minor: the Camelot wheel turned so that C major is "1d".
pub fn open_key(tonic: Tonic, mode: Mode) -> String {
    let letter = match mode {
        Mode::Major => 'd',
        Mode::Minor => 'm',
    };
    format!("{}{letter}", (camelot_number(tonic, mode) + 4) % 12 + 1)
}

/// Position on the circle of fifths with C major at 8; a minor key has that of its relative major.
fn camelot_number(tonic: Tonic, mode: Mode) -> u8 {
    let relative_major = match mode {
        Mode::Major => tonic.pitch_class(),
        Mode::Minor => (tonic.pitch_class() + 3) % 12,
    };
    (7 * relative_major + 7) % 12 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn check(tonic: Tonic, mode: Mode, expected: (&str, &str)) {
        assert_eq!((&*camelot(tonic, mode), &*open_key(tonic, mode)), expected);
    }

    // Read off the wheel that is printed on harmonic-mixing charts.
    #[test]
    fn agrees_with_the_printed_wheel() {
        check(Tonic::C, Mode::Major, ("8B", "1d"));
        check(Tonic::G, Mode::Major, ("9B", "2d"));
        check(Tonic::A, Mode::Major, ("11B", "4d"));
        check(Tonic::E, Mode::Major, ("12B", "5d"));
        check(Tonic::B, Mode::Major, ("1B", "6d"));
        check(Tonic::FSharp, Mode::Major, ("2B", "7d"));
        check(Tonic::F, Mode::Major, ("7B", "12d"));
        check(Tonic::A, Mode::Minor, ("8A", "1m"));
        check(Tonic::FSharp, Mode::Minor, ("11A", "4m"));
        check(Tonic::CSharp, Mode::Minor, ("12A", "5m"));
        check(Tonic::GSharp, Mode::Minor, ("1A", "6m"));
    }

    #[test]
    fn gives_every_key_its_own_code() {
        let keys = || Tonic::ALL.into_iter().flat_map(|t| [(t, Mode::Major), (t, Mode::Minor)]);
        assert_eq!(keys().map(|(t, m)| camelot(t, m)).collect::<HashSet<_>>().len(), 24);
        assert_eq!(keys().map(|(t, m)| open_key(t, m)).collect::<HashSet<_>>().len(), 24);
    }

    #[test]
    fn names_round_trip_through_json() {
        for tonic in Tonic::ALL {
            assert_eq!(serde_json::to_value(tonic).unwrap(), tonic.as_str());
            assert_eq!(Tonic::from_pitch_class(tonic.pitch_class() + 12), tonic);
        }
    }
}
