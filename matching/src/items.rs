//! What a catalogue knows of its items, item by item.

use crate::{
    Purpose,
    embedding::Direction,
    prepared::{N_ROWS, Prepared},
    search::LOWEST_FLOOR,
};

/// Evidence that an item asks of a match for each purpose, in units of sketches; rounded down.
pub(crate) type ItemFloors = [i16; Purpose::ALL.len()];

/// Columns of a catalogue.
#[derive(Debug, Default)]
pub(crate) struct Items {
    pub(crate) ids: Vec<u128>,
    pub(crate) rows: Vec<[f32; N_ROWS]>,
    /// Words of each item, as ascending numbers.
    pub(crate) words: Vec<Box<[u32]>>,
    pub(crate) directions: Vec<Option<Box<Direction>>>,
    pub(crate) analysis_versions: Vec<u32>,
    pub(crate) identities: Vec<u64>,
    pub(crate) floors: Vec<ItemFloors>,
    /// What each item is one of several of, 0 for nothing; empty as long as no item has a group.
    groups: Vec<u64>,
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) rows: &'a [f32; N_ROWS],
    /// Numbers of the words that have one, ascending.
    pub(crate) words: &'a [u32],
    /// All words, with and without a number.
    pub(crate) n_words: usize,
    /// Of the embedding.
    pub(crate) direction: Option<&'a Direction>,
    pub(crate) analysis_version: u32,
    pub(crate) identity: u64,
}

impl Items {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Puts the items in another order: place by place, the slot that an item is in now.
    pub(crate) fn reorder(&mut self, order: &[u32]) {
        fn reordered<T: Clone>(column: &[T], order: &[u32]) -> Vec<T> {
            order.iter().map(|slot| column[*slot as usize].clone()).collect()
        }
        self.ids = reordered(&self.ids, order);
        self.rows = reordered(&self.rows, order);
        self.words = reordered(&self.words, order);
        self.directions = reordered(&self.directions, order);
        self.analysis_versions = reordered(&self.analysis_versions, order);
        self.identities = reordered(&self.identities, order);
        self.floors = reordered(&self.floors, order);
        if !self.groups.is_empty() {
            self.groups = reordered(&self.groups, order);
        }
    }

    /// Bytes that are allocated.
    pub(crate) fn n_bytes(&self) -> usize {
        let words: usize = self.words.iter().map(|words| size_of_val(&**words)).sum();
        let directions: usize =
            self.directions.iter().flatten().map(|it| size_of::<Direction>() + it.n_bytes()).sum();
        words
            + directions
            + self.words.capacity() * size_of::<Box<[u32]>>()
            + self.directions.capacity() * size_of::<Option<Box<Direction>>>()
            + self.ids.capacity() * size_of::<u128>()
            + self.rows.capacity() * size_of::<[f32; N_ROWS]>()
            + self.analysis_versions.capacity() * size_of::<u32>()
            + self.identities.capacity() * size_of::<u64>()
            + self.floors.capacity() * size_of::<ItemFloors>()
            + self.groups.capacity() * size_of::<u64>()
    }

    pub(crate) fn push(&mut self, id: u128, item: Prepared, words: Box<[u32]>) {
        self.ids.push(id);
        self.rows.push(*item.rows);
        self.words.push(words);
        self.directions.push(item.direction);
        self.analysis_versions.push(item.analysis_version);
        self.identities.push(item.identity);
        self.floors.push([LOWEST_FLOOR; Purpose::ALL.len()]);
        if !self.groups.is_empty() {
            self.groups.push(0);
        }
    }

    pub(crate) fn replace(&mut self, slot: usize, item: Prepared, words: Box<[u32]>) {
        self.rows[slot] = *item.rows;
        self.words[slot] = words;
        self.directions[slot] = item.direction;
        self.analysis_versions[slot] = item.analysis_version;
        self.identities[slot] = item.identity;
    }

    /// Takes an item out; the last one takes its place.
    pub(crate) fn swap_remove(&mut self, slot: usize) {
        self.ids.swap_remove(slot);
        self.rows.swap_remove(slot);
        self.words.swap_remove(slot);
        self.directions.swap_remove(slot);
        self.analysis_versions.swap_remove(slot);
        self.identities.swap_remove(slot);
        self.floors.swap_remove(slot);
        if !self.groups.is_empty() {
            self.groups.swap_remove(slot);
        }
    }

    /// What the item in a slot is one of several of; 0 for nothing.
    pub(crate) fn group(&self, slot: usize) -> u64 {
        self.groups.get(slot).copied().unwrap_or_default()
    }

    pub(crate) fn set_group(&mut self, slot: usize, group: u64) {
        if self.groups.is_empty() && group != 0 {
            self.groups = vec![0; self.len()];
        }
        if let Some(own) = self.groups.get_mut(slot) {
            *own = group;
        }
    }

    pub(crate) fn side(&self, slot: usize) -> Side<'_> {
        Side {
            rows: &self.rows[slot],
            words: &self.words[slot],
            n_words: self.words[slot].len(),
            direction: self.directions[slot].as_deref(),
            analysis_version: self.analysis_versions[slot],
            identity: self.identities[slot],
        }
    }
}
