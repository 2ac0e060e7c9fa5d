//! The one place where facets are compared: a block of items with a block of others, lane by lane.
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
    pooling::Weights,
    prepared::rows,
    reference::{self, Tables},
};
use multiversion::multiversion;

/// How the items of two blocks compare, lane by lane.
pub(crate) struct Comparison {
    /// By facet; those that do not count for the purpose are absent.
    pub(crate) facets: [Compared; N_FACETS],
    /// Logit of the percentile, by facet.
    pub(crate) evidence: [Lanes; N_FACETS],
}

/// How items compare in what lies beside their descriptors.
#[derive(Clone, Copy)]
pub(crate) struct Beside {
    pub(crate) embedding: Compared,
    pub(crate) tags: Compared,
}

impl Beside {
    pub(crate) const ABSENT: Self = Self { embedding: Compared::ABSENT, tags: Compared::ABSENT };
}

/// Compares the items of two blocks, lane by lane; what lies beside them is compared by the caller.
#[multiversion(targets = "simd")]
pub(crate) fn compare(
    one: &Block,
    other: &Block,
    beside: &Beside,
    weights: &Weights,
    tables: &Tables,
) -> Comparison {
    let mut facets = [Compared::ABSENT; N_FACETS];
    for facet in Facet::ALL.into_iter().take(N_MEASURED) {
        if weights[facet as usize] > 0.0 {
            let (a, b) = (&one.0[rows(facet)], &other.0[rows(facet)]);
            facets[facet as usize] = match facet {
                Facet::Tempo => tempo::compare(a, b),
                Facet::Key => key::compare(a, b),
                Facet::Timbre => timbre::compare(a, b),
                Facet::Harmony => harmony::compare(a, b),
                Facet::Rhythm => rhythm::compare(a, b),
                Facet::Energy => energy::compare(a, b),
                Facet::Emotion => emotion::compare(a, b),
                Facet::Embedding | Facet::Tags => Compared::ABSENT,
            };
        }
    }
    facets[Facet::Embedding as usize] = beside.embedding;
    facets[Facet::Tags as usize] = beside.tags;
    let mut evidence = [[0.0; LANES]; N_FACETS];
    for index in 0..N_FACETS {
        if weights[index] > 0.0 {
            for (value, raw) in evidence[index].iter_mut().zip(&facets[index].raw) {
                *value = reference::evidence(&tables[index], *raw);
            }
        }
    }
    Comparison { facets, evidence }
}
