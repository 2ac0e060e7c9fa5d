//! One item as rows of numbers, in which comparing is cheap.

use crate::{
    Descriptor, Item,
    embedding::Direction,
    facet::{Facet, N_MEASURED},
    facets::{emotion, energy, harmony, key, rhythm, tempo, timbre},
    identity::identity,
};
use std::ops::Range;

/// Rows of each measured facet.
const N_FACET_ROWS: [usize; N_MEASURED] = [
    tempo::N_ROWS,
    key::N_ROWS,
    timbre::N_ROWS,
    harmony::N_ROWS,
    rhythm::N_ROWS,
    energy::N_ROWS,
    emotion::N_ROWS,
];

/// First row of each measured facet, and the number of rows.
const STARTS: [usize; N_MEASURED + 1] = {
    let mut starts = [0; N_MEASURED + 1];
    let mut facet = 0;
    while facet < N_MEASURED {
        starts[facet + 1] = starts[facet] + N_FACET_ROWS[facet];
        facet += 1;
    }
    starts
};

/// Number of rows.
pub(crate) const N_ROWS: usize = STARTS[N_MEASURED];

/// Where the rows of a measured facet are.
pub(crate) const fn rows(facet: Facet) -> Range<usize> {
    STARTS[facet as usize]..STARTS[facet as usize + 1]
}

/// An item under the scales of this weights version.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) analysis_version: u32,
    pub(crate) identity: u64,
    pub(crate) rows: Box<[f32; N_ROWS]>,
    pub(crate) direction: Option<Box<Direction>>,
}

impl Prepared {
    pub(crate) fn of(item: &Item) -> Self {
        let direction = item.embedding.as_ref().map(|it| Box::new(it.direction.clone()));
        Self { direction, ..Self::new(&item.descriptor) }
    }

    /// An item of nothing but a descriptor.
    pub(crate) fn new(descriptor: &Descriptor) -> Self {
        let mut values = Box::new([0.0; N_ROWS]);
        tempo::prepare(descriptor, &mut values[rows(Facet::Tempo)]);
        key::prepare(descriptor, &mut values[rows(Facet::Key)]);
        timbre::prepare(descriptor, &mut values[rows(Facet::Timbre)]);
        harmony::prepare(descriptor, &mut values[rows(Facet::Harmony)]);
        rhythm::prepare(descriptor, &mut values[rows(Facet::Rhythm)]);
        energy::prepare(descriptor, &mut values[rows(Facet::Energy)]);
        emotion::prepare(descriptor, &mut values[rows(Facet::Emotion)]);
        Self {
            analysis_version: descriptor.analysis_version,
            identity: identity(descriptor),
            rows: values,
            direction: None,
        }
    }
}
