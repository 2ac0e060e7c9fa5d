//! Harmony: correlation of the pitch class profiles at the best of the twelve transpositions.

use super::lanes::{Compared, LANES, Lanes, enough, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
};

pub(crate) const N_ROWS: usize = 13;

/// Length of a prepared profile: integers, so that a dot product is exact and does not depend on the order
/// of its sum, which differs between the two directions of a rotation.
pub(crate) const PROFILE_LENGTH: f32 = 1024.0;
pub(crate) const CONFIDENCE: usize = 12;

/// Rows: the profile less its mean, confidence.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if !descriptor.knows(known::KEY) {
        return;
    }
    let facts = &descriptor.facts;
    let profile = &facts[at::KEY_PROFILE];
    let mean = profile.iter().sum::<f32>() / 12.0;
    let length = profile.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>().sqrt();
    if length <= f32::EPSILON {
        return;
    }
    for (row, value) in rows.iter_mut().zip(profile) {
        *row = ((value - mean) / length * PROFILE_LENGTH).round();
    }
    rows[CONFIDENCE] =
        (facts[at::KEY_CLARITY].clamp(0.0, 1.0) * enough(facts[at::DURATION_S])).sqrt();
}

/// Largest correlation over all transpositions.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let mut raw = [0.0_f32; LANES];
    for shift in 0..12 {
        let mut dot = [0.0; LANES];
        for class in 0..12 {
            let other = &b[(class + shift) % 12];
            for lane in 0..LANES {
                dot[lane] += a[class][lane] * other[lane];
            }
        }
        for lane in 0..LANES {
            raw[lane] = raw[lane].max(dot[lane]);
        }
    }
    for value in &mut raw {
        *value = (*value * (1.0 / (PROFILE_LENGTH * PROFILE_LENGTH))).clamp(0.0, 1.0);
    }
    Compared { raw, confidence: joint(&a[CONFIDENCE], &b[CONFIDENCE]) }
}

/// "similar harmony".
pub(crate) fn detail(percentile: f64) -> String {
    format!("{} harmony", super::timbre::degree(percentile))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(profile: [f32; 12]) -> [f32; N_ROWS] {
        let mut rows = [1.0; N_ROWS];
        let mean = profile.iter().sum::<f32>() / 12.0;
        let length = profile.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>().sqrt();
        for (row, value) in rows.iter_mut().zip(profile) {
            *row = ((value - mean) / length * PROFILE_LENGTH).round();
        }
        rows
    }

    fn check(a: [f32; 12], b: [f32; 12]) -> f32 {
        compare(&rows(a).map(|value| [value; LANES]), &rows(b).map(|value| [value; LANES])).raw[0]
    }

    const RAMP: [f32; 12] = [1.0, 0.3, 0.7, 0.1, 0.8, 0.5, 0.2, 0.9, 0.0, 0.6, 0.4, 0.35];

    #[test]
    fn does_not_hear_transposition() {
        for shift in 0..12 {
            let mut up = RAMP;
            up.rotate_right(shift);
            assert!(check(RAMP, up) > 0.999);
            assert_eq!(check(RAMP, up).to_bits(), check(up, RAMP).to_bits());
        }
    }

    #[test]
    fn hears_another_profile() {
        let mut one = [0.0; 12];
        one[0] = 1.0;
        assert!(check(RAMP, one) < 0.6);
    }
}
