//! Weights that somebody asks for, in the place of those of a purpose.

use crate::{
    Facet, Purpose,
    facet::N_FACETS,
    pooling::{self, Weights},
};

/// How much each facet counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighting {
    purpose: Purpose,
    weights: Weights,
}

/// Why weights cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// No facet has this name.
    #[error("{found:?} is no facet; facets are {}", names())]
    UnknownFacet {
        /// Name given.
        found: String,
    },
    /// A weight below 0.
    #[error("the weight of {facet} is below 0")]
    Negative {
        /// Whose weight.
        facet: Facet,
    },
    /// A weight that is no number, or infinite.
    #[error("the weight of {facet} is not a finite number")]
    NotFinite {
        /// Whose weight.
        facet: Facet,
    },
    /// A facet is named twice.
    #[error("{facet} has more than one weight")]
    Repeated {
        /// Which.
        facet: Facet,
    },
    /// No weight is above 0.
    #[error("no weight is above 0")]
    AllZero,
    /// A text that is not facets with numbers.
    #[error("{found:?} is not a facet with a number, such as tempo:1")]
    Malformed {
        /// The part that is not.
        found: String,
    },
}

impl Weighting {
    /// Weights by name of the facet; facets that are not named do not count. They are scaled to sum to 1.
    ///
    /// The purpose still says whether tempo and key must both fit.
    ///
    /// # Errors
    ///
    /// [`WeightsError`] for an unknown or repeated name, a weight below 0 or not finite, and when none is above 0.
    pub fn custom<'a>(
        purpose: Purpose,
        named: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<Self, WeightsError> {
        let mut given = [None; N_FACETS];
        for (name, weight) in named {
            let facet = Facet::ALL
                .into_iter()
                .find(|facet| facet.as_str() == name)
                .ok_or_else(|| WeightsError::UnknownFacet { found: name.to_owned() })?;
            if !weight.is_finite() {
                return Err(WeightsError::NotFinite { facet });
            }
            if weight < 0.0 {
                return Err(WeightsError::Negative { facet });
            }
            if given[facet as usize].replace(weight).is_some() {
                return Err(WeightsError::Repeated { facet });
            }
        }
        let weights = given.map(Option::unwrap_or_default);
        let largest = weights.into_iter().fold(0.0, f64::max);
        if largest <= 0.0 {
            return Err(WeightsError::AllZero);
        }
        // By the largest first: the sum of huge weights would not be finite.
        let scaled = weights.map(|weight| weight / largest);
        let sum: f64 = scaled.into_iter().sum();
        Ok(Self { purpose, weights: scaled.map(|weight| weight / sum) })
    }

    /// [`custom`](Self::custom) weights as people write them: "tempo:1,key:0.5".
    ///
    /// # Errors
    ///
    /// Those of [`custom`](Self::custom), and [`WeightsError::Malformed`].
    pub fn from_text(purpose: Purpose, text: &str) -> Result<Self, WeightsError> {
        let pair = |pair| {
            let malformed = || WeightsError::Malformed { found: String::from(pair) };
            let (name, number) = str::split_once(pair, ':').ok_or_else(malformed)?;
            Ok((name.trim(), number.trim().parse().map_err(|_| malformed())?))
        };
        let named =
            text.split(',').map(pair).collect::<Result<Vec<(&str, f64)>, WeightsError>>()?;
        Self::custom(purpose, named)
    }

    /// What the pair is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Weight of a facet before confidence; all of them sum to 1.
    pub fn weight(&self, facet: Facet) -> f64 {
        self.weights[facet as usize]
    }

    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }
}

impl From<Purpose> for Weighting {
    fn from(purpose: Purpose) -> Self {
        Self { purpose, weights: pooling::weights(purpose) }
    }
}

fn names() -> String {
    Facet::ALL.map(Facet::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_shares_whatever_their_size() {
        for unit in [1e-300, 1.0, 1e308] {
            let named = [("tempo", 0.75 * unit), ("key", 0.25 * unit), ("tags", 0.0)];
            let weighting = Weighting::custom(Purpose::Alike, named).unwrap();
            assert!((weighting.weight(Facet::Tempo) - 0.75).abs() < 1e-12, "{unit}");
            assert!((weighting.weight(Facet::Key) - 0.25).abs() < 1e-12, "{unit}");
            assert!(weighting.weight(Facet::Timbre) <= 0.0);
        }
    }

    #[test]
    fn reads_what_people_write() {
        let read = |text| Weighting::from_text(Purpose::Mood, text);
        let expected = Weighting::custom(Purpose::Mood, [("tempo", 1.0), ("key", 0.5)]);
        assert_eq!(read(" tempo: 1,key :0.5 "), expected);
        assert_eq!(read("key:NaN"), Err(WeightsError::NotFinite { facet: Facet::Key }));
        for text in ["", "tempo", "tempo:1,", "tempo:fast", "tempo=1"] {
            assert!(matches!(read(text), Err(WeightsError::Malformed { .. })), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_weighting() {
        let custom = |named: &[(&'static str, f64)]| {
            Weighting::custom(Purpose::Mix, named.iter().copied()).unwrap_err()
        };
        let facet = Facet::Key;
        assert_eq!(custom(&[("key", -0.1)]), WeightsError::Negative { facet });
        assert_eq!(custom(&[("key", f64::NAN)]), WeightsError::NotFinite { facet });
        assert_eq!(custom(&[("key", f64::INFINITY)]), WeightsError::NotFinite { facet });
        assert_eq!(custom(&[("key", 1.0), ("key", 1.0)]), WeightsError::Repeated { facet });
        assert_eq!(custom(&[("key", 0.0), ("tempo", -0.0)]), WeightsError::AllZero);
        assert_eq!(custom(&[]), WeightsError::AllZero);
        let unknown = custom(&[("loudness", 1.0)]);
        assert_eq!(unknown, WeightsError::UnknownFacet { found: "loudness".into() });
        assert!(unknown.to_string().contains("tempo, key, timbre"), "{unknown}");
    }
}
