//! Every item of a catalogue against every other.
//!
//! A pair is looked at once, for both of its sides: it has to reach the lower of their floors. The pairs go by tiles, so that
//! panels stay in the cache while many probes pass them.

use crate::{
    Purpose,
    best::Best,
    exact::Exact,
    facets::lanes::LANES,
    filter::Sieve,
    index::Index,
    items::Items,
    pooling::{self, Weights},
    search::Shared,
    sketch::{Counts, Field, Hit, NO_FLOOR, PANEL, Probe, Pruning, scan},
};
use rayon::prelude::*;

/// Panels of a side of a tile.
pub(crate) const PANELS_PER_TILE: usize = 32;
const ITEMS_PER_TILE: usize = PANELS_PER_TILE * PANEL;
/// Panels that all probes of a tile pass before the next: they fit the first-level cache.
pub(crate) const PANELS_PER_PASS: usize = 2;
/// Probes that pass them before others do: they fit the second-level cache.
pub(crate) const PROBES_PER_PASS: usize = 256;
/// Hits of a tile that are scored before the tile goes on.
pub(crate) const MAX_HITS: usize = 1 << 14;
/// Items of its own tile that each item is scored with first, so that it has a floor.
pub(crate) const N_SEEDS: usize = 2 * LANES;

/// A search for the best of every item.
pub(crate) struct Join<'a> {
    items: &'a Items,
    index: &'a Index,
    purpose: Purpose,
    weights: Weights,
    pruning: Pruning,
    sieve: Sieve<'a>,
    /// Whether the item in each slot may be an answer; empty when all may.
    passes: Vec<bool>,
    bests: Vec<Shared>,
}

/// What a task reuses.
struct Scratch {
    exact: Exact,
    hits: Vec<Hit>,
    counts: Counts,
}

/// Two items that may be among the best of one another.
type Pair = (usize, usize);

impl<'a> Join<'a> {
    pub(crate) fn new(
        items: &'a Items,
        index: &'a Index,
        purpose: Purpose,
        k: usize,
        pruning: Pruning,
        sieve: Sieve<'a>,
    ) -> Self {
        let slots = 0..items.len();
        let bests = slots.clone().map(|_| Shared::new(k)).collect();
        let passes = if sieve.is_open() {
            Vec::new()
        } else {
            slots.into_par_iter().map(|slot| sieve.passes(items, slot)).collect()
        };
        let weights = pooling::weights(purpose);
        Self { items, index, purpose, weights, pruning, sieve, passes, bests }
    }

    /// Whether the item in a slot may be an answer.
    fn passes(&self, slot: usize) -> bool {
        self.passes.get(slot).is_none_or(|passes| *passes)
    }

    /// The best of each item by its slot, and what was compared for it.
    pub(crate) fn run(self) -> (Vec<Best>, Counts) {
        let n_tiles = self.index.panels.len().div_ceil(PANELS_PER_TILE);
        let seeded: Counts = self.tasks(n_tiles, |tile, scratch| self.seed(tile, scratch));
        // The first tile has the longest row: it must not be the last to begin.
        let joined = self.tasks(n_tiles, |row, scratch| {
            let probes = self.probes(row);
            for column in row..n_tiles {
                self.tile(row, column, &probes, scratch);
            }
        });
        let bests = self.bests.into_iter().map(Shared::into_inner).collect();
        (bests, seeded + joined)
    }

    fn tasks(&self, n: usize, task: impl Fn(usize, &mut Scratch) + Sync) -> Counts {
        (0..n)
            .into_par_iter()
            .with_max_len(1)
            .map(|index| {
                let exact = Exact::new(self.purpose);
                let mut scratch = Scratch { exact, hits: Vec::new(), counts: Counts::default() };
                task(index, &mut scratch);
                scratch.counts
            })
            .sum()
    }

    /// The items of a tile as probes, numbered by their slots.
    fn probes(&self, tile: usize) -> Vec<Probe> {
        let first = tile * ITEMS_PER_TILE;
        let end = (first + ITEMS_PER_TILE).min(self.items.len());
        (first..end)
            .filter_map(|slot| self.index.probe(self.items.side(slot), &self.weights, slot as u32))
            .collect()
    }

    /// Scores each item of a tile with those of the tile that promise most.
    fn seed(&self, tile: usize, scratch: &mut Scratch) {
        let panels = self.panels_of(tile);
        let first = panels.start * PANEL;
        for probe in self.probes(tile) {
            scratch.hits.clear();
            let floor = self.bests[probe.number()].floor();
            self.scan(&probe, floor, panels.clone(), &[], scratch);
            let hits = &mut scratch.hits;
            hits.retain(|hit| first + hit.slot as usize != hit.probe as usize);
            if hits.len() > N_SEEDS {
                hits.select_nth_unstable_by(N_SEEDS, |a, b| b.most.total_cmp(&a.most));
                hits.truncate(N_SEEDS);
            }
            let pairs: Vec<Pair> =
                hits.iter().map(|hit| (hit.probe as usize, first + hit.slot as usize)).collect();
            for batch in pairs.chunks(LANES) {
                self.score(batch, &mut scratch.exact);
            }
        }
    }

    /// All pairs of the probes of a row with the items of a column.
    fn tile(&self, row: usize, column: usize, probes: &[Probe], scratch: &mut Scratch) {
        let panels = self.panels_of(column);
        let first = panels.start * PANEL;
        let floors: Vec<[i16; PANEL]> = panels
            .clone()
            .map(|panel| {
                std::array::from_fn(|lane| {
                    self.bests.get(panel * PANEL + lane).map_or(NO_FLOOR, Shared::floor)
                })
            })
            .collect();
        scratch.hits.clear();
        for (probes, pass) in probes.chunks(PROBES_PER_PASS).flat_map(|probes| {
            panels.clone().step_by(PANELS_PER_PASS).map(move |pass| (probes, pass))
        }) {
            let end = (pass + PANELS_PER_PASS).min(first / PANEL + floors.len());
            let own = &floors[pass - first / PANEL..end - first / PANEL];
            for probe in probes {
                let n_before = scratch.hits.len();
                let floor = self.bests[probe.number()].floor();
                // Who is nobody's answer need not reach anybody's floor.
                let own = if self.passes(probe.number()) { own } else { &[] };
                self.scan(probe, floor, pass..end, own, scratch);
                for hit in &mut scratch.hits[n_before..] {
                    hit.slot += (pass * PANEL) as u32;
                }
                if scratch.hits.len() > MAX_HITS {
                    self.settle(row == column, scratch);
                }
            }
        }
        self.settle(row == column, scratch);
    }

    /// What a pair has to reach to be of use to one of its sides.
    fn floor(&self, one: usize, other: usize) -> i16 {
        let floor = |of: usize, answer: usize| {
            if self.passes(answer) { self.bests[of].floor() } else { NO_FLOOR }
        };
        floor(one, other).min(floor(other, one))
    }

    fn scan(
        &self,
        probe: &Probe,
        floor: i16,
        panels: std::ops::Range<usize>,
        floors: &[[i16; PANEL]],
        scratch: &mut Scratch,
    ) {
        let field = Field {
            panels: &self.index.panels[panels.clone()],
            details: &self.index.details[panels],
            floors,
        };
        let Scratch { hits, counts, .. } = scratch;
        scan(probe, floor, field, self.index.ceilings(), self.pruning, hits, counts);
    }

    /// Scores the hits of a tile, whose slots count from the first item of all.
    fn settle(&self, is_diagonal: bool, scratch: &mut Scratch) {
        let Scratch { exact, hits, .. } = scratch;
        // On the diagonal every pair comes twice.
        hits.retain(|hit| !is_diagonal || hit.probe < hit.slot);
        // The most promising first: they raise the floors for the others.
        hits.sort_unstable_by(|a, b| b.most.total_cmp(&a.most));
        let mut batch: Vec<Pair> = Vec::with_capacity(LANES);
        for hit in hits.drain(..) {
            let (one, other) = (hit.probe as usize, hit.slot as usize);
            if hit.most >= f32::from(self.floor(one, other)) {
                batch.push((one, other));
            }
            if batch.len() == LANES {
                self.score(&batch, exact);
                batch.clear();
            }
        }
        self.score(&batch, exact);
    }

    fn score(&self, pairs: &[Pair], exact: &mut Exact) {
        let sides: Vec<_> = pairs
            .iter()
            .map(|&(one, other)| (self.items.side(one), self.items.side(other)))
            .collect();
        for (&(one, other), score) in pairs.iter().zip(exact.scores(&sides)) {
            if let Some(score) = score {
                for (of, answer) in [(one, other), (other, one)] {
                    if self.passes(answer) {
                        let group = self.sieve.group(self.items, answer);
                        self.bests[of].offer(self.items.ids[answer], group, score);
                    }
                }
            }
        }
    }

    fn panels_of(&self, tile: usize) -> std::ops::Range<usize> {
        let first = tile * PANELS_PER_TILE;
        first..(first + PANELS_PER_TILE).min(self.index.panels.len())
    }
}
