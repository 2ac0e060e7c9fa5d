//! Weights of facets that a client asks for.

use std::collections::BTreeMap;

use matching::{Purpose, Weighting};

use crate::error::Result;

/// Weights as they stand in a query: `tempo:1,key:0.5`; those of the purpose unless told.
pub(crate) fn from_query(purpose: Purpose, text: Option<&str>) -> Result<Weighting> {
    match text {
        None => Ok(purpose.into()),
        Some(text) => Ok(Weighting::from_text(purpose, text)?),
    }
}

/// Weights as they stand in a body: numbers by facet; those of the purpose unless told.
pub(crate) fn from_body(
    purpose: Purpose,
    named: Option<&BTreeMap<String, f64>>,
) -> Result<Weighting> {
    match named {
        None => Ok(purpose.into()),
        Some(named) => {
            let named = named.iter().map(|(name, weight)| (name.as_str(), *weight));
            Ok(Weighting::custom(purpose, named)?)
        }
    }
}
