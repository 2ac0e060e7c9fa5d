//! Key: relation of the key candidates on the circle of fifths; where keys are uncertain, how well the
//! pitch classes themselves go together.

use super::lanes::{Compared, LANES, Lanes, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
    tonality::{self, Relation, relation},
};

pub(crate) const N_ROWS: usize = 20;

const NUMBERS: usize = 0;
const SHARES: usize = 3;
const PROFILE: usize = 6;
const CONFIDENCE: usize = 18;
const CLARITY: usize = 19;

/// Length of a prepared profile: integers, so that a dot product is exact and does not depend on the order
/// of its sum, which differs between the two directions of a rotation.
const PROFILE_LENGTH: f32 = 1024.0;
/// What each semitone of transposition costs.
const SEMITONE_COST: f32 = 0.94;
/// Cosine of two profiles that have nothing in common: all entries are positive.
const COSINE_FLOOR: f32 = 0.5;

const N_KEYS: usize = 24;

/// Agreement of two keys, common practice among DJs; the values are proposals, the order is not.
const AGREEMENT: [[f32; N_KEYS]; N_KEYS] = {
    let mut table = [[0.0; N_KEYS]; N_KEYS];
    let mut a = 0;
    while a < N_KEYS {
        let mut b = 0;
        while b < N_KEYS {
            table[a][b] = agreement(relation(a as u8, b as u8));
            b += 1;
        }
        a += 1;
    }
    table
};

pub(crate) const fn agreement(relation: Relation) -> f32 {
    match relation {
        Relation::Same => 1.0,
        Relation::Neighbour => 0.9,
        Relation::Relative => 0.85,
        Relation::Diagonal => 0.6,
        Relation::TwoSteps => 0.5,
        Relation::Parallel => 0.45,
        Relation::Semitone => 0.35,
        Relation::Tritone => 0.05,
        Relation::Other => 0.2,
    }
}

/// Rows: three key numbers and their shares, the profile, confidence, clarity.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if !descriptor.knows(known::KEY) {
        return;
    }
    let facts = &descriptor.facts;
    let sum: f32 = facts[at::KEY_STRENGTH].iter().map(|strength| strength.max(0.0)).sum();
    for index in 0..3 {
        rows[NUMBERS + index] = facts[at::KEY_NUMBER.start + index].clamp(0.0, 23.0).round();
        rows[SHARES + index] = facts[at::KEY_STRENGTH.start + index].max(0.0) / sum;
    }
    let profile = &facts[at::KEY_PROFILE];
    let length = profile.iter().map(|value| value * value).sum::<f32>().sqrt();
    for (row, value) in rows[PROFILE..CONFIDENCE].iter_mut().zip(profile) {
        *row = (value / length.max(f32::MIN_POSITIVE) * PROFILE_LENGTH).round();
    }
    rows[CONFIDENCE] = facts[at::KEY_CONFIDENCE].clamp(0.0, 1.0);
    rows[CLARITY] = facts[at::KEY_CLARITY].clamp(0.0, 1.0);
}

/// `c · wheel + (1 − c) · pitch classes`, where `c` is the joint confidence in the keys.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let wheel = wheel(a, b);
    let classes = pitch_classes(a, b);
    let confidence = joint(&a[CONFIDENCE], &b[CONFIDENCE]);
    let clarity = joint(&a[CLARITY], &b[CLARITY]);
    let mut compared = Compared::ABSENT;
    for lane in 0..LANES {
        let c = confidence[lane];
        compared.raw[lane] = c * wheel[lane] + (1.0 - c) * classes[lane];
        // Pitch classes alone are half as good an answer as a key.
        compared.confidence[lane] = c + (1.0 - c) * 0.5 * clarity[lane];
    }
    compared
}

/// Expected agreement over both lists of candidates.
#[inline(always)]
fn wheel(a: &[Lanes], b: &[Lanes]) -> Lanes {
    let mut wheel = [0.0; LANES];
    for lane in 0..LANES {
        let pair = |i: usize, j: usize| {
            let row = &AGREEMENT[(a[NUMBERS + i][lane] as usize).min(N_KEYS - 1)];
            let agreement = row[(b[NUMBERS + j][lane] as usize).min(N_KEYS - 1)];
            agreement * (a[SHARES + i][lane] * b[SHARES + j][lane])
        };
        // Mirror images are summed first: the same bits in both directions.
        wheel[lane] = (pair(0, 0) + pair(1, 1) + pair(2, 2))
            + ((pair(0, 1) + pair(1, 0)) + (pair(0, 2) + pair(2, 0)) + (pair(1, 2) + pair(2, 1)));
    }
    wheel
}

/// Cosine of the profiles, transposed by up to two semitones at a price, from its floor to 1.
#[inline(always)]
fn pitch_classes(a: &[Lanes], b: &[Lanes]) -> Lanes {
    let mut best = [0.0_f32; LANES];
    for (shift, cost) in [
        (0, 1.0),
        (1, SEMITONE_COST),
        (11, SEMITONE_COST),
        (2, SEMITONE_COST * SEMITONE_COST),
        (10, SEMITONE_COST * SEMITONE_COST),
    ] {
        let mut dot = [0.0; LANES];
        for class in 0..12 {
            let other = &b[PROFILE + (class + shift) % 12];
            for lane in 0..LANES {
                dot[lane] += a[PROFILE + class][lane] * other[lane];
            }
        }
        for lane in 0..LANES {
            best[lane] = best[lane].max(dot[lane] * cost);
        }
    }
    for value in &mut best {
        let cosine = *value * (1.0 / (PROFILE_LENGTH * PROFILE_LENGTH));
        *value = ((cosine - COSINE_FLOOR) * (1.0 / (1.0 - COSINE_FLOOR))).clamp(0.0, 1.0);
    }
    best
}

/// "F# minor next to C# minor on the wheel".
pub(crate) fn detail(a: &Descriptor, b: &Descriptor) -> String {
    let number = |descriptor: &Descriptor| descriptor.facts[at::KEY_NUMBER.start] as u8;
    let (a, b) = (number(a), number(b));
    let (first, second) = (tonality::name(a), tonality::name(b));
    match relation(a, b) {
        Relation::Same => format!("both in {first}"),
        Relation::Neighbour => format!("{first} next to {second} on the wheel"),
        Relation::Relative => format!("{first} and its relative {second}"),
        Relation::Diagonal => format!("{first} diagonal to {second} on the wheel"),
        Relation::TwoSteps => format!("{first} two steps from {second} on the wheel"),
        Relation::Parallel => format!("{first} and its parallel {second}"),
        Relation::Semitone => format!("{first} a semitone from {second}"),
        Relation::Tritone => format!("{first} opposite {second} on the wheel"),
        Relation::Other => format!("{first} and {second}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(key: u8, confidence: f32, profile: [f32; 12]) -> [f32; N_ROWS] {
        let mut rows = [0.0; N_ROWS];
        rows[NUMBERS] = f32::from(key);
        rows[SHARES] = 1.0;
        rows[CONFIDENCE] = confidence;
        rows[CLARITY] = 1.0;
        let length = profile.iter().map(|v| v * v).sum::<f32>().sqrt();
        for (row, value) in rows[PROFILE..CONFIDENCE].iter_mut().zip(profile) {
            *row = (value / length * PROFILE_LENGTH).round();
        }
        rows
    }

    fn check(a: &[f32; N_ROWS], b: &[f32; N_ROWS]) -> f32 {
        compare(&a.map(|value| [value; LANES]), &b.map(|value| [value; LANES])).raw[0]
    }

    const TRIAD: [f32; 12] = [1.0, 0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0];

    #[test]
    fn certain_keys_score_as_the_wheel_has_it() {
        let c = rows(0, 1.0, TRIAD);
        assert!((check(&c, &rows(7, 1.0, TRIAD)) - 0.9).abs() < 1e-6);
        assert!((check(&c, &rows(21, 1.0, TRIAD)) - 0.85).abs() < 1e-6);
        assert!((check(&c, &rows(6, 1.0, TRIAD)) - 0.05).abs() < 1e-6);
    }

    #[test]
    fn uncertain_keys_score_by_their_pitch_classes() {
        let mut up = TRIAD;
        up.rotate_right(1);
        let c = rows(0, 0.0, TRIAD);
        assert!((check(&c, &rows(6, 0.0, TRIAD)) - 1.0).abs() < 0.01);
        // One semitone: the cosine 1 at its price 0.94.
        assert!((check(&c, &rows(6, 0.0, up)) - 0.88).abs() < 0.01);
    }

    #[test]
    fn is_the_same_in_both_directions_bit_for_bit() {
        let ramp = std::array::from_fn(|class| 0.1 + (class * class % 7) as f32);
        let (a, b) = (rows(3, 0.3, TRIAD), rows(17, 0.7, ramp));
        assert_eq!(check(&a, &b).to_bits(), check(&b, &a).to_bits());
    }
}
