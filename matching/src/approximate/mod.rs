//! Nearly the best matches of one item, by outlines.
//!
//! Every item is told in 33 bytes ([`outline`]), from which two quick looks at all of them ([`looks`]) find those that promise
//! most. Those are scored as a single pair is, so that every score of an answer is exact; only that nothing better was
//! overlooked is not certain.

mod looks;
mod outline;

use crate::{Catalogue, Filter, Item, Purpose};
use looks::Outlines;
use outline::Outliner;
use rayon::prelude::*;

/// Items that are scored for so many places.
fn n_scored(k: usize) -> usize {
    N_SCORED + N_SCORED_PER_PLACE * k
}

const N_SCORED: usize = 500;
const N_SCORED_PER_PLACE: usize = 20;
/// Items whose harmony is looked at: one in so many, and so many times those that are scored at least.
const FIRST_SHARE: usize = 50;
const FIRST_TIMES: usize = 4;
/// Items that are outlined before they are put in their places.
const BATCH: usize = 1 << 16;

/// Outlines of the items of one catalogue.
///
/// They do not change with the catalogue: items that came later have to be [added](Self::insert), those that are gone are
/// left out, and those that have changed are scored as they are now.
#[derive(Debug)]
pub struct Approximate {
    outlines: Outlines,
    /// The id of the item with each number.
    ids: Vec<u128>,
}

impl Approximate {
    /// Items from which on it is cheaper than an exact search (`docs/matching.md` has the measurement).
    pub const CROSSOVER: usize = 50_000;

    /// Outlines of all items of a catalogue, made on all cores.
    pub fn of(catalogue: &Catalogue) -> Self {
        let items = catalogue.items();
        let mut outlines = Outlines::new(Outliner::of(catalogue.sketcher().clone(), &items.rows));
        outlines.reserve(items.len());
        for first in (0..items.len()).step_by(BATCH) {
            let slots = first..(first + BATCH).min(items.len());
            let batch: Vec<_> =
                slots.into_par_iter().map(|slot| outlines.outline(&items.side(slot))).collect();
            for outline in &batch {
                outlines.push(outline);
            }
        }
        Self { outlines, ids: items.ids.clone() }
    }

    /// Adds an item of the catalogue, one that is new in it or that has changed; nothing happens when it is not there.
    pub fn insert(&mut self, catalogue: &Catalogue, id: u128) {
        if let Some(side) = catalogue.side_of(id) {
            self.outlines.push(&self.outlines.outline(&side));
            self.ids.push(id);
        }
    }

    /// Items that were added, those that are gone or have changed since included.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Bytes that are allocated for it, beside the catalogue.
    pub fn n_bytes(&self) -> usize {
        self.outlines.n_bytes() + self.ids.capacity() * size_of::<u128>()
    }

    /// Nearly the `k` best matches of an item among those that pass a filter, best first, equal scores by ascending id.
    ///
    /// `catalogue` has to be the one that the outlines were made of. The scores are exact. The answer is that of
    /// [`Catalogue::top_where`] where outlines cannot tell what counts ([`Purpose::Mix`], whose key they do not know, and
    /// queries with an embedding), where the filter leaves less than `k` of the candidates, and where most of the catalogue is
    /// asked for.
    pub fn top(
        &self,
        catalogue: &Catalogue,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        k: usize,
        filter: Filter<'_>,
    ) -> Vec<(u128, f64)> {
        let n = n_scored(k);
        if purpose != Purpose::Mix && query.embedding.is_none() && n < self.ids.len() {
            let n_first = (self.ids.len() / FIRST_SHARE).max(FIRST_TIMES * n);
            let found = catalogue.top_among(query, query_id, purpose, k, filter, |side| {
                let numbers = self.outlines.promising(side, purpose, n_first, n);
                numbers.into_iter().map(|number| (self.ids[number], number)).collect()
            });
            if found.len() == k {
                return found;
            }
        }
        catalogue.top_where(query, query_id, purpose, k, filter)
    }
}
