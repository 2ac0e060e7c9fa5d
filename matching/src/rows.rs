//! Some items of a catalogue against all of it.
//!
//! The rows of a large table that several workers fill together: each is whole in one place. A pair is looked at from the side of
//! the row only, so all rows together cost more than [`Join`](crate::join::Join), which looks once for both sides.

use crate::{
    Purpose,
    exact::Exact,
    facets::lanes::LANES,
    filter::Sieve,
    index::Index,
    items::Items,
    join::{MAX_HITS, N_SEEDS, PANELS_PER_PASS, PANELS_PER_TILE, PROBES_PER_PASS},
    pooling,
    search::{Search, Shared},
    sketch::{Counts, Field, Hit, PANEL, Probe, Pruning, scan},
};
use rayon::prelude::*;

/// A search for the best of some items.
pub(crate) struct Rows<'a> {
    pub(crate) items: &'a Items,
    pub(crate) index: &'a Index,
    pub(crate) purpose: Purpose,
    pub(crate) k: usize,
    /// Where the items are.
    pub(crate) slots: &'a [usize],
}

/// What a task reuses.
struct Scratch {
    exact: Exact,
    hits: Vec<Hit>,
    counts: Counts,
}

impl Rows<'_> {
    /// The best of each item, in the order of the slots.
    pub(crate) fn run(&self) -> Vec<Vec<(u128, f64)>> {
        // Sketches spare nothing when most of the items are asked for.
        if self.k.saturating_mul(4) >= self.items.len() || !self.index.is_complete() {
            return self.slots.par_iter().map(|slot| self.one(*slot)).collect();
        }
        let bests: Vec<Shared> = self.slots.iter().map(|_| Shared::new(self.k)).collect();
        let weights = pooling::weights(self.purpose);
        let probes: Vec<Probe> = (0_u32..)
            .zip(self.slots)
            .filter_map(|(number, slot)| self.index.probe(self.items.side(*slot), &weights, number))
            .collect();
        let scratch = || Scratch {
            exact: Exact::new(self.purpose),
            hits: Vec::new(),
            counts: Counts::default(),
        };
        // Among its neighbours first, so that each has a floor before it meets the others.
        probes
            .par_iter()
            .for_each_init(scratch, |scratch, probe| self.seed(probe, &bests, scratch));
        let n_tiles = self.index.panels.len().div_ceil(PANELS_PER_TILE);
        (0..n_tiles)
            .into_par_iter()
            .for_each_init(scratch, |scratch, tile| self.tile(tile, &probes, &bests, scratch));
        bests.into_iter().map(|best| best.into_inner().ranked()).collect()
    }

    /// The best of one item, by scoring everything.
    fn one(&self, slot: usize) -> Vec<(u128, f64)> {
        let Self { items, index, purpose, k, .. } = *self;
        let (query, query_id) = (items.side(slot), Some(items.ids[slot]));
        let sieve = Sieve::default();
        Search { items, index, query, query_id, purpose, k, sieve }.run()
    }

    /// Scores an item with those of its neighbours that promise most.
    fn seed(&self, probe: &Probe, bests: &[Shared], scratch: &mut Scratch) {
        let home = self.slots[probe.number()] / PANEL / PANELS_PER_TILE;
        self.scan(probe, bests, self.panels_of(home), scratch);
        self.drop_itself(scratch);
        if scratch.hits.len() > N_SEEDS {
            scratch.hits.select_nth_unstable_by(N_SEEDS, |a, b| b.most.total_cmp(&a.most));
            scratch.hits.truncate(N_SEEDS);
        }
        self.settle(bests, scratch);
    }

    /// All rows with the items of a tile.
    fn tile(&self, tile: usize, probes: &[Probe], bests: &[Shared], scratch: &mut Scratch) {
        let panels = self.panels_of(tile);
        for probes in probes.chunks(PROBES_PER_PASS) {
            for pass in panels.clone().step_by(PANELS_PER_PASS) {
                let end = (pass + PANELS_PER_PASS).min(panels.end);
                for probe in probes {
                    self.scan(probe, bests, pass..end, scratch);
                    if scratch.hits.len() > MAX_HITS {
                        self.drop_itself(scratch);
                        self.settle(bests, scratch);
                    }
                }
            }
        }
        self.drop_itself(scratch);
        self.settle(bests, scratch);
    }

    /// Adds hits, whose slots count from the first item of all.
    fn scan(
        &self,
        probe: &Probe,
        bests: &[Shared],
        panels: std::ops::Range<usize>,
        scratch: &mut Scratch,
    ) {
        let (n_before, first) = (scratch.hits.len(), (panels.start * PANEL) as u32);
        let field = Field {
            panels: &self.index.panels[panels.clone()],
            details: &self.index.details[panels],
            floors: &[],
        };
        let Scratch { hits, counts, .. } = scratch;
        let floor = bests[probe.number()].floor();
        scan(probe, floor, field, self.index.ceilings(), Pruning::Heads, hits, counts);
        for hit in &mut hits[n_before..] {
            hit.slot += first;
        }
    }

    /// No item is a match of its own.
    fn drop_itself(&self, scratch: &mut Scratch) {
        scratch.hits.retain(|hit| self.slots[hit.probe as usize] != hit.slot as usize);
    }

    /// Scores the hits.
    fn settle(&self, bests: &[Shared], scratch: &mut Scratch) {
        let Scratch { exact, hits, .. } = scratch;
        // The most promising first: they raise the floors for the others.
        hits.sort_unstable_by(|a, b| b.most.total_cmp(&a.most));
        let mut batch: Vec<Hit> = Vec::with_capacity(LANES);
        for hit in hits.drain(..) {
            if hit.most >= f32::from(bests[hit.probe as usize].floor()) {
                batch.push(hit);
            }
            if batch.len() == LANES {
                self.score(&batch, bests, exact);
                batch.clear();
            }
        }
        self.score(&batch, bests, exact);
    }

    fn score(&self, hits: &[Hit], bests: &[Shared], exact: &mut Exact) {
        let side = |slot: usize| self.items.side(slot);
        let pairs: Vec<_> = hits
            .iter()
            .map(|hit| (side(self.slots[hit.probe as usize]), side(hit.slot as usize)))
            .collect();
        for (hit, score) in hits.iter().zip(exact.scores(&pairs)) {
            if let Some(score) = score {
                bests[hit.probe as usize].offer(self.items.ids[hit.slot as usize], 0, score);
            }
        }
    }

    fn panels_of(&self, tile: usize) -> std::ops::Range<usize> {
        let first = tile * PANELS_PER_TILE;
        first..(first + PANELS_PER_TILE).min(self.index.panels.len())
    }
}
