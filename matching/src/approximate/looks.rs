//! Outlines of many items, and the two looks at them.

use super::outline::{
    EMOTION_AXES, ENERGY_AXES, HARMONY, HARMONY_STEPS, N_AXES, N_GROUPS, N_HEAD, NEUTRAL, Outline,
    Outliner, RHYTHM_HEAD, RHYTHM_REST, TIMBRE_HEAD, TIMBRE_REST, confidence, facet, marks,
};
use crate::{
    Purpose,
    facet::Facet,
    facets::harmony,
    items::Side,
    prepared::rows,
    reference::{self, Tables},
    sketch::{PANEL, Segments, UNITS},
};
use multiversion::multiversion;
use std::ops::Range;

/// One panel in so many is looked at beforehand, but so many at least, to learn how much evidence the best have.
const SAMPLED: usize = 64;
const MIN_SAMPLED: usize = 64;

/// Two axes of some items in a byte each.
type Plane = [u8; PANEL];

/// What every item is read for.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
struct Head {
    known: Plane,
    levels: [Plane; N_HEAD / 2],
}

/// What only promising items are read for.
#[derive(Debug, Clone)]
#[repr(C, align(32))]
struct Rest {
    marks: Plane,
    levels: [Plane; (N_AXES - N_HEAD) / 2],
}

const EMPTY: (Head, Rest) = (
    Head { known: [0; PANEL], levels: [[0; PANEL]; N_HEAD / 2] },
    Rest { marks: [0; PANEL], levels: [[0; PANEL]; (N_AXES - N_HEAD) / 2] },
);

/// The panels of some outlines.
#[derive(Debug, Default)]
struct Panels {
    heads: Vec<Head>,
    rests: Vec<Rest>,
}

/// Outlines by number.
#[derive(Debug)]
pub(super) struct Outlines {
    outliner: Outliner,
    panels: Panels,
    harmony: Vec<[i8; 12]>,
}

/// What is searched for.
struct Probe<'a> {
    squares: [[i8; 16]; N_AXES],
    evidence: &'a [Segments; N_GROUPS],
    tables: &'static Tables,
    marks: u8,
    /// Parts of 32 768 that each group counts, and harmony.
    shares: [i16; N_GROUPS + 1],
    /// What emotion and energy add to the evidence at most.
    most: i16,
    /// Pitch classes twice in a row, so that a transposition is a place to begin.
    harmony: [i16; 28],
}

/// Evidence of an item, in parts of its [units](UNITS), and its number.
type Found = (i16, u32);

impl Outlines {
    pub(super) fn new(outliner: Outliner) -> Self {
        Self { outliner, panels: Panels::default(), harmony: Vec::new() }
    }

    pub(super) fn reserve(&mut self, n: usize) {
        self.panels.heads.reserve_exact(n.div_ceil(PANEL));
        self.panels.rests.reserve_exact(n.div_ceil(PANEL));
        self.harmony.reserve_exact(n);
    }

    pub(super) fn outline(&self, side: &Side<'_>) -> Outline {
        self.outliner.outline(side)
    }

    /// Adds one with the next number.
    pub(super) fn push(&mut self, outline: &Outline) {
        let lane = self.harmony.len() % PANEL;
        if lane == 0 {
            let (head, rest) = EMPTY;
            self.panels.heads.push(head);
            self.panels.rests.push(rest);
        }
        let head = self.panels.heads.last_mut().expect("there is one");
        let rest = self.panels.rests.last_mut().expect("there is one");
        head.known[lane] = outline.known;
        rest.marks[lane] = outline.marks;
        let planes = head.levels.iter_mut().chain(&mut rest.levels);
        for (plane, pair) in planes.zip(outline.levels.as_chunks::<2>().0) {
            plane[lane] = pair[0] | pair[1] << 4;
        }
        self.harmony.push(outline.harmony);
    }

    pub(super) fn n_bytes(&self) -> usize {
        self.panels.heads.capacity() * size_of::<Head>()
            + self.panels.rests.capacity() * size_of::<Rest>()
            + self.harmony.capacity() * size_of::<[i8; 12]>()
    }

    /// Numbers of the `n` items that promise most, in any order, of about `n_first` that do so before harmony is looked at.
    pub(super) fn promising(
        &self,
        side: &Side<'_>,
        purpose: Purpose,
        n_first: usize,
        n: usize,
    ) -> Vec<usize> {
        let probe = self.probe(side, purpose);
        let mut found = Vec::with_capacity(n_first + n_first / 4);
        let floor = if n_first < self.harmony.len() {
            let step = (self.panels.heads.len() / MIN_SAMPLED).clamp(1, SAMPLED);
            look(&probe, &self.panels, step, i16::MIN, &mut found);
            let rank = n_first / step;
            if rank < found.len() { best_first(&mut found, rank) } else { i16::MIN }
        } else {
            i16::MIN
        };
        found.clear();
        look(&probe, &self.panels, 1, floor, &mut found);
        // Fetched by themselves: the machine then waits for many of them at once.
        let profiles: Vec<[i8; 12]> =
            found.iter().map(|(_, number)| self.harmony[*number as usize]).collect();
        look_at_harmony(&probe, &profiles, &mut found);
        if n < found.len() {
            best_first(&mut found, n);
            found.truncate(n);
        }
        found.into_iter().map(|(_, number)| number as usize).collect()
    }

    fn probe(&self, side: &Side<'_>, purpose: Purpose) -> Probe<'_> {
        let outliner = &self.outliner;
        let share = |group: usize| {
            let confidences = confidence(side.rows, facet(group)) * outliner.confidences[group];
            (purpose.weight(facet(group)) as f32 * confidences.sqrt() * 32_767.0) as i16
        };
        let shares = std::array::from_fn(share);
        let most = |group: usize| {
            f32::from(outliner.evidence[group].at(0)) * f32::from(shares[group]) / 32_768.0
        };
        let profile = &side.rows[rows(Facet::Harmony)];
        Probe {
            squares: outliner.squares(side.rows),
            evidence: &outliner.evidence,
            tables: reference::tables(),
            marks: marks(side),
            shares,
            most: (most(2) + most(3)).ceil() as i16,
            harmony: std::array::from_fn(|place| {
                (profile[place % 12] / harmony::PROFILE_LENGTH * HARMONY_STEPS).round() as i16
            }),
        }
    }
}

/// Puts the first `n` before all others; the answer is the evidence of the next.
fn best_first(found: &mut [Found], n: usize) -> i16 {
    found.select_nth_unstable_by(n, |a, b| b.cmp(a)).1.0
}

macro_rules! look {
    ($lanes:ident, $(#[$attribute:meta])?) => {
        mod $lanes {
            use super::*;
            use crate::sketch::lanes::$lanes::{Bytes, Words};

            /// Adds the items of every `step`th panel whose groups have evidence of `floor` at least.
            $(#[$attribute])?
            pub(super) fn look(
                probe: &Probe<'_>,
                panels: &Panels,
                step: usize,
                floor: i16,
                found: &mut Vec<Found>,
            ) {
                let version = Bytes::splat(probe.marks).low();
                let method = Bytes::splat(probe.marks).high();
                let floor = Words::splat(floor);
                let short_of = floor.sub(Words::splat(probe.most));
                for (index, head) in panels.heads.iter().enumerate().step_by(step) {
                    // The uppermost bit of what is known says that there is an item.
                    let known = Bytes::read(&head.known);
                    let timbre = sum(probe, &head.levels, 0, TIMBRE_HEAD, Bytes::splat(0));
                    let rhythm = sum(probe, &head.levels, 0, RHYTHM_HEAD, Bytes::splat(0));
                    // Further squares only take from it.
                    let most =
                        evidence(probe, 0, timbre, known).add(evidence(probe, 1, rhythm, known));
                    if most.sub(short_of).not_negative().and(known).mask() == 0 {
                        continue;
                    }
                    let rest = &panels.rests[index];
                    let marks = Bytes::read(&rest.marks);
                    let timbre = sum(probe, &rest.levels, N_HEAD, TIMBRE_REST, timbre);
                    let rhythm = sum(probe, &rest.levels, N_HEAD, RHYTHM_REST, rhythm);
                    let zero = Bytes::splat(0);
                    let emotion = sum(probe, &rest.levels, N_HEAD, EMOTION_AXES, zero);
                    let energy = sum(probe, &rest.levels, N_HEAD, ENERGY_AXES, zero);
                    // What was told in different ways does not compare.
                    let told_alike = known.and(marks.high().equal(method));
                    let pooled = evidence(probe, 0, timbre, known)
                        .add(evidence(probe, 1, rhythm, known))
                        .add(evidence(probe, 2, emotion, told_alike))
                        .add(evidence(probe, 3, energy, known));
                    let here = marks.low().equal(version).and(known);
                    let mut mask = pooled.sub(floor).not_negative().and(here).mask();
                    if mask == 0 {
                        continue;
                    }
                    let evidence = pooled.to_array();
                    while mask != 0 {
                        let lane = mask.trailing_zeros() as usize;
                        mask &= mask - 1;
                        found.push((evidence[lane], (index * PANEL + lane) as u32));
                    }
                }
            }

            /// Adds the squares of some axes; `first` is that of the levels.
            #[inline]
            $(#[$attribute])?
            fn sum(
                probe: &Probe<'_>,
                levels: &[Plane],
                first: usize,
                axes: Range<usize>,
                mut sum: Bytes,
            ) -> Bytes {
                for axis in axes {
                    let pair = Bytes::read(&levels[(axis - first) / 2]);
                    let level = if axis % 2 == 0 { pair.low() } else { pair.high() };
                    sum = sum.add(level.value_of(&probe.squares[axis]));
                }
                sum
            }

            /// What a group adds; nothing where it is not known.
            #[inline]
            $(#[$attribute])?
            fn evidence(probe: &Probe<'_>, group: usize, sum: Bytes, known: Bytes) -> Words {
                let bit = Bytes::splat(1 << group);
                let is_known = known.and(bit).equal(bit).spread();
                let share = Words::splat(probe.shares[group]);
                sum.ceiling(&probe.evidence[group]).part(share).and(is_known)
            }
        }
    };
}

look!(portable,);
#[cfg(target_arch = "x86_64")]
look!(avx2, #[target_feature(enable = "avx2")]);

/// Adds the items of every `step`th panel whose groups have evidence of `floor` at least, with the widest instructions
/// there are.
fn look(probe: &Probe<'_>, panels: &Panels, step: usize, floor: i16, found: &mut Vec<Found>) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "the instructions are there: it was asked")]
        // SAFETY: AVX2 was detected.
        unsafe {
            return avx2::look(probe, panels, step, floor, found);
        }
    }
    portable::look(probe, panels, step, floor, found);
}

/// Adds the evidence of harmony, whose profiles are beside their items.
#[multiversion(targets = "simd")]
fn look_at_harmony(probe: &Probe<'_>, profiles: &[[i8; 12]], found: &mut [Found]) {
    let share = f32::from(probe.shares[HARMONY]) / 32_768.0 * UNITS;
    let table = &probe.tables[Facet::Harmony as usize];
    for ((evidence, _), profile) in found.iter_mut().zip(profiles) {
        if *profile != [0; 12] {
            let product = f32::from(largest_product(&probe.harmony, profile));
            let agreement = product * (1.0 / (HARMONY_STEPS * HARMONY_STEPS));
            let told = reference::evidence(table, agreement.clamp(0.0, 1.0)) - NEUTRAL;
            *evidence = evidence.saturating_add((share * told) as i16);
        }
    }
}

/// The largest product of two profiles over all transpositions.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn largest_product(twice: &[i16; 28], profile: &[i8; 12]) -> i16 {
    // Four transpositions are there twice.
    let mut turned = [0_i16; 16];
    for (class, value) in profile.iter().enumerate() {
        let value = i16::from(*value);
        for (shift, sum) in turned.iter_mut().enumerate() {
            *sum += value * twice[class + shift];
        }
    }
    turned.into_iter().fold(0, i16::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        index::Index,
        items::Items,
        pooling::GAIN,
        samples::{evidence, items},
    };

    fn outlined(n: usize, seed: u64) -> (Items, Outlines) {
        let mut items = items(n, seed);
        items.directions.fill_with(|| None);
        let index = Index::of(&mut items);
        let mut outlines = Outlines::new(Outliner::of(index.sketcher().clone(), &items.rows));
        for slot in 0..n {
            outlines.push(&outlines.outline(&items.side(slot)));
        }
        (items, outlines)
    }

    #[test]
    fn every_set_of_instructions_finds_the_same() {
        let (items, outlines) = outlined(300, 9);
        for purpose in [Purpose::Alike, Purpose::Mood] {
            for (one, floor) in (0..300).step_by(17).zip([i16::MIN, -700, -300, 0].iter().cycle()) {
                let probe = outlines.probe(&items.side(one), purpose);
                for step in [1, 3] {
                    let (mut found, mut plain) = (Vec::new(), Vec::new());
                    look(&probe, &outlines.panels, step, *floor, &mut found);
                    portable::look(&probe, &outlines.panels, step, *floor, &mut plain);
                    assert_eq!(found, plain, "{purpose} {one}");
                }
            }
        }
    }

    // The truth is to look at the rest of every item.
    #[test]
    fn heads_leave_nobody_out() {
        let (items, outlines) = outlined(500, 4);
        for purpose in [Purpose::Alike, Purpose::Mood] {
            for one in (0..500).step_by(37) {
                let probe = outlines.probe(&items.side(one), purpose);
                let mut all = Vec::new();
                look(&probe, &outlines.panels, 1, i16::MIN, &mut all);
                assert_eq!(all.len(), 500);
                for floor in [-900, -400, -100] {
                    let mut found = Vec::new();
                    look(&probe, &outlines.panels, 1, floor, &mut found);
                    let worth = all.iter().copied().filter(|(evidence, _)| *evidence >= floor);
                    assert!(worth.eq(found), "{purpose} {one} {floor}");
                }
            }
        }
    }

    // The truth is the arithmetic of a single pair. What is told of one that compares in little says little of it.
    #[test]
    fn pairs_are_told_in_nearly_their_order() {
        let (items, outlines) = outlined(300, 5);
        for purpose in [Purpose::Alike, Purpose::Mood] {
            let (mut n, mut n_right) = (0, 0);
            for one in (0..300).step_by(7) {
                let probe = outlines.probe(&items.side(one), purpose);
                let mut found = Vec::new();
                look(&probe, &outlines.panels, 1, i16::MIN, &mut found);
                look_at_harmony(&probe, &outlines.harmony, &mut found);
                let both: Vec<(f64, f64)> = found
                    .iter()
                    .filter_map(|(told, number)| {
                        let other = items.side(*number as usize);
                        let truth = evidence(items.side(one), other, purpose)? / GAIN;
                        Some((f64::from(*told), truth))
                    })
                    .collect();
                for (a, b) in both.iter().zip(&both[1..]) {
                    // Those that are clearly apart.
                    if (a.1 - b.1).abs() > 0.5 {
                        n += 1;
                        n_right += usize::from((a.0 < b.0) == (a.1 < b.1));
                    }
                }
            }
            assert!(n > 1_000 && n_right * 100 > n * 80, "{purpose}: {n_right} of {n}");
        }
    }

    #[test]
    fn another_analysis_version_is_not_found() {
        let mut items = items(40, 7);
        items.directions.fill_with(|| None);
        items.analysis_versions[3] = 2;
        let index = Index::of(&mut items);
        let mut outlines = Outlines::new(Outliner::of(index.sketcher().clone(), &items.rows));
        for slot in 0..40 {
            outlines.push(&outlines.outline(&items.side(slot)));
        }
        let newer = items.analysis_versions.iter().position(|version| *version == 2).unwrap();
        let found = |one: usize| outlines.promising(&items.side(one), Purpose::Alike, 40, 40).len();
        assert_eq!(found(newer), 1);
        assert_eq!(found((newer + 1) % 40), 39);
    }
}
