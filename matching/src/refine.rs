//! What one pair can score at most, from all that is compared, to within rounding.
//!
//! Scoring a pair to the last bit costs some thousand instructions, most of them spent on bringing it side by side with
//! others. Here a pair is taken as it lies, in any order of sums that is quick, and what that may make of it is allowed for.

use crate::{
    Purpose,
    exact::n_shared,
    facet::{Facet, N_FACETS},
    facets::{energy, harmony, lanes::bell, rhythm, tags, tempo, timbre},
    items::Side,
    pooling,
    prepared::rows,
    reference::{self, Tables},
    sketch::UNITS,
};
use multiversion::multiversion;

/// Numbers that are summed side by side.
const WIDTH: usize = 16;
/// What single precision and another order of sums may make of an agreement, many times over.
const ROUNDING: f32 = 1e-5;

/// Ceilings of pairs for one purpose.
#[derive(Debug, Clone)]
pub(crate) struct Refiner {
    weights: [f32; N_FACETS],
    tables: &'static Tables,
}

impl Refiner {
    /// `None` for a purpose for which the key counts: it is not compared here.
    pub(crate) fn new(purpose: Purpose) -> Option<Self> {
        let weights = pooling::weights(purpose).map(|weight| weight as f32);
        let is_told = weights[Facet::Key as usize] <= 0.0;
        is_told.then(|| Self { weights, tables: reference::tables() })
    }

    /// The most evidence of a pair of one analysis version before the gain, in units of sketches; negative infinity where
    /// nothing compares.
    pub(crate) fn most(&self, one: &Side<'_>, other: &Side<'_>) -> f32 {
        most(self, one, other)
    }
}

#[multiversion(targets = "simd")]
fn most(refiner: &Refiner, one: &Side<'_>, other: &Side<'_>) -> f32 {
    let mut pool = Pool { refiner, sum: 0.0, total: 0.0 };
    let row = |facet: Facet| (&one.rows[rows(facet)], &other.rows[rows(facet)]);
    let square = |apart: f32| apart * apart;

    let (a, b) = row(Facet::Tempo);
    pool.add(Facet::Tempo, tempo::agreement(a, b), a[4] * b[4]);
    let (a, b) = row(Facet::Timbre);
    let confidence = a[timbre::CONFIDENCE] * b[timbre::CONFIDENCE];
    pool.add(Facet::Timbre, timbre::agreement(squared_distance(a, b)), confidence);
    let (a, b) = row(Facet::Harmony);
    let confidence = a[harmony::CONFIDENCE] * b[harmony::CONFIDENCE];
    let one_squared = harmony::PROFILE_LENGTH * harmony::PROFILE_LENGTH;
    pool.add(Facet::Harmony, largest_product(a, b) * (1.0 / one_squared), confidence);
    let (a, b) = row(Facet::Rhythm);
    let confidence = a[rhythm::CONFIDENCE] * b[rhythm::CONFIDENCE];
    let bell_of = |place: usize, width: f32| bell(square((a[place] - b[place]) * (1.0 / width)));
    let mixed = rhythm::SHARES[0] * product(a, b)
        + rhythm::SHARES[1] * bell_of(rhythm::ONSET_RATE, rhythm::RATE_WIDTH_OCTAVES)
        + rhythm::SHARES[2] * bell_of(rhythm::PULSE_CLARITY, rhythm::CLARITY_WIDTH);
    pool.add(Facet::Rhythm, mixed, confidence);
    let (a, b) = row(Facet::Energy);
    pool.add(Facet::Energy, bell(square((a[0] - b[0]) * (1.0 / energy::WIDTH))), a[1] * b[1]);
    let (a, b) = row(Facet::Emotion);
    let confidence = if (a[4] - b[4]).abs() > 0.5 { 0.0 } else { a[3] * b[3] };
    let squared = square(a[0] - b[0]) + square(a[1] - b[1]) + square(a[2] - b[2]);
    pool.add(Facet::Emotion, bell(squared), confidence);
    if one.n_words > 0 && other.n_words > 0 {
        let n_shared = n_shared(one.words, other.words);
        let n_all = one.n_words + other.n_words - n_shared;
        pool.add(Facet::Tags, tags::overlap(n_shared, n_all), 1.0);
    }
    if let (Some(one), Some(other)) = (one.direction, other.direction)
        && one.is_comparable(other)
    {
        pool.add(Facet::Embedding, one.percentile(other), 1.0);
    }
    if pool.total > 0.0 { pool.sum / pool.total * UNITS + 0.1 } else { f32::NEG_INFINITY }
}

/// Evidence, as far as it has been summed up.
struct Pool<'a> {
    refiner: &'a Refiner,
    sum: f32,
    total: f32,
}

impl Pool<'_> {
    /// Adds a facet with the product of both sides' confidences.
    #[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
    #[inline(always)]
    fn add(&mut self, facet: Facet, raw: f32, confidences: f32) {
        let share = self.refiner.weights[facet as usize] * confidences.sqrt();
        let raw = (raw * (1.0 + ROUNDING) + ROUNDING).clamp(0.0, 1.0);
        self.sum += share * reference::evidence(&self.refiner.tables[facet as usize], raw);
        self.total += share;
    }
}

#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; WIDTH];
    for (a, b) in a.as_chunks::<WIDTH>().0.iter().zip(b.as_chunks::<WIDTH>().0) {
        for lane in 0..WIDTH {
            let apart = a[lane] - b[lane];
            sums[lane] += apart * apart;
        }
    }
    sum(sums)
}

#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; WIDTH];
    for (a, b) in a.as_chunks::<WIDTH>().0.iter().zip(b.as_chunks::<WIDTH>().0) {
        for lane in 0..WIDTH {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sum(sums)
}

/// The largest product of two profiles over all transpositions.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn largest_product(a: &[f32], b: &[f32]) -> f32 {
    // The profile of the other twice in a row; four transpositions come twice.
    let twice: [f32; 28] = std::array::from_fn(|place| b[place % 12]);
    let mut turned = [0.0_f32; WIDTH];
    for class in 0..12 {
        for lane in 0..WIDTH {
            turned[lane] += a[class] * twice[class + lane];
        }
    }
    let mut width = WIDTH;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            turned[lane] = turned[lane].max(turned[lane + width]);
        }
    }
    turned[0]
}

/// The sum, by halves.
#[expect(clippy::inline_always, reason = "compiled for the instructions of its caller")]
#[inline(always)]
fn sum(mut values: [f32; WIDTH]) -> f32 {
    let mut width = WIDTH;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            values[lane] += values[lane + width];
        }
    }
    values[0]
}
