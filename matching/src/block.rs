//! Several items side by side, row by row.

use crate::{
    facets::lanes::{LANES, Lanes},
    prepared::N_ROWS,
};
use std::ops::Range;

/// The rows of up to [`LANES`] items, transposed.
#[derive(Debug, Clone)]
pub(crate) struct Block(pub(crate) Box<[Lanes; N_ROWS]>);

impl Block {
    pub(crate) fn empty() -> Self {
        Self(Box::new([[0.0; LANES]; N_ROWS]))
    }

    /// The same item in every lane.
    pub(crate) fn filled(rows: &[f32; N_ROWS]) -> Self {
        let mut block = Self::empty();
        for (lanes, value) in block.0.iter_mut().zip(rows) {
            *lanes = [*value; LANES];
        }
        block
    }

    /// Some rows of the item in a lane.
    pub(crate) fn set_rows(&mut self, lane: usize, range: Range<usize>, rows: &[f32; N_ROWS]) {
        for (lanes, value) in self.0[range.clone()].iter_mut().zip(&rows[range]) {
            lanes[lane] = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_set() {
        let rows = std::array::from_fn(|row| row as f32);
        let mut block = Block::empty();
        block.set_rows(5, 0..N_ROWS, &rows);
        for (row, lanes) in block.0.iter().enumerate() {
            assert_eq!((lanes[5] as usize, lanes[4] as usize), (row, 0));
        }
        block = Block::filled(&rows);
        for (lanes, value) in block.0.iter().zip(rows) {
            assert!(lanes.iter().all(|lane| lane.to_bits() == f32::to_bits(value)));
        }
    }
}
