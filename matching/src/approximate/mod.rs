//! Nearly the best matches of one item, from a graph of neighbours.
//!
//! The graph (HNSW; Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical
//! navigable small world graphs", 2018) is that of the crate `usearch`. Near is what scores well: items are compared
//! by their [outlines](outline), from which a score can be told nearly. What the graph finds is scored as a single pair
//! is, so that every score of an answer is exact; only that nothing better was overlooked is not certain.

mod graph;
mod outline;

use crate::{Catalogue, Filter, Item, Purpose};
use graph::Graph;

/// Candidates that are scored for so many places: outlines tell nearly which are the best.
fn n_candidates(k: usize) -> usize {
    2 * k + 20
}

/// Why there is no graph of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoGraph {
    /// A gate or an embedding decides too much that outlines do not know.
    #[error("outlines do not tell what counts for {purpose} here")]
    Untold {
        /// What was to be searched for.
        purpose: Purpose,
    },
    /// The library has failed, for want of memory most likely.
    #[error("the graph cannot be built: {reason}")]
    Failed {
        /// What it says.
        reason: String,
    },
}

/// A graph over the items of one catalogue for one purpose.
///
/// It does not change with the catalogue: items that came later have to be [added](Self::insert), those that are gone are
/// left out, and those that have changed are scored as they are now.
#[derive(Debug)]
pub struct Approximate {
    graph: Graph,
    purpose: Purpose,
    /// The id of the item with each number of the graph.
    ids: Vec<u128>,
}

impl Approximate {
    /// Items from which on a search of the graph is cheaper than an exact one
    /// (`docs/matching.md` has the measurement). Building takes as long as many thousand exact searches.
    pub const CROSSOVER: usize = 100_000;

    /// A graph over all items of a catalogue, made on all cores.
    ///
    /// # Errors
    ///
    /// [`NoGraph::Untold`] for [`Purpose::Mix`], and where any item has an embedding that counts; [`NoGraph::Failed`]
    /// when memory ends.
    pub fn of(catalogue: &Catalogue, purpose: Purpose) -> Result<Self, NoGraph> {
        let items = catalogue.items();
        if purpose == Purpose::Mix || items.directions.iter().any(Option::is_some) {
            return Err(NoGraph::Untold { purpose });
        }
        let graph = Graph::of(items, purpose)?;
        Ok(Self { graph, purpose, ids: items.ids.clone() })
    }

    /// Adds an item of the catalogue, one that is new in it or that has changed; nothing happens when it is not there.
    ///
    /// # Errors
    ///
    /// [`NoGraph::Failed`] when memory ends.
    pub fn insert(&mut self, catalogue: &Catalogue, id: u128) -> Result<(), NoGraph> {
        let Some(side) = catalogue.side_of(id) else { return Ok(()) };
        self.graph.insert(self.ids.len(), &side)?;
        self.ids.push(id);
        Ok(())
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
        self.graph.n_bytes() + self.ids.capacity() * size_of::<u128>()
    }

    /// Nearly the `k` best matches of an item among those that pass a filter, best first, equal scores by ascending id.
    ///
    /// `catalogue` has to be the one that the graph was made of. The scores are exact. Where the filter leaves less than
    /// `k` of the candidates, and when the query has an embedding, the answer is that of
    /// [`Catalogue::top_where`].
    pub fn top(
        &self,
        catalogue: &Catalogue,
        query: &Item,
        query_id: Option<u128>,
        k: usize,
        filter: Filter<'_>,
    ) -> Vec<(u128, f64)> {
        let n = n_candidates(k);
        if query.embedding.is_none() && n < self.ids.len() {
            let found = catalogue.top_among(query, query_id, self.purpose, k, filter, |side| {
                let numbers = self.graph.nearest(side, n);
                numbers.into_iter().map(|number| (self.ids[number], number)).collect()
            });
            if found.len() == k {
                return found;
            }
        }
        catalogue.top_where(query, query_id, self.purpose, k, filter)
    }

    /// What the graph alone answers, for measuring what the rest costs: ids of candidates, nearest first.
    pub fn candidates(&self, catalogue: &Catalogue, query: &Item, k: usize) -> Vec<u128> {
        let numbers = self.graph.nearest(&catalogue.query(query).side(), n_candidates(k));
        numbers.into_iter().map(|number| self.ids[number]).collect()
    }
}
