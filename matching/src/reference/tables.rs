//! Percentiles of raw agreements, as logits.

use super::v1;
use crate::facet::{Facet, N_FACETS};
use std::sync::LazyLock;

/// Knots of each table, evenly spaced over raw agreement 0 to 1.
const N_KNOTS: usize = 256;

/// Percentiles are held within this of 0 and 1: no single facet can settle a pair.
const CLIP: f64 = 0.02;

/// Logit of the percentile at each knot, by facet.
pub(crate) type Tables = [[f32; N_KNOTS]; N_FACETS];

/// The tables of this weights version.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| {
        Facet::ALL.map(|facet| match v1::QUANTILES.get(facet as usize) {
            Some(quantiles) => table(|raw| percentile(quantiles, raw)),
            // Tags have no population: their overlap is read as a percentile.
            None => table(|raw| raw),
        })
    });
    &TABLES
}

fn table(percentile: impl Fn(f64) -> f64) -> [f32; N_KNOTS] {
    std::array::from_fn(|knot| {
        let p = percentile(knot as f64 / (N_KNOTS - 1) as f64).clamp(CLIP, 1.0 - CLIP);
        (p / (1.0 - p)).ln() as f32
    })
}

/// Share of the population below `raw`, by straight lines between its quantiles; the middle where they tie.
fn percentile(quantiles: &[f32], raw: f64) -> f64 {
    let n = (quantiles.len() - 1) as f64;
    let below = quantiles.partition_point(|&quantile| f64::from(quantile) < raw);
    let up_to = quantiles.partition_point(|&quantile| f64::from(quantile) <= raw);
    if below < up_to {
        return (below + up_to - 1) as f64 / 2.0 / n;
    }
    if below == 0 {
        return 0.0;
    }
    let Some(&above) = quantiles.get(below) else { return 1.0 };
    let under = f64::from(quantiles[below - 1]);
    ((below - 1) as f64 + (raw - under) / (f64::from(above) - under)) / n
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

    #[test]
    fn percentiles_count_the_population() {
        let quantiles = [0.1, 0.2, 0.4, 0.4, 0.8];
        for (raw, expected) in [
            (0.0, 0.0),
            (0.15, 0.125),
            (0.3, 0.375),
            (f64::from(0.4_f32), 0.625),
            (0.6, 0.875),
            (0.9, 1.0),
        ] {
            assert!((percentile(&quantiles, raw) - expected).abs() < 1e-6, "{raw}");
        }
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
        for quantiles in v1::QUANTILES {
            assert!(quantiles.is_sorted() && quantiles[0] >= 0.0 && quantiles[64] <= 1.0);
        }
    }
}
