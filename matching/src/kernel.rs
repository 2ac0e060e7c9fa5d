//! The one place where facets are compared: one item with a block of others.
//!
//! A single pair, one item against a catalogue and a catalogue against itself all come through here, so
//! they agree bit for bit.

use crate::{
    block::Block,
    facet::{Facet, N_FACETS, N_MEASURED},
    facets::{
        emotion, energy, harmony, key,
        lanes::{Compared, LANES, Lanes},
        rhythm, tempo, timbre,
    },
    pooling::{GAIN, Weights},
    prepared::{N_ROWS, rows},
    reference::{self, Tables},
};
use multiversion::multiversion;

/// How one item compares with a block.
pub(crate) struct Comparison {
    /// By facet; those that do not count for the purpose are absent.
    pub(crate) facets: [Compared; N_FACETS],
    /// Logit of the percentile, by facet.
    pub(crate) evidence: [Lanes; N_FACETS],
    /// Pooled evidence within 1e-4, before the gate; −∞ where nothing compares. Only for leaving out lanes.
    pub(crate) rough: Lanes,
}

/// Compares one item with a block; `tags` are compared by the caller.
#[multiversion(targets = "simd")]
pub(crate) fn compare(
    query: &[f32; N_ROWS],
    block: &Block,
    tags: &Compared,
    weights: &Weights,
    tables: &Tables,
) -> Comparison {
    let mut facets = [Compared::ABSENT; N_FACETS];
    for facet in Facet::ALL.into_iter().take(N_MEASURED) {
        if weights[facet as usize] > 0.0 {
            let (a, b) = (&query[rows(facet)], &block.rows[rows(facet)]);
            facets[facet as usize] = match facet {
                Facet::Tempo => tempo::compare(a, b),
                Facet::Key => key::compare(a, b),
                Facet::Timbre => timbre::compare(a, b),
                Facet::Harmony => harmony::compare(a, b),
                Facet::Rhythm => rhythm::compare(a, b),
                Facet::Energy => energy::compare(a, b),
                Facet::Emotion => emotion::compare(a, b),
                Facet::Tags => Compared::ABSENT,
            };
        }
    }
    facets[Facet::Tags as usize] = *tags;
    let mut evidence = [[0.0; LANES]; N_FACETS];
    let (mut sum, mut total) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    for index in 0..N_FACETS {
        let weight = weights[index] as f32;
        if weight <= 0.0 {
            continue;
        }
        for lane in 0..LANES {
            let value = reference::evidence(&tables[index], facets[index].raw[lane]);
            evidence[index][lane] = value;
            let share = weight * facets[index].confidence[lane];
            sum[lane] += share * value;
            total[lane] += share;
        }
    }
    let mut rough = [f32::NEG_INFINITY; LANES];
    for lane in 0..LANES {
        if total[lane] > 0.0 {
            rough[lane] = GAIN as f32 * sum[lane] / total[lane];
        }
    }
    Comparison { facets, evidence, rough }
}
