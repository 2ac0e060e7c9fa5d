//! The sketches of a catalogue, kept in step with its items.

use crate::{
    facet::Facet,
    items::{Items, Side},
    pooling::Weights,
    prepared::rows,
    sketch::{Ceilings, Details, Margins, Marks, PANEL, Panel, Probe, Sketch, Sketcher},
};

/// Row of emotion that says what made it.
const METHOD_ROW: usize = 4;
/// Axes learned from fewer items are learned again when there are more.
const MIN_LEARNED: usize = 256;

/// Sketches in panels; slot `i` is lane `i % PANEL` of panel `i / PANEL`.
#[derive(Debug)]
pub(crate) struct Index {
    sketcher: Sketcher,
    pub(crate) panels: Vec<Panel>,
    pub(crate) details: Vec<Details>,
    /// The largest of any item.
    margins: Margins,
    ceilings: Ceilings,
    /// Items that the axes were learned from.
    n_learned: usize,
    analysis_versions: Numbers<u32>,
    methods: Numbers<u32>,
}

impl Default for Index {
    fn default() -> Self {
        Self::of(&Items::default())
    }
}

impl Index {
    /// Learns axes from the items and sketches them.
    pub(crate) fn of(items: &Items) -> Self {
        let mut index = Self {
            sketcher: Sketcher::of(&items.rows),
            panels: Vec::new(),
            details: Vec::new(),
            margins: Margins::NONE,
            ceilings: Margins::NONE.ceilings(),
            n_learned: items.len(),
            analysis_versions: Numbers::default(),
            methods: Numbers::default(),
        };
        let n_panels = items.len().div_ceil(PANEL);
        index.panels.reserve_exact(n_panels);
        index.details.reserve_exact(n_panels);
        for slot in 0..items.len() {
            index.write(items, slot);
        }
        index.settle();
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

    /// Takes in a new or changed item.
    pub(crate) fn set(&mut self, items: &Items, slot: usize) {
        if items.len() >= 2 * self.n_learned.max(MIN_LEARNED) {
            *self = Self::of(items);
        } else {
            self.write(items, slot);
            self.settle();
        }
    }

    /// Follows [`Items::swap_remove`]: the item in the last slot is now in `slot`.
    pub(crate) fn swap_remove(&mut self, items: &Items, slot: usize) {
        let last = items.len();
        if slot < last {
            self.write(items, slot);
        }
        self.panels[last / PANEL].clear(last % PANEL);
        if last.is_multiple_of(PANEL) {
            self.panels.pop();
            self.details.pop();
        }
    }

    fn write(&mut self, items: &Items, slot: usize) {
        if slot / PANEL == self.panels.len() {
            self.panels.push(Panel::empty());
            self.details.push(Details::empty());
        }
        let side = items.side(slot);
        let sketch = self.sketcher.sketch(side.rows);
        let version = self.analysis_versions.number(side.analysis_version);
        let method = self.methods.number(method(&side));
        let marks = Marks { version, method, identity: side.identity, words: side.words };
        self.panels[slot / PANEL].set(slot % PANEL, &sketch, marks);
        self.details[slot / PANEL].set(slot % PANEL, &sketch);
        self.margins = self.margins.max(sketch.margins());
    }

    /// Makes the ceilings cover all items.
    fn settle(&mut self) {
        let needed = self.margins.of_pair(self.margins);
        if !self.ceilings.margins.cover(&needed) {
            self.ceilings = needed.with_room().ceilings();
        }
    }

    /// An item as the scan compares it; `None` when nothing here is of its analysis version.
    pub(crate) fn probe(&self, side: Side<'_>, weights: &Weights, number: u32) -> Option<Probed> {
        let sketch = self.sketcher.sketch(side.rows);
        let marks = Marks {
            version: self.analysis_versions.find(side.analysis_version)?,
            // A method that nothing here has is none of theirs.
            method: self.methods.find(method(&side)).unwrap_or(0),
            identity: side.identity,
            words: side.words,
        };
        let probe =
            Probe::new(&self.sketcher, &sketch, marks, side.n_words, weights, number);
        Some(Probed { probe, ceilings: self.ceilings_of(&sketch) })
    }

    /// Ceilings of its own for an item whose sketch is off by more than those of the others.
    fn ceilings_of(&self, sketch: &Sketch) -> Option<Ceilings> {
        let needed = self.margins.of_pair(sketch.margins());
        (!self.ceilings.margins.cover(&needed)).then(|| needed.ceilings())
    }

    pub(crate) fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }
}

/// A probe, and the ceilings that it needs unless those of the index do.
pub(crate) struct Probed {
    pub(crate) probe: Probe,
    pub(crate) ceilings: Option<Ceilings>,
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
