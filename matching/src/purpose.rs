//! What a match is for, and how much each facet counts for it.

use crate::{Error, Facet};
use std::{fmt, str::FromStr};

/// What a match is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// Played one into the other, or one over the other.
    Mix,
    /// Liked by who likes the other.
    Alike,
    /// Played at the same hour.
    Mood,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 3] = [Self::Mix, Self::Alike, Self::Mood];

    /// Name in URLs and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mix => "mix",
            Self::Alike => "alike",
            Self::Mood => "mood",
        }
    }

    /// Weight of a facet before confidence; those of one purpose sum to 1.
    ///
    /// Proposals, not measurements: no labelled pairs exist to fit them on.
    pub fn weight(self, facet: Facet) -> f64 {
        let weights = match self {
            //           tempo key  timbre harmony rhythm energy emotion embedding tags
            Self::Mix => [0.30, 0.30, 0.10, 0.00, 0.15, 0.15, 0.00, 0.00, 0.00],
            Self::Alike => [0.04, 0.00, 0.21, 0.16, 0.20, 0.02, 0.05, 0.20, 0.12],
            Self::Mood => [0.00, 0.00, 0.09, 0.045, 0.00, 0.135, 0.54, 0.10, 0.09],
        };
        weights[facet as usize]
    }

    /// Whether tempo and key must both fit: a mix is only as good as the worse of them.
    pub(crate) fn is_gated(self) -> bool {
        self == Self::Mix
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
            .ok_or_else(|| Error::UnknownPurpose { found: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one() {
        for purpose in Purpose::ALL {
            let sum: f64 = Facet::ALL.into_iter().map(|facet| purpose.weight(facet)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{purpose}: {sum}");
        }
    }

    #[test]
    fn names_round_trip() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.as_str().parse(), Ok(purpose));
        }
        assert!("people".parse::<Purpose>().is_err());
    }
}
