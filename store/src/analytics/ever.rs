//! Figures since the beginning.

use std::collections::BTreeMap;

use super::Histogram;
use super::days::{self, Measure, Tally};
use crate::jobs::JobKind;
use crate::jobs::tally::EVER;
use crate::{Result, Store};

/// All that ever ended, of all users: what only grows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ever {
    /// How jobs and attempts ended, by kind, outcome and code.
    pub tallies: Vec<Tally>,
    /// How long jobs took.
    pub times: BTreeMap<(JobKind, Measure), Histogram>,
}

/// What ended since the beginning. It reads some hundred rows, whatever there was.
///
/// # Errors
///
/// When the database fails.
pub async fn ever(store: &Store) -> Result<Ever> {
    let tallies = days::rows(store, None, EVER, EVER, None).await?;
    let times = days::times(store, None, EVER, EVER, None).await?;
    Ok(Ever {
        tallies: tallies.into_iter().map(|(_, tally)| tally).collect(),
        times: times
            .into_iter()
            .map(|((_, kind, measure), times)| ((kind, measure), times))
            .collect(),
    })
}
