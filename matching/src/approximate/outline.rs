//! One item in 33 bytes from which its score with another can be told nearly.
//!
//! A [sketch](crate::sketch) bounds a score from above and is seven times as long. An outline has the first principal
//! coordinates of timbre and rhythm, emotion and energy in 16 levels each, and the pitch classes in a byte each. What
//! hardly changes who is among the best is left out: tempo, words, further coordinates, and how sure an analysis is.

use crate::{
    facet::Facet,
    facets::{energy, harmony, lanes::bell, rhythm, timbre},
    items::Side,
    prepared::{N_ROWS, rows},
    reference,
    sketch::{Segments, Sketcher, UNITS},
};
use std::ops::Range;

/// Coordinates, in the order in which they are looked at: first those that keep items furthest apart.
const PATTERN: usize = 8;
const ONSET_RATE: usize = 12;
const PULSE_CLARITY: usize = 13;
const TIMBRE_TAIL: usize = 14;
const PATTERN_TAIL: usize = 30;
const EMOTION: usize = 34;
const ENERGY: usize = 37;
pub(super) const N_AXES: usize = 38;

/// Those that are looked at first.
pub(super) const TIMBRE_HEAD: Range<usize> = 0..PATTERN;
pub(super) const RHYTHM_HEAD: Range<usize> = PATTERN..TIMBRE_TAIL;
/// And those that are looked at where this leaves an item in the running.
pub(super) const TIMBRE_REST: Range<usize> = TIMBRE_TAIL..PATTERN_TAIL;
pub(super) const RHYTHM_REST: Range<usize> = PATTERN_TAIL..EMOTION;
pub(super) const EMOTION_AXES: Range<usize> = EMOTION..ENERGY;
pub(super) const ENERGY_AXES: Range<usize> = ENERGY..N_AXES;
/// Of the first look.
pub(super) const N_HEAD: usize = TIMBRE_TAIL;

/// Facets that are told by levels.
pub(super) const GROUPS: [Facet; N_GROUPS] =
    [Facet::Timbre, Facet::Rhythm, Facet::Emotion, Facet::Energy];
pub(super) const N_GROUPS: usize = 4;

/// Bits of [`Outline::known`]: one for each group, and one for whatever is an item.
pub(super) const IS_ITEM: usize = 7;
/// Where harmony is among what is known of groups.
pub(super) const HARMONY: usize = N_GROUPS;

const N_LEVELS: f32 = 16.0;
/// Length of a profile of pitch classes: twelve products of two bytes fit 16 bits.
pub(super) const HARMONY_STEPS: f32 = 90.0;
/// Steps of a sum of squares: a byte.
const STEPS: f32 = 255.0;
/// Evidence of a facet that an item does not have: as much as those have that are searched for, so that it is judged by
/// its others. Between 3 and 3.5 nearly the same is found.
pub(super) const NEUTRAL: f32 = 3.0;
/// Less evidence than this is of no pair that is searched for: it is not told apart.
const LEAST: f32 = -1.0;
/// Items that the ranges of the axes are learned from.
const MAX_SAMPLE: usize = 4096;

/// One item, outlined.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outline {
    /// A level of each axis, 0 to 15.
    pub(super) levels: [u8; N_AXES],
    /// All 0 where it is not known.
    pub(super) harmony: [i8; 12],
    pub(super) known: u8,
    pub(super) marks: u8,
}

/// How the items of one catalogue are outlined.
#[derive(Debug)]
pub(super) struct Outliner {
    sketcher: Sketcher,
    axes: [Axis; N_AXES],
    /// Evidence of each group less [`NEUTRAL`], by the sum of the squares.
    pub(super) evidence: [Segments; N_GROUPS],
    /// Mean confidences of the groups and of harmony, of the items that have them.
    pub(super) confidences: [f32; N_GROUPS + 1],
}

/// What the levels of one coordinate mean.
#[derive(Debug, Clone, Copy, Default)]
struct Axis {
    /// Lower edge of level 0.
    start: f32,
    levels_per_unit: f32,
    /// Steps of the sum of its group in the square of one level.
    steps: f32,
    /// No two items are more steps apart.
    most: f32,
}

impl Outliner {
    /// Learns from some of the items what their coordinates range over.
    pub(super) fn of(sketcher: Sketcher, items: &[[f32; N_ROWS]]) -> Self {
        let step = items.len().div_ceil(MAX_SAMPLE).max(1);
        let sample: Vec<(&[f32; N_ROWS], [f32; N_AXES])> =
            items.iter().step_by(step).map(|item| (item, coordinates(&sketcher, item))).collect();
        let confidences = std::array::from_fn(|group| {
            let known = sample.iter().map(|(item, _)| confidence(item, facet(group)));
            let (sum, n) =
                known.filter(|it| *it > 0.0).fold((0.0, 0_u16), |(sum, n), it| (sum + it, n + 1));
            sum / f32::from(n.max(1))
        });
        let mut axes = [Axis::default(); N_AXES];
        let evidence = std::array::from_fn(|group| {
            let steps_per_unit = STEPS / furthest(group);
            for (index, axis) in axes.iter_mut().enumerate() {
                if group_of(index) != group {
                    continue;
                }
                let known = sample.iter().filter(|(item, _)| confidence(item, facet(group)) > 0.0);
                let (low, high) =
                    nearly_all(known.map(|(_, coordinates)| coordinates[index]).collect());
                let levels_per_unit = N_LEVELS / (high - low);
                *axis = Axis {
                    start: low,
                    levels_per_unit,
                    steps: steps_per_unit / (levels_per_unit * levels_per_unit),
                    most: most(index).map_or(STEPS, |most| most * steps_per_unit),
                };
            }
            Segments::over(|steps| {
                (evidence(group, f32::from(steps) / steps_per_unit) - NEUTRAL) * UNITS
            })
        });
        Self { sketcher, axes, evidence, confidences }
    }

    pub(super) fn outline(&self, side: &Side<'_>) -> Outline {
        let levels = self.levels(side.rows);
        let known = |bit: usize| u8::from(confidence(side.rows, facet(bit)) > 0.0) << bit;
        let profile = &side.rows[rows(Facet::Harmony)];
        Outline {
            levels: levels.map(|level| level.clamp(0.0, N_LEVELS - 1.0) as u8),
            harmony: std::array::from_fn(|class| {
                (profile[class] / harmony::PROFILE_LENGTH * HARMONY_STEPS).round() as i8
            }),
            known: (0..N_GROUPS).map(known).fold(1 << IS_ITEM, std::ops::BitOr::bitor),
            marks: marks(side),
        }
    }

    /// Squares of the differences between an item and each level of each axis, in the steps of the sum.
    pub(super) fn squares(&self, item: &[f32; N_ROWS]) -> [[i8; 16]; N_AXES] {
        let levels = self.levels(item);
        std::array::from_fn(|axis| {
            let Axis { steps, most, .. } = self.axes[axis];
            // A level is worth its middle, and nothing is beyond the outermost.
            let own = levels[axis].clamp(0.5, N_LEVELS - 0.5);
            std::array::from_fn(|level| {
                let apart = level as f32 + 0.5 - own;
                let squared = (apart * apart * steps).min(most).round();
                (squared.min(f32::from(u8::MAX)) as u8).cast_signed()
            })
        })
    }

    /// Where an item lies on each axis, in levels.
    fn levels(&self, item: &[f32; N_ROWS]) -> [f32; N_AXES] {
        let coordinates = coordinates(&self.sketcher, item);
        std::array::from_fn(|axis| {
            (coordinates[axis] - self.axes[axis].start) * self.axes[axis].levels_per_unit
        })
    }
}

/// The facet of a group, or harmony.
pub(super) fn facet(group: usize) -> Facet {
    GROUPS.get(group).copied().unwrap_or(Facet::Harmony)
}

/// The group that a coordinate belongs to.
fn group_of(axis: usize) -> usize {
    match axis {
        0..PATTERN | TIMBRE_TAIL..PATTERN_TAIL => 0,
        PATTERN..TIMBRE_TAIL | PATTERN_TAIL..EMOTION => 1,
        EMOTION..ENERGY => 2,
        _ => 3,
    }
}

/// Evidence of a group by the sum of the squares of its differences.
fn evidence(group: usize, squared: f32) -> f32 {
    let agreement = match facet(group) {
        Facet::Timbre => timbre::agreement(squared),
        Facet::Rhythm => 1.0 - squared,
        _ => bell(squared),
    };
    reference::evidence(&reference::tables()[facet(group) as usize], agreement.clamp(0.0, 1.0))
}

/// Sum of squares at which a group has the [least](LEAST) evidence.
fn furthest(group: usize) -> f32 {
    let (mut near, mut far) = (0.0, 1e4);
    for _ in 0..60 {
        let middle = f32::midpoint(near, far);
        *(if evidence(group, middle) > LEAST { &mut near } else { &mut far }) = middle;
    }
    far
}

/// Some bits of the analysis version, and above them of what made the emotion: a whole number in floating point, whose
/// low bits are mostly 0.
pub(super) fn marks(side: &Side<'_>) -> u8 {
    let method = side.rows[rows(Facet::Emotion)][4].to_bits();
    let folded = (method >> 20) ^ (method >> 16) ^ (method >> 12);
    (side.analysis_version & 15) as u8 | ((folded & 15) as u8) << 4
}

/// What an item's own confidence in a facet is.
pub(super) fn confidence(item: &[f32; N_ROWS], facet: Facet) -> f32 {
    let place = match facet {
        Facet::Timbre => timbre::CONFIDENCE,
        Facet::Harmony => harmony::CONFIDENCE,
        Facet::Rhythm => rhythm::CONFIDENCE,
        Facet::Energy => 1,
        _ => 3,
    };
    item[rows(facet)][place]
}

/// Coordinates of an item; in each group the squares of their differences add up to what its agreement is made of.
fn coordinates(sketcher: &Sketcher, item: &[f32; N_ROWS]) -> [f32; N_AXES] {
    let (timbre, pattern) = sketcher.coordinates(item);
    let facts = &item[rows(Facet::Rhythm)];
    let emotion = &item[rows(Facet::Emotion)];
    let [of_pattern, of_rate, of_clarity] = rhythm::SHARES;
    // The product of patterns of length one is 1 less half of the squared distance; a bell begins in the same way.
    let halved = |share: f32| (share / 2.0).sqrt();
    std::array::from_fn(|axis| match axis {
        ONSET_RATE => facts[rhythm::ONSET_RATE] * halved(of_rate) / rhythm::RATE_WIDTH_OCTAVES,
        PULSE_CLARITY => facts[rhythm::PULSE_CLARITY] * halved(of_clarity) / rhythm::CLARITY_WIDTH,
        0..PATTERN => timbre[axis],
        TIMBRE_TAIL..PATTERN_TAIL => timbre[PATTERN + axis - TIMBRE_TAIL],
        PATTERN..ONSET_RATE => pattern[axis - PATTERN] * halved(of_pattern),
        PATTERN_TAIL..EMOTION => {
            pattern[ONSET_RATE - PATTERN + axis - PATTERN_TAIL] * halved(of_pattern)
        }
        EMOTION..ENERGY => emotion[axis - EMOTION],
        _ => item[rows(Facet::Energy)][0] / energy::WIDTH,
    })
}

/// What a bell can take of an agreement at most.
fn most(axis: usize) -> Option<f32> {
    match axis {
        ONSET_RATE => Some(rhythm::SHARES[1]),
        PULSE_CLARITY => Some(rhythm::SHARES[2]),
        _ => None,
    }
}

/// What all but one in a hundred lie within; never empty.
fn nearly_all(mut values: Vec<f32>) -> (f32, f32) {
    values.sort_by(f32::total_cmp);
    let at = |part: f32| values.get((values.len() as f32 * part) as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(0.005), at(0.995));
    (low, high.max(low + 1e-3))
}
