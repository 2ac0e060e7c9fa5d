//! Items ready to be scored against each other, outside of a catalogue.

use crate::{Item, Weighting, exact::Exact, facets::lanes::LANES, items::Side, prepared::Prepared};
use std::collections::{BTreeSet, HashMap};

/// Numbers of words.
#[derive(Debug, Default)]
pub(crate) struct Words(HashMap<String, u32>);

/// An item with the numbers of its words.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: u128,
    pub(crate) prepared: Prepared,
    numbers: Vec<u32>,
    n_words: usize,
}

impl Member {
    /// An item whose words get numbers.
    pub(crate) fn learned(id: u128, item: &Item, words: &mut Words) -> Self {
        Self::numbered(id, Prepared::of(item), &item.tags, words)
    }

    /// [`learned`](Self::learned) of an item that is prepared.
    pub(crate) fn numbered(
        id: u128,
        prepared: Prepared,
        tags: &[String],
        words: &mut Words,
    ) -> Self {
        for tag in tags {
            let next = words.0.len() as u32;
            words.0.entry(tag.clone()).or_insert(next);
        }
        Self::of(id, prepared, tags, words)
    }

    /// An item to be compared with those whose words have numbers: no other word can be shared.
    pub(crate) fn of(id: u128, prepared: Prepared, tags: &[String], words: &Words) -> Self {
        let distinct: BTreeSet<&String> = tags.iter().collect();
        let numbers: BTreeSet<u32> =
            distinct.iter().filter_map(|&word| words.0.get(word).copied()).collect();
        Self { id, prepared, numbers: numbers.into_iter().collect(), n_words: distinct.len() }
    }

    pub(crate) fn identity(&self) -> u64 {
        self.prepared.identity
    }

    fn side(&self) -> Side<'_> {
        Side {
            rows: &self.prepared.rows,
            words: &self.numbers,
            n_words: self.n_words,
            direction: self.prepared.direction.as_deref(),
            analysis_version: self.prepared.analysis_version,
            identity: self.prepared.identity,
        }
    }
}

/// Scores pairs under weights of the caller's; holds the memory that it needs.
pub(crate) struct Scorer(Exact);

impl Scorer {
    pub(crate) fn new(weighting: Weighting) -> Self {
        Self(Exact::by(weighting))
    }

    /// Scores of pairs, in their order; `None` where nothing compares.
    pub(crate) fn scores<'a>(
        &mut self,
        pairs: impl IntoIterator<Item = (&'a Member, &'a Member)>,
    ) -> Vec<Option<f64>> {
        let mut pairs = pairs.into_iter();
        let mut scores = Vec::new();
        loop {
            let batch: Vec<_> =
                pairs.by_ref().take(LANES).map(|(one, other)| (one.side(), other.side())).collect();
            if batch.is_empty() {
                return scores;
            }
            scores.extend_from_slice(&self.0.scores(&batch)[..batch.len()]);
        }
    }
}
