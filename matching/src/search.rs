//! One item against a catalogue.

use crate::{
    Purpose,
    best::Best,
    exact::Exact,
    facets::lanes::LANES,
    filter::Sieve,
    index::Index,
    items::{Items, Side},
    pooling::{self, GAIN},
    sketch::{Counts, Field, Hit, PANEL, Probe, Pruning, UNITS, scan},
};
use rayon::prelude::*;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI16, Ordering},
};

/// Panels that are scanned before the hits are scored: what the floor learns from them spares the next.
const PANELS_PER_RUN: usize = 32;
/// Runs that one task takes: enough to outweigh handing it out.
const RUNS_PER_TASK: usize = 8;

/// What is searched for, and among what.
pub(crate) struct Search<'a> {
    pub(crate) items: &'a Items,
    pub(crate) index: &'a Index,
    pub(crate) query: Side<'a>,
    /// Left out of the answer.
    pub(crate) query_id: Option<u128>,
    pub(crate) purpose: Purpose,
    pub(crate) k: usize,
    pub(crate) sieve: Sieve<'a>,
}

impl Search<'_> {
    /// The best matches, best first.
    pub(crate) fn run(&self) -> Vec<(u128, f64)> {
        // Sketches spare nothing when most of the items are asked for.
        if self.k.saturating_mul(4) >= self.items.len() || !self.index.is_complete() {
            return self.every_one();
        }
        let weights = pooling::weights(self.purpose);
        let Some(probe) = self.index.probe(self.query, &weights, 0) else { return Vec::new() };
        let best = Shared::new(self.k);
        self.index.panels.par_chunks(PANELS_PER_RUN * RUNS_PER_TASK).enumerate().for_each_init(
            || (Exact::new(self.purpose), Vec::new()),
            |(exact, hits), (task, panels)| {
                for run in 0..panels.len().div_ceil(PANELS_PER_RUN) {
                    let first = (task * RUNS_PER_TASK + run) * PANELS_PER_RUN;
                    self.run_of_panels(&probe, first, exact, hits, &best);
                }
            },
        );
        best.into_inner().ranked()
    }

    fn run_of_panels(
        &self,
        probe: &Probe,
        first: usize,
        exact: &mut Exact,
        hits: &mut Vec<Hit>,
        best: &Shared,
    ) {
        let end = (first + PANELS_PER_RUN).min(self.index.panels.len());
        let field = Field {
            panels: &self.index.panels[first..end],
            details: &self.index.details[first..end],
            floors: &[],
        };
        let ceilings = self.index.ceilings();
        hits.clear();
        let mut counts = Counts::default();
        scan(probe, best.floor(), field, ceilings, Pruning::Heads, hits, &mut counts);
        for hit in &mut *hits {
            hit.slot += (first * PANEL) as u32;
        }
        hits.retain(|hit| self.passes(hit.slot as usize));
        self.settle(hits, exact, best);
    }

    /// The best matches among some of the items.
    pub(crate) fn among(&self, slots: &[usize]) -> Vec<(u128, f64)> {
        let best = Shared::new(self.k);
        let mut hits: Vec<Hit> = slots
            .iter()
            .filter(|slot| self.passes(**slot))
            .map(|slot| Hit { probe: 0, slot: *slot as u32, most: f32::INFINITY })
            .collect();
        if let Some(refiner) = crate::refine::Refiner::new(self.purpose) {
            for hit in &mut hits {
                let side = self.items.side(hit.slot as usize);
                // Equal recordings are of use whatever their facets say.
                if side.identity != self.query.identity {
                    hit.most = refiner.most(&self.query, &side);
                }
            }
        }
        self.settle(&mut hits, &mut Exact::new(self.purpose), &best);
        best.into_inner().ranked()
    }

    /// Scores hits, as far as they are worth it.
    fn settle(&self, hits: &mut [Hit], exact: &mut Exact, best: &Shared) {
        // The most promising first: they raise the floor for the others.
        hits.sort_unstable_by(|a, b| b.most.total_cmp(&a.most));
        for batch in hits.chunks(LANES) {
            let floor = f32::from(best.floor());
            let n_worth = batch.partition_point(|hit| hit.most >= floor);
            let batch: Vec<usize> = batch[..n_worth].iter().map(|hit| hit.slot as usize).collect();
            self.offer(&batch, exact, |id, group, score| best.offer(id, group, score));
            if n_worth < LANES {
                break;
            }
        }
    }

    /// Scores everything.
    fn every_one(&self) -> Vec<(u128, f64)> {
        let slots: Vec<usize> = (0..self.items.len()).filter(|slot| self.passes(*slot)).collect();
        slots
            .par_chunks(64 * LANES)
            .map_init(
                || Exact::new(self.purpose),
                |exact, slots| {
                    let mut best = Best::new(self.k);
                    for batch in slots.chunks(LANES) {
                        self.offer(batch, exact, |id, group, score| best.offer(id, group, score));
                    }
                    best
                },
            )
            .reduce(|| Best::new(self.k), Best::merge)
            .ranked()
    }

    /// Whether the item in a slot may be in the answer.
    fn passes(&self, slot: usize) -> bool {
        Some(self.items.ids[slot]) != self.query_id && self.sieve.passes(self.items, slot)
    }

    /// Scores some items.
    fn offer(&self, slots: &[usize], exact: &mut Exact, mut offer: impl FnMut(u128, u64, f64)) {
        let pairs: Vec<_> = slots.iter().map(|slot| (self.query, self.items.side(*slot))).collect();
        for (slot, score) in slots.iter().zip(exact.scores(&pairs)) {
            if let Some(score) = score {
                offer(self.items.ids[*slot], self.sieve.group(self.items, *slot), score);
            }
        }
    }
}

/// The best so far of one item, which several threads add to.
pub(crate) struct Shared {
    best: Mutex<Best>,
    /// Its floor as the scan compares it.
    floor: AtomicI16,
}

impl Shared {
    pub(crate) fn new(k: usize) -> Self {
        let best = Best::new(k);
        let floor = AtomicI16::new(floor_of(best.floor()));
        Self { best: Mutex::new(best), floor }
    }

    /// Evidence before the gain that an item needs at least, in units of sketches.
    pub(crate) fn floor(&self) -> i16 {
        // An older value is lower: it lets more through and nothing less.
        self.floor.load(Ordering::Relaxed)
    }

    pub(crate) fn offer(&self, id: u128, group: u64, score: f64) {
        let mut best = self.best.lock().unwrap_or_else(PoisonError::into_inner);
        best.offer(id, group, score);
        self.floor.store(floor_of(best.floor()), Ordering::Relaxed);
    }

    pub(crate) fn into_inner(self) -> Best {
        self.best.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No evidence is further from 0 than 8 logits.
const LIMIT: f64 = 9.0 * UNITS as f64;
/// Floor of an item that takes whatever is comparable.
pub(crate) const LOWEST_FLOOR: i16 = -LIMIT as i16;

/// Evidence before the gain of a score, in units of sketches, rounded down. A gate only lowers a score, so
/// evidence bounds it from above.
pub(crate) fn floor_of(score: f64) -> i16 {
    let evidence = (score.clamp(0.0, 1.0) / (1.0 - score.clamp(0.0, 1.0))).ln();
    (evidence / GAIN * f64::from(UNITS) - 1.0).clamp(-LIMIT, LIMIT).floor() as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pooling::sigmoid;

    #[test]
    fn a_floor_is_the_evidence_before_the_gain() {
        for evidence in [-5.8, -0.1, 0.0, 2.5] {
            let floor = f64::from(floor_of(sigmoid(evidence)));
            let exact = evidence / GAIN * f64::from(UNITS);
            assert!(floor <= exact && floor >= exact - 2.0, "{evidence}");
        }
        assert_eq!(floor_of(f64::NEG_INFINITY), -2160);
        assert_eq!(floor_of(1.0), 2160);
    }
}
