//! The best of what comes by, each recording once.

use std::cmp::Ordering;

/// Something with a place in a list.
pub(crate) trait Entry {
    /// Better first.
    fn key(&self) -> (f64, u128);
    /// The same for the same recording.
    fn identity(&self) -> u128;
}

/// The `k` with the least keys so far; of several of one recording that with the least.
#[derive(Debug)]
pub(crate) struct Top<T> {
    kept: Vec<T>,
    k: usize,
}

impl<T: Entry> Top<T> {
    pub(crate) fn new(k: usize) -> Self {
        Self { kept: Vec::new(), k }
    }

    /// Whether something with this key would get in, as long as it is not a copy of what is there.
    pub(crate) fn takes(&self, key: (f64, u128)) -> bool {
        self.kept.len() < self.k || self.kept.last().is_some_and(|last| less(key, last.key()))
    }

    pub(crate) fn offer(&mut self, entry: T) {
        let key = entry.key();
        if !self.takes(key) {
            return;
        }
        if let Some(copy) = self.kept.iter().position(|kept| kept.identity() == entry.identity()) {
            if !less(key, self.kept[copy].key()) {
                return;
            }
            self.kept.remove(copy);
        }
        let place = self.kept.partition_point(|kept| less(kept.key(), key));
        self.kept.insert(place, entry);
        self.kept.truncate(self.k);
    }

    /// The best, best first.
    pub(crate) fn into_kept(self) -> Vec<T> {
        self.kept
    }
}

fn less(one: (f64, u128), other: (f64, u128)) -> bool {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)) == Ordering::Less
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Thing(f64, u128, u128);

    impl Entry for Thing {
        fn key(&self) -> (f64, u128) {
            (self.0, self.1)
        }
        fn identity(&self) -> u128 {
            self.2
        }
    }

    // Sorting everything and leaving out copies is the oracle.
    #[test]
    fn keeps_the_best_of_each_recording() {
        let things: Vec<Thing> = (0..400_u32)
            .map(|i| Thing(f64::from(i * 31 % 89), (i * 7_919 % 401).into(), (i % 57).into()))
            .collect();
        let mut sorted = things.clone();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut seen = std::collections::HashSet::new();
        sorted.retain(|thing| seen.insert(thing.2));
        for k in [0, 1, 5, 40, 57, 100] {
            for order in [things.clone(), things.iter().rev().copied().collect()] {
                let mut top = Top::new(k);
                for thing in order {
                    top.offer(thing);
                }
                assert_eq!(top.into_kept(), sorted[..k.min(sorted.len())]);
            }
        }
    }
}
