//! A catalogue in the making.

use crate::{Catalogue, Item};

/// Takes items as they come, a page at a time if need be, and makes the index once, when all are there.
#[derive(Debug, Default)]
pub struct Builder(Catalogue);

impl Builder {
    /// Adds an item; of two with the same id the later stays.
    pub fn put(&mut self, id: u128, item: &Item) {
        self.0.put(id, item);
    }

    /// The catalogue.
    pub fn finish(mut self) -> Catalogue {
        self.0.rebuild();
        self.0
    }
}
