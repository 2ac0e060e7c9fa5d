//! A smooth path from one recording to another.
//!
//! For each stop on the straight line between both ([`line`](super::line)) the recordings that lie nearest are remembered while a catalogue
//! comes by. They stand in a row by how far along the line they are, and a path only goes forwards: so it repeats nothing, makes steady
//! progress, and the best one can be found exactly ([`steps`](super::steps)): its weakest step is the strongest that any has, and of those it is the
//! one whose scores have the largest product.

use super::{
    line::{Beside, Line},
    member::{Member, Scorer, Words},
    steps::Steps,
    top::{Entry, Top},
    wanted::Wanted,
};
use crate::{Item, Weighting, prepared::Prepared};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Recordings that a path is chosen from, about: scoring all pairs of them takes some hundredths of a second.
const N_CANDIDATES: usize = 384;
/// Recordings that are remembered for a stop, at least.
const MIN_PER_STOP: usize = 8;

/// Why there is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Both ends are the same item.
    #[error("a path needs two different ends")]
    SameEnds,
    /// The ends were analysed by different versions.
    #[error("the ends were analysed by different versions")]
    OtherAnalysis,
}

/// One recording of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// The recording.
    pub id: u128,
    /// How far along the straight line it is: 0 at the beginning, 1 at the end.
    pub progress: f64,
    /// Score of the step that leads to it; `None` at the beginning.
    pub step: Option<f64>,
}

/// A path, and what it was chosen from.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// From the one end to the other. Fewer than were asked for where there are not as many recordings.
    pub stops: Vec<Stop>,
    /// Recordings that were considered between the ends.
    pub n_candidates: usize,
}

/// A search for a path, to which a catalogue is handed bit by bit.
pub struct PathSearch {
    from: Member,
    to: Member,
    words: Words,
    weighting: Weighting,
    wanted: Wanted,
    length: usize,
    line: Line,
    /// The nearest for each stop between the ends.
    nearest: Vec<Top<Candidate>>,
}

/// A recording that lies near a stop.
struct Candidate {
    distance_2: f32,
    near: Arc<Near>,
}

struct Near {
    id: u128,
    prepared: Prepared,
    tags: Vec<String>,
    beside: Beside,
}

impl Entry for Candidate {
    fn key(&self) -> (f64, u128) {
        (self.distance_2.into(), self.near.id)
    }

    fn identity(&self) -> u128 {
        self.near.prepared.identity.into()
    }
}

impl PathSearch {
    /// Looks for a path of `length` recordings, the ends included; at least both of them.
    ///
    /// Wishes hold for what lies between. Copies of the ends and of each other do not come into the path.
    ///
    /// # Errors
    ///
    /// [`PathError`] when both ends are one, or cannot be compared.
    pub fn new(
        from: (u128, &Item),
        to: (u128, &Item),
        length: usize,
        weighting: Weighting,
        wanted: Wanted,
    ) -> Result<Self, PathError> {
        if from.0 == to.0 {
            return Err(PathError::SameEnds);
        }
        if from.1.descriptor.analysis_version() != to.1.descriptor.analysis_version() {
            return Err(PathError::OtherAnalysis);
        }
        let mut words = Words::default();
        let [from, to] = [from, to].map(|(id, item)| Member::learned(id, item, &mut words));
        let line = Line::new(&from.prepared.rows, &to.prepared.rows, &weighting);
        let n_between = length.saturating_sub(2);
        let n_per_stop = N_CANDIDATES.div_ceil(n_between.max(1)).max(MIN_PER_STOP);
        let nearest = (0..n_between).map(|_| Top::new(n_per_stop)).collect();
        let length = n_between + 2;
        Ok(Self { from, to, words, weighting, wanted, length, line, nearest })
    }

    /// Looks at some items of the catalogue.
    pub fn take(&mut self, items: &[(u128, Item)]) {
        for (id, item) in items {
            let prepared = Prepared::of(item);
            let is_new = [&self.from, &self.to].into_iter().all(|end| {
                end.id != *id
                    && end.identity() != prepared.identity
                    && end.prepared.analysis_version == prepared.analysis_version
            });
            if !is_new || !self.wanted.passes(&prepared.rows, &item.tags) {
                continue;
            }
            let beside = self.line.beside(&prepared.rows);
            let near = Arc::new(Near { id: *id, prepared, tags: item.tags.clone(), beside });
            for (place, nearest) in self.nearest.iter_mut().enumerate() {
                let progress = (place + 1) as f32 / (self.length - 1) as f32;
                let distance_2 = beside.distance_2(progress);
                if nearest.takes((distance_2.into(), *id)) {
                    nearest.offer(Candidate { distance_2, near: Arc::clone(&near) });
                }
            }
        }
    }

    /// The path.
    pub fn finish(self) -> Path {
        let Self { from, to, mut words, weighting, length, nearest, .. } = self;
        let mut by_recording: BTreeMap<u64, Arc<Near>> = BTreeMap::new();
        for Candidate { near, .. } in nearest.into_iter().flat_map(Top::into_kept) {
            let kept = by_recording.entry(near.prepared.identity).or_insert_with(|| near.clone());
            if near.id < kept.id {
                *kept = near;
            }
        }
        let mut row: Vec<Arc<Near>> = by_recording.into_values().collect();
        let progress = |near: &Near| near.beside.progress();
        row.sort_unstable_by(|a, b| progress(a).total_cmp(&progress(b)).then(a.id.cmp(&b.id)));
        let n_candidates = row.len();
        let between = row.iter().map(|near| {
            // Words that two of these share and the ends do not have count too.
            let prepared = near.prepared.clone();
            (Member::numbered(near.id, prepared, &near.tags, &mut words), progress(near).into())
        });
        let row: Vec<(Member, f64)> =
            std::iter::once((from, 0.0)).chain(between).chain([(to, 1.0)]).collect();
        let pairs = (0..row.len())
            .flat_map(|one| (one + 1..row.len()).map(move |other| (one, other)))
            .map(|(one, other)| (&row[one].0, &row[other].0));
        let scores = Scorer::new(weighting).scores(pairs);
        let scores = scores.into_iter().map(Option::unwrap_or_default).collect();
        let ways = Steps::new(row.len(), scores);
        let way = ways.best(length.min(row.len()));
        let before = std::iter::once(None).chain(way.iter().copied().map(Some));
        let stops = way.iter().zip(before).map(|(&here, before)| Stop {
            id: row[here].0.id,
            progress: row[here].1,
            step: before.map(|before| ways.score(before, here)),
        });
        Path { stops: stops.collect(), n_candidates }
    }
}
