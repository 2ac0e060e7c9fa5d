//! The sketches of a catalogue, kept in step with its items.

use crate::{
    facet::Facet,
    items::{Items, Side},
    pooling::Weights,
    prepared::rows,
    sketch::{Ceilings, Details, Marks, PANEL, Panel, Probe, Sketcher},
};

/// Row of emotion that says what made it.
const METHOD_ROW: usize = 4;
/// Axes learned from fewer items are learned again when there are more.
const MIN_LEARNED: usize = 64;

/// Sketches in panels; slot `i` is lane `i % PANEL` of panel `i / PANEL`.
#[derive(Debug)]
pub(crate) struct Index {
    sketcher: Sketcher,
    pub(crate) panels: Vec<Panel>,
    pub(crate) details: Vec<Details>,
    ceilings: Ceilings,
    /// Items that the axes were learned from.
    n_learned: usize,
    analysis_versions: Numbers<u32>,
    methods: Numbers<u32>,
}

impl Default for Index {
    fn default() -> Self {
        Self::of(&mut Items::default())
    }
}

impl Index {
    /// Learns axes from the items, puts the items in the order of likeness, and sketches them.
    pub(crate) fn of(items: &mut Items) -> Self {
        let sketcher = Sketcher::of(&items.rows);
        items.reorder(&sketcher.order(&items.rows));
        let mut index = Self {
            ceilings: sketcher.ceilings(),
            sketcher,
            panels: Vec::new(),
            details: Vec::new(),
            n_learned: items.len(),
            analysis_versions: Numbers::default(),
            methods: Numbers::default(),
        };
        let n_panels = items.len().div_ceil(PANEL);
        index.panels.reserve_exact(n_panels);
        index.details.reserve_exact(n_panels);
        for slot in 0..items.len() {
            index.set(items, slot);
        }
        index
    }

    /// Whether everything in it can be told apart; else a search has to compare everything.
    pub(crate) fn is_complete(&self) -> bool {
        self.analysis_versions.is_complete() && self.methods.is_complete()
    }

    /// Bytes that are allocated.
    pub(crate) fn n_bytes(&self) -> usize {
        self.panels.capacity() * size_of::<Panel>() + self.details.capacity() * size_of::<Details>()
    }

    /// Whether there are so many more items than the axes were learned from that they should be learned anew.
    pub(crate) fn is_outgrown(&self, items: &Items) -> bool {
        items.len() >= 2 * self.n_learned.max(MIN_LEARNED)
    }

    /// Follows [`Items::swap_remove`]: the item in the last slot is now in `slot`.
    pub(crate) fn swap_remove(&mut self, items: &Items, slot: usize) {
        let last = items.len();
        if slot < last {
            self.set(items, slot);
        }
        self.panels[last / PANEL].clear(last % PANEL);
        if last.is_multiple_of(PANEL) {
            self.panels.pop();
            self.details.pop();
        }
    }

    /// Takes in a new or changed item.
    pub(crate) fn set(&mut self, items: &Items, slot: usize) {
        if slot / PANEL == self.panels.len() {
            self.panels.push(Panel::empty());
            self.details.push(Details::empty());
        }
        let side = items.side(slot);
        let sketch = self.sketcher.sketch(side.rows);
        let version = self.analysis_versions.number(side.analysis_version);
        let method = self.methods.number(method(&side));
        let marks = Marks {
            version,
            method,
            identity: side.identity,
            words: side.words,
            has_direction: side.direction.is_some(),
        };
        self.panels[slot / PANEL].set(slot % PANEL, &sketch, marks);
        self.details[slot / PANEL].set(slot % PANEL, &sketch);
    }

    /// An item as the scan compares it; `None` when nothing here is of its analysis version.
    pub(crate) fn probe(&self, side: Side<'_>, weights: &Weights, number: u32) -> Option<Probe> {
        let sketch = self.sketcher.sketch(side.rows);
        let marks = Marks {
            version: self.analysis_versions.find(side.analysis_version)?,
            // A method that nothing here has is none of theirs.
            method: self.methods.find(method(&side)).unwrap_or(0),
            identity: side.identity,
            words: side.words,
            has_direction: side.direction.is_some(),
        };
        Some(Probe::new(
            &self.sketcher,
            &self.ceilings,
            &sketch,
            marks,
            side.n_words,
            weights,
            number,
        ))
    }

    pub(crate) fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    pub(crate) fn sketcher(&self) -> &Sketcher {
        &self.sketcher
    }
}

fn method(side: &Side<'_>) -> u32 {
    side.rows[rows(Facet::Emotion)][METHOD_ROW].to_bits()
}

/// Small numbers, from 1, for the few different values of something.
#[derive(Debug)]
struct Numbers<T>(Vec<T>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + PartialEq> Numbers<T> {
    fn find(&self, value: T) -> Option<u8> {
        self.0.iter().position(|known| *known == value).map(|place| (place + 1) as u8)
    }

    /// The number of a value, a new one if need be.
    fn number(&mut self, value: T) -> u8 {
        self.find(value).unwrap_or_else(|| {
            self.0.push(value);
            self.0.len() as u8
        })
    }

    /// Whether a byte is enough for all of them.
    fn is_complete(&self) -> bool {
        self.0.len() < usize::from(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Purpose,
        pooling::{self, GAIN},
        samples::{evidence, items},
        sketch::{Counts, Field, Hit, Pruning, UNITS, scan, scan_portable},
    };

    // The truth is the arithmetic of a single pair. Catalogues with axes of their own and without.
    #[test]
    fn no_pair_is_underrated() {
        for (n, step) in [(60, 1), (400, 23)] {
            let mut items = items(n, 3 + n as u64);
            let index = Index::of(&mut items);
            for purpose in Purpose::ALL {
                let weights = pooling::weights(purpose);
                for one in (0..n).step_by(step) {
                    let probe = index.probe(items.side(one), &weights, 7).unwrap();
                    for other in (0..n).filter(|other| *other != one) {
                        let Some(truth) = evidence(items.side(one), items.side(other), purpose)
                        else {
                            continue;
                        };
                        let truth = truth / GAIN * f64::from(UNITS);
                        let panel = other / PANEL..other / PANEL + 1;
                        let field = Field {
                            panels: &index.panels[panel.clone()],
                            details: &index.details[panel],
                            floors: &[],
                        };
                        for pruning in [Pruning::Heads, Pruning::None] {
                            let (mut hits, mut counts) = (Vec::new(), Counts::default());
                            let floor = truth.floor() as i16;
                            let ceilings = index.ceilings();
                            scan(&probe, floor, field, ceilings, pruning, &mut hits, &mut counts);
                            let hit = hits.iter().find(|hit| hit.slot as usize == other % PANEL);
                            let most = hit.map(|hit| f64::from(hit.most));
                            assert!(
                                most.is_some_and(|most| most >= truth - 0.01),
                                "{purpose} {one} {other}: {truth} {hit:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_set_of_instructions_finds_the_same() {
        let mut items = items(300, 9);
        let index = Index::of(&mut items);
        let field = Field { panels: &index.panels, details: &index.details, floors: &[] };
        for purpose in Purpose::ALL {
            for (one, floor) in
                (0..300).step_by(17).zip([-2160, -100, 300, 500, 700].iter().cycle())
            {
                let weights = pooling::weights(purpose);
                let probe = index.probe(items.side(one), &weights, 7).unwrap();
                let found = |scan: fn(
                    &Probe,
                    i16,
                    Field<'_>,
                    &Ceilings,
                    Pruning,
                    &mut Vec<Hit>,
                    &mut Counts,
                )| {
                    let (mut hits, mut counts) = (Vec::new(), Counts::default());
                    scan(
                        &probe,
                        *floor,
                        field,
                        index.ceilings(),
                        Pruning::Heads,
                        &mut hits,
                        &mut counts,
                    );
                    (hits, counts)
                };
                assert_eq!(found(scan), found(scan_portable), "{purpose} {one}");
            }
        }
    }
}
