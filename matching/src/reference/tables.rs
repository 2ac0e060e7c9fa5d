//! Percentiles of raw agreements, as logits.

use super::{
    population::{N_STEPS, logit_of_step},
    v2,
};
use crate::facet::{Facet, N_FACETS};
use std::sync::LazyLock;

/// Knots of each table, evenly spaced over raw agreement 0 to 1.
const N_KNOTS: usize = 256;

/// Logits are held within this, percentiles within 0.0003 of 0 and 1: no single facet can settle a pair.
const LIMIT: f64 = 8.0;

/// Logit of the percentile at each knot, by facet.
pub(crate) type Tables = [[f32; N_KNOTS]; N_FACETS];

/// The tables of this weights version.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| {
        Facet::ALL.map(|facet| match v2::QUANTILES.get(facet as usize) {
            Some(quantiles) => table(|raw| logit_among(quantiles, raw)),
            // Embeddings and tags have no population: their agreement is read as a percentile.
            None => table(|raw| (raw / (1.0 - raw)).ln()),
        })
    });
    &TABLES
}

fn table(logit: impl Fn(f64) -> f64) -> [f32; N_KNOTS] {
    std::array::from_fn(|knot| {
        logit(knot as f64 / (N_KNOTS - 1) as f64).clamp(-LIMIT, LIMIT) as f32
    })
}

/// Logit of the percentile of `raw`, by straight lines between quantiles; the middle where they tie.
///
/// The lines go on from the ends of the population to ∓[`LIMIT`] at raw 0 and 1: pairs that agree more than any
/// of the population still differ.
fn logit_among(quantiles: &[f32; N_STEPS + 1], raw: f64) -> f64 {
    let below = quantiles.partition_point(|&quantile| f64::from(quantile) < raw);
    let up_to = quantiles.partition_point(|&quantile| f64::from(quantile) <= raw);
    if below < up_to {
        return f64::midpoint(logit_of_step(below), logit_of_step(up_to - 1));
    }
    let point = |step: usize| (f64::from(quantiles[step]), logit_of_step(step));
    let (x0, y0) = below.checked_sub(1).map_or((0.0, -LIMIT), point);
    let (x1, y1) = if below <= N_STEPS { point(below) } else { (1.0, LIMIT) };
    y0 + (raw - x0) / (x1 - x0) * (y1 - y0)
}

/// Logit of the percentile of a raw agreement, by straight lines between knots.
#[expect(clippy::inline_always, reason = "part of the kernel")]
#[inline(always)]
pub(crate) fn evidence(table: &[f32; N_KNOTS], raw: f32) -> f32 {
    let place = raw * (N_KNOTS - 1) as f32;
    let knot = (place as usize).min(N_KNOTS - 2);
    let (low, high) = (table[knot], table[knot + 1]);
    // Rounding must not carry a value past the next knot: a score may never fall as a facet rises.
    (low + (place - knot as f32) * (high - low)).min(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Between 0.2 and 0.8 the quantiles are even, so the logits are a straight line.
    #[test]
    fn logits_follow_the_quantiles() {
        let even: [f32; 65] = std::array::from_fn(|step| 0.2 + 0.6 * step as f32 / 64.0);
        for (raw, logit) in [
            (0.0, -8.0),
            (0.1, -7.5),
            (0.35, -3.5),
            (0.5, 0.0),
            (0.65, 3.5),
            (0.9, 7.5),
            (1.0, 8.0),
        ] {
            assert!((logit_among(&even, raw) - logit).abs() < 1e-5, "{raw}");
        }
    }

    #[test]
    fn a_tie_counts_as_its_middle() {
        let tied: [f32; 65] = std::array::from_fn(|step| if step < 32 { 0.25 } else { 0.75 });
        assert!((logit_among(&tied, 0.25) - -3.609_375).abs() < 1e-9);
        assert!((logit_among(&tied, 0.75) - 3.5).abs() < 1e-9);
    }

    #[test]
    fn evidence_never_falls() {
        for table in tables() {
            let mut last = f32::NEG_INFINITY;
            for step in 0..=100_000 {
                let value = evidence(table, step as f32 / 100_000.0);
                assert!(value >= last && value.is_finite());
                last = value;
            }
        }
    }

    #[test]
    fn quantiles_ascend_within_the_unit_interval() {
        for quantiles in v2::QUANTILES {
            assert!(quantiles.is_sorted() && quantiles[0] >= 0.0 && quantiles[64] <= 1.0);
        }
    }
}
