//! `dynamics`: level and feel.

use crate::{Reason, digits::rounded, reason::split};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Level and feel in a few indices.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dynamics {
    /// Mean distance of the level from its average, dB, 0 or more (0 = steady), 2 decimals.
    pub dynamic_complexity_db: Option<f64>,
    /// Largest sample over the root mean square of what sounds, dB, 2 decimals.
    pub crest_db: Option<f64>,
    /// How steadily the level moves at every span, 0 to 3, 3 decimals.
    pub danceability: Option<f64>,
    /// How much is going on: mean rank among reference recordings, 0 to 1, 3 decimals.
    pub energy: Option<f64>,
    /// Why everything above is `null`.
    pub reason: Option<Reason>,
    /// Why `danceability` is `null` though the rest is known.
    pub danceability_reason: Option<Reason>,
    /// Why `energy` is `null` though the rest is known.
    pub energy_reason: Option<Reason>,
}

impl From<&dsp::Estimate<dsp::Dynamics>> for Dynamics {
    fn from(estimate: &dsp::Estimate<dsp::Dynamics>) -> Self {
        let (dynamics, reason) = split(estimate);
        let (danceability, danceability_reason) =
            dynamics.map_or((None, None), |d| split(&d.danceability));
        let (energy, energy_reason) = dynamics.map_or((None, None), |d| split(&d.energy));
        Self {
            dynamic_complexity_db: dynamics.and_then(|d| rounded(d.dynamic_complexity_db, 2)),
            crest_db: dynamics.and_then(|d| rounded(d.crest_db, 2)),
            danceability: danceability.and_then(|&value| rounded(value, 3)),
            energy: energy.and_then(|&value| rounded(value, 3)),
            reason,
            danceability_reason,
            energy_reason,
        }
    }
}
