//! Where each item of a catalogue is, by its id.

use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// The slots of items. Ids are not kept a second time: who asks brings the ids by slot.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    table: HashTable<u32>,
    state: RandomState,
}

impl Slots {
    /// Slots of items whose ids differ.
    pub(crate) fn of(ids: &[u128]) -> Self {
        let mut slots = Self { table: HashTable::with_capacity(ids.len()), ..Self::default() };
        (0..ids.len()).for_each(|slot| slots.insert(ids, slot));
        slots
    }

    pub(crate) fn get(&self, ids: &[u128], id: u128) -> Option<usize> {
        let is_here = |slot: &u32| ids[*slot as usize] == id;
        self.table.find(self.state.hash_one(id), is_here).map(|slot| *slot as usize)
    }

    /// Takes in the item in a slot; none may have its id.
    pub(crate) fn insert(&mut self, ids: &[u128], slot: usize) {
        let Self { table, state } = self;
        let hash = |slot: &u32| state.hash_one(ids[*slot as usize]);
        let slot = slot as u32;
        table.insert_unique(hash(&slot), slot, hash);
    }

    /// Forgets an item before the last of the items takes its place, and says where it was.
    pub(crate) fn swap_remove(&mut self, ids: &[u128], id: u128) -> Option<usize> {
        let Self { table, state } = self;
        let entry = table.find_entry(state.hash_one(id), |slot| ids[*slot as usize] == id).ok()?;
        let (slot, _) = entry.remove();
        let last = (ids.len() - 1) as u32;
        if let Some(moved) = table.find_mut(state.hash_one(ids[last as usize]), |it| *it == last) {
            *moved = slot;
        }
        Some(slot as usize)
    }

    /// Bytes that are allocated.
    pub(crate) fn n_bytes(&self) -> usize {
        self.table.allocation_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    // The oracle is to look for the id.
    #[test]
    fn finds_what_a_search_finds() {
        let mut rng = Rng::new(5);
        let mut ids: Vec<u128> = Vec::new();
        let mut slots = Slots::default();
        for step in 0..4_000_u128 {
            if rng.chance(0.6) {
                ids.push(step * 7_919 % 4_001);
                slots.insert(&ids, ids.len() - 1);
            } else if !ids.is_empty() {
                let slot = rng.below(ids.len());
                assert_eq!(slots.swap_remove(&ids, ids[slot]), Some(slot));
                ids.swap_remove(slot);
            }
            let id = rng.below(4_001) as u128;
            assert_eq!(slots.get(&ids, id), ids.iter().position(|it| *it == id));
            assert_eq!(slots.swap_remove(&ids, 5_000), None);
        }
        assert!(ids.len() > 500);
        let again = Slots::of(&ids);
        assert!((0..ids.len()).all(|slot| again.get(&ids, ids[slot]) == Some(slot)));
    }
}
