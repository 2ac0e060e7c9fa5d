//! The graph of neighbours, as the library has it.
#![expect(unsafe_code, reason = "the library hands outlines back by their addresses")]

use super::{
    NoGraph,
    outline::{N_BYTES, Nearness, Outline},
};
use crate::{
    Purpose,
    items::{Items, Side},
};
use rayon::prelude::*;
use std::fmt;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};

/// Neighbours of each item, twice as many on the ground floor.
const CONNECTIVITY: usize = 24;
/// Candidates that are looked at for the neighbours of a new item, and for an answer at least.
const EXPANSION: usize = 128;
const EXPANSION_OF_ANSWER: usize = 600;

/// Items by number, each with some that are near it.
pub(super) struct Graph(Index);

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Graph").field(&self.0.size()).finish()
    }
}

impl Graph {
    /// A graph in which the number of each item is its slot.
    pub(super) fn of(items: &Items, purpose: Purpose) -> Result<Self, NoGraph> {
        let options = IndexOptions {
            dimensions: N_BYTES,
            metric: MetricKind::L2sq,
            quantization: ScalarKind::I8,
            connectivity: CONNECTIVITY,
            expansion_add: EXPANSION,
            expansion_search: EXPANSION_OF_ANSWER,
            multi: false,
        };
        let mut index = Index::new(&options).map_err(failed)?;
        let nearness = Nearness::new(purpose);
        index.change_metric::<i8>(Box::new(move |one, other| {
            // SAFETY: both are outlines that were given to the index, which keeps them whole; bytes need no alignment.
            let [one, other] = [one, other].map(|it| unsafe { &*it.cast::<[i8; N_BYTES]>() });
            nearness.apart(one, other)
        }));
        let graph = Self(index);
        graph.reserve(items.len())?;
        (0..items.len()).into_par_iter().try_for_each(|slot| graph.put(slot, &items.side(slot)))?;
        Ok(graph)
    }

    /// Adds an item with a number that is not in use.
    pub(super) fn insert(&mut self, number: usize, side: &Side<'_>) -> Result<(), NoGraph> {
        if number >= self.0.capacity() {
            self.reserve(number + number / 2 + 64)?;
        }
        self.put(number, side)
    }

    /// Numbers of nearly the nearest `n`, nearest first; none when the library cannot say.
    pub(super) fn nearest(&self, side: &Side<'_>, n: usize) -> Vec<usize> {
        let found = self.0.search(Outline::of(side).as_slice(), n);
        found
            .map_or_else(|_| Vec::new(), |it| it.keys.into_iter().map(|key| key as usize).collect())
    }

    pub(super) fn n_bytes(&self) -> usize {
        self.0.memory_usage()
    }

    fn reserve(&self, n: usize) -> Result<(), NoGraph> {
        // A place to work in for each thread that may search at once.
        let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
        let n_threads = n_threads.max(rayon::current_num_threads()) + 1;
        self.0.reserve_capacity_and_threads(n, n_threads).map_err(failed)
    }

    fn put(&self, number: usize, side: &Side<'_>) -> Result<(), NoGraph> {
        self.0.add(number as u64, Outline::of(side).as_slice()).map_err(failed)
    }
}

fn failed(error: impl fmt::Display) -> NoGraph {
    NoGraph::Failed { reason: error.to_string() }
}
