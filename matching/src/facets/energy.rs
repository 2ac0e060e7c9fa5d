//! Energy: how much is going on, and how loud, as one number.

use super::lanes::{Compared, LANES, Lanes, bell, enough, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
    reference::ENERGY,
};

pub(crate) const N_ROWS: usize = 2;

/// Difference at one width of the bell.
pub(crate) const WIDTH: f32 = 0.2;

/// Rows: energy, confidence.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if let Some(energy) = energy(descriptor) {
        rows[0] = energy;
        rows[1] = enough(descriptor.facts[at::DURATION_S]);
    }
}

/// Energy, 0 to 1: mean of the places of its signs in the reference population.
///
/// The signs are loudness, onset rate, spectral flux and brightness. Loudness alone is a matter of mastering.
pub(crate) fn energy(descriptor: &Descriptor) -> Option<f32> {
    let signs = signs(descriptor);
    let mut places = signs.iter().zip(ENERGY).filter_map(|(sign, (mean, scale))| {
        let z = ((*sign)? - mean) / scale;
        // A logistic curve through the middle of the population: 1.702 makes it nearly its normal one.
        Some(1.0 / (1.0 + (-1.702 * z).exp()))
    });
    let first = places.next()?;
    let (sum, n) = places.fold((first, 1.0), |(sum, n), place| (sum + place, n + 1.0));
    Some(sum / n)
}

/// Loudness in LUFS, log2 of onsets per second, flux in dB, natural logarithm of the centroid in Hz.
pub(crate) fn signs(descriptor: &Descriptor) -> [Option<f32>; 4] {
    let facts = &descriptor.facts;
    let when = |group: u32, value: f32| descriptor.knows(group).then_some(value);
    [
        when(known::SHORT_TERM, facts[at::LOUDNESS_MEDIAN_LUFS])
            .or(when(known::LOUDNESS, facts[at::LOUDNESS_INTEGRATED_LUFS])),
        when(known::RHYTHM, facts[at::RHYTHM_ONSET_RATE_HZ].max(0.05).log2()),
        when(known::SPECTRAL, facts[at::FLUX_DB]),
        when(known::SPECTRAL, facts[at::CENTROID_HZ].max(1.0).ln()),
    ]
}

/// A bell of the difference.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let mut raw = [0.0; LANES];
    for lane in 0..LANES {
        let scaled = (a[0][lane] - b[0][lane]) * (1.0 / WIDTH);
        raw[lane] = bell(scaled * scaled);
    }
    Compared { raw, confidence: joint(&a[1], &b[1]) }
}

/// "similar energy (0.61 and 0.58)".
pub(crate) fn detail(a: &Descriptor, b: &Descriptor, percentile: f64) -> String {
    let value = |descriptor: &Descriptor| energy(descriptor).unwrap_or_default();
    let degree = super::timbre::degree(percentile);
    format!("{degree} energy ({:.2} and {:.2})", value(a), value(b))
}
