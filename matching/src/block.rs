//! Several items side by side, row by row.

use crate::{
    facets::lanes::{LANES, Lanes},
    prepared::{N_ROWS, Prepared},
};

/// Up to [`LANES`] prepared items, transposed; a lane without an item has analysis version `None`.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) analysis_version: [Option<u32>; LANES],
    pub(crate) identity: [u64; LANES],
    pub(crate) rows: Box<[Lanes; N_ROWS]>,
}

impl Block {
    pub(crate) fn empty() -> Self {
        Self {
            analysis_version: [None; LANES],
            identity: [0; LANES],
            rows: Box::new([[0.0; LANES]; N_ROWS]),
        }
    }

    /// A block with one item, in lane 0.
    pub(crate) fn single(item: &Prepared) -> Self {
        let mut block = Self::empty();
        block.set(0, item);
        block
    }

    pub(crate) fn set(&mut self, lane: usize, item: &Prepared) {
        self.analysis_version[lane] = Some(item.analysis_version);
        self.identity[lane] = item.identity;
        for (row, value) in self.rows.iter_mut().zip(item.rows.iter()) {
            row[lane] = *value;
        }
    }

    pub(crate) fn clear(&mut self, lane: usize) {
        self.analysis_version[lane] = None;
        self.identity[lane] = 0;
        self.rows.iter_mut().for_each(|row| row[lane] = 0.0);
    }

    /// The item in a lane.
    pub(crate) fn get(&self, lane: usize) -> Option<Prepared> {
        let analysis_version = self.analysis_version[lane]?;
        let mut rows = Box::new([0.0; N_ROWS]);
        for (value, row) in rows.iter_mut().zip(self.rows.iter()) {
            *value = row[lane];
        }
        Some(Prepared { analysis_version, identity: self.identity[lane], rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_set() {
        let item = Prepared {
            analysis_version: 1,
            identity: 7,
            rows: Box::new(std::array::from_fn(|row| row as f32)),
        };
        let mut block = Block::single(&item);
        block.set(5, &item);
        assert_eq!(block.get(5).unwrap().rows, item.rows);
        block.clear(5);
        assert!(block.get(5).is_none() && block.get(0).is_some());
    }
}
