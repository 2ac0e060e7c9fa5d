//! Who would take an item among their best matches.

use crate::{
    Purpose,
    exact::Exact,
    facets::lanes::LANES,
    index::Index,
    items::{ItemFloors, Items, Side},
    pooling,
    search::floor_of,
    sketch::{Counts, Field, Hit, NO_FLOOR, PANEL, Probe, Pruning, scan},
};
use rayon::prelude::*;

/// Panels that one task scans.
const PANELS_PER_TASK: usize = 256;
/// Panels that are scanned before their hits are scored.
const PANELS_PER_RUN: usize = 32;

/// A search for those items that would take another one.
pub(crate) struct Takers<'a> {
    pub(crate) items: &'a Items,
    pub(crate) index: &'a Index,
    pub(crate) query: Side<'a>,
    /// Left out of the answer.
    pub(crate) query_id: Option<u128>,
    pub(crate) purpose: Purpose,
    /// What each item asks, by slot.
    pub(crate) floors: &'a [ItemFloors],
}

impl Takers<'_> {
    /// Items for which the score is not below their floor, with the score; best first, equal scores by ascending id.
    pub(crate) fn run(&self) -> Vec<(u128, f64)> {
        let weights = pooling::weights(self.purpose);
        let probe = self.index.probe(self.query, &weights, 0);
        let mut found: Vec<(u128, f64)> = if let Some(probe) = probe
            && self.index.is_complete()
        {
            let n_tasks = self.index.panels.len().div_ceil(PANELS_PER_TASK);
            (0..n_tasks)
                .into_par_iter()
                .map_init(|| Exact::new(self.purpose), |exact, task| self.task(task, &probe, exact))
                .flatten_iter()
                .collect()
        } else {
            let slots: Vec<usize> = (0..self.items.len()).collect();
            slots
                .par_chunks(64 * LANES)
                .map_init(|| Exact::new(self.purpose), |exact, slots| self.taken(slots, exact))
                .flatten_iter()
                .collect()
        };
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found
    }

    fn task(&self, task: usize, probe: &Probe, exact: &mut Exact) -> Vec<(u128, f64)> {
        let mut found = Vec::new();
        let first = task * PANELS_PER_TASK;
        let end = (first + PANELS_PER_TASK).min(self.index.panels.len());
        for start in (first..end).step_by(PANELS_PER_RUN) {
            let panels = start..(start + PANELS_PER_RUN).min(end);
            let floors: Vec<[i16; PANEL]> = panels
                .clone()
                .map(|panel| {
                    std::array::from_fn(|lane| {
                        let floors = self.floors.get(panel * PANEL + lane);
                        floors.map_or(NO_FLOOR, |floors| floors[self.purpose as usize])
                    })
                })
                .collect();
            let field = Field {
                panels: &self.index.panels[panels.clone()],
                details: &self.index.details[panels],
                floors: &floors,
            };
            let (mut hits, mut counts): (Vec<Hit>, _) = (Vec::new(), Counts::default());
            // Its own floor is above all of theirs: they decide.
            let floor = floor_of(1.0);
            let ceilings = self.index.ceilings();
            scan(probe, floor, field, ceilings, Pruning::Heads, &mut hits, &mut counts);
            let slots: Vec<usize> =
                hits.iter().map(|hit| start * PANEL + hit.slot as usize).collect();
            found.extend(self.taken(&slots, exact));
        }
        found
    }

    /// Those of the slots whose score reaches their floor.
    fn taken(&self, slots: &[usize], exact: &mut Exact) -> Vec<(u128, f64)> {
        let mut found = Vec::new();
        for batch in slots.chunks(LANES) {
            let pairs: Vec<_> =
                batch.iter().map(|slot| (self.query, self.items.side(*slot))).collect();
            for (slot, score) in batch.iter().zip(exact.scores(&pairs)) {
                let id = self.items.ids[*slot];
                let floor = self.floors[*slot][self.purpose as usize];
                if let Some(score) = score
                    && Some(id) != self.query_id
                    && floor_of(score) >= floor
                {
                    found.push((id, score));
                }
            }
        }
        found
    }
}
