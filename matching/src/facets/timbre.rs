//! Timbre: distance of standardised spectral statistics.

use super::lanes::{Compared, LANES, Lanes, enough, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
    reference::TIMBRE,
};

/// Dimensions of the timbre vector.
pub(crate) const N_DIMENSIONS: usize = 64;
pub(crate) const N_ROWS: usize = N_DIMENSIONS + 1;
/// Where the confidence is.
pub(crate) const CONFIDENCE: usize = N_DIMENSIONS;

/// What each statistic counts, in the order of [`vector`].
///
/// Half of a difference counts in what a codec, a noise floor or a room changes more than an instrument does: depths of
/// the valleys between partials, flatness, zero crossings, and how the widths of the spectrum vary.
const WEIGHTS: [f32; N_DIMENSIONS] = {
    let mut weights = [1.0; N_DIMENSIONS];
    let mut index = 38;
    while index < N_DIMENSIONS - 2 {
        weights[index] = 0.5;
        index += 1;
    }
    // Centroid, bandwidth and roll-off themselves.
    weights[52] = 1.0;
    weights[54] = 1.0;
    weights[56] = 1.0;
    weights
};
/// Sum of their squares: what a vector that is one deviation off in everything has for a squared length.
const SQUARED_WEIGHTS: f32 = {
    let (mut sum, mut index) = (0.0, 0);
    while index < N_DIMENSIONS {
        sum += WEIGHTS[index] * WEIGHTS[index];
        index += 1;
    }
    sum
};

/// Mean squared difference at which agreement is one half.
const HALF_AT: f32 = 0.25;
/// Standardised values are held within this, so that one odd statistic does not decide alone.
const LIMIT: f32 = 3.0;

/// Rows: the standardised vector, confidence.
///
/// What lies near the middle of all recordings would be near to everybody, a *hub*, in so many dimensions
/// (Radovanović, Nanopoulos, Ivanović, JMLR 11, 2010). So every vector is drawn in by the root of one and its mean squared
/// value: the far ones come nearer to each other than the near ones do, and the order along any one direction stays.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if !descriptor.knows(known::SPECTRAL) {
        return;
    }
    let vector = vector(descriptor);
    let mut squared = 0.0;
    for (((row, value), (mean, scale)), weight) in
        rows.iter_mut().zip(vector).zip(TIMBRE).zip(WEIGHTS)
    {
        *row = weight * ((value - mean) / scale).clamp(-LIMIT, LIMIT);
        squared += *row * *row;
    }
    let length = (1.0 + squared / SQUARED_WEIGHTS).sqrt();
    rows[..N_DIMENSIONS].iter_mut().for_each(|row| *row /= length);
    rows[CONFIDENCE] = enough(descriptor.facts[at::DURATION_S]);
}

/// The statistics before standardising.
///
/// Left out are the level (the first MFCC): it is a matter of mastering, and of the energy facet.
pub(crate) fn vector(descriptor: &Descriptor) -> [f32; N_DIMENSIONS] {
    let facts = &descriptor.facts;
    let mut vector = [0.0; N_DIMENSIONS];
    let mut next = 0;
    let mut push = |value: f32| {
        vector[next] = value;
        next += 1;
    };
    facts[at::MFCC_MEAN].iter().skip(1).for_each(|&mean| push(mean));
    facts[at::MFCC_STD].iter().skip(1).for_each(|&std| push(std));
    facts[at::CONTRAST_MEAN_DB].iter().for_each(|&mean| push(mean));
    facts[at::CONTRAST_STD_DB].iter().for_each(|&std| push(std));
    for offset in
        [at::CENTROID_HZ, at::BANDWIDTH_HZ, at::ROLLOFF_HZ, at::FLATNESS, at::ZERO_CROSSING_RATE]
    {
        // Logarithms, because these are heard as ratios.
        push(facts[offset].max(1e-6).ln());
        push((facts[offset + 1].max(1e-6) / facts[offset].max(1e-6)).ln());
    }
    push(facts[at::FLUX_DB]);
    push(facts[at::FLUX_DB + 1]);
    vector
}

/// `1 / (1 + d² / HALF_AT)` with the mean squared difference `d²`.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let mut sum = [0.0; LANES];
    for dimension in 0..N_DIMENSIONS {
        for lane in 0..LANES {
            let difference = a[dimension][lane] - b[dimension][lane];
            sum[lane] += difference * difference;
        }
    }
    let mut raw = [0.0; LANES];
    for lane in 0..LANES {
        raw[lane] = agreement(sum[lane]);
    }
    Compared { raw, confidence: joint(&a[CONFIDENCE], &b[CONFIDENCE]) }
}

/// Agreement at a squared distance of two vectors.
#[inline(always)]
pub(crate) fn agreement(squared: f32) -> f32 {
    1.0 / (1.0 + squared * (1.0 / (SQUARED_WEIGHTS * HALF_AT)))
}

/// "very similar timbre".
pub(crate) fn detail(percentile: f64) -> String {
    format!("{} timbre", degree(percentile))
}

/// A word for a percentile.
pub(crate) fn degree(percentile: f64) -> &'static str {
    match percentile {
        0.9.. => "very similar",
        0.6.. => "similar",
        0.4.. => "somewhat similar",
        _ => "different",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_at_no_distance_and_a_half_where_stated() {
        let zero = [[0.0; LANES]; N_ROWS];
        let value = (HALF_AT * SQUARED_WEIGHTS / N_DIMENSIONS as f32).sqrt();
        let apart = [[value; LANES]; N_ROWS];
        assert!((compare(&zero, &zero).raw[0] - 1.0).abs() < 1e-6);
        assert!((compare(&zero, &apart).raw[0] - 0.5).abs() < 1e-4);
    }

    #[test]
    fn weighs_what_codecs_change_by_a_half() {
        // 38 of MFCC, centroid, bandwidth, roll-off and two of flux count in full.
        assert_eq!(WEIGHTS.iter().filter(|&&weight| weight > 0.75).count(), 43);
        assert!(WEIGHTS[38..52].iter().all(|&weight| weight < 0.75));
        assert!(WEIGHTS[62..].iter().all(|&weight| weight > 0.75));
        assert!((SQUARED_WEIGHTS - 48.25).abs() < 1e-6);
    }
}
