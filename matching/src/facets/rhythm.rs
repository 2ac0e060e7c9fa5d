//! Rhythm: affinity of the onset patterns within a beat, and nearness of the onset rates.

use super::lanes::{Compared, LANES, Lanes, bell, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
};

pub(crate) const N_ROWS: usize = 51;

pub(crate) const N_BINS: usize = dsp::RHYTHM_PATTERN_BINS;
pub(crate) const ONSET_RATE: usize = N_BINS;
pub(crate) const PULSE_CLARITY: usize = N_BINS + 1;
pub(crate) const CONFIDENCE: usize = N_BINS + 2;

/// Difference of the onset rates, in octaves, at one width of the bell.
pub(crate) const RATE_WIDTH_OCTAVES: f32 = 0.5;
/// Difference of the pulse clarities at one width of the bell.
pub(crate) const CLARITY_WIDTH: f32 = 0.25;
/// Shares of the pattern, the onset rate and the pulse clarity.
pub(crate) const SHARES: [f32; 3] = [0.6, 0.25, 0.15];

/// Rows: square roots of the pattern, log2 of the onset rate, pulse clarity, confidence.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if !descriptor.knows(known::RHYTHM) {
        return;
    }
    let facts = &descriptor.facts;
    let pattern = &facts[at::RHYTHM_PATTERN];
    let sum: f32 = pattern.iter().map(|value| value.max(0.0)).sum();
    for (row, value) in rows.iter_mut().zip(pattern) {
        *row = (value.max(0.0) / sum.max(f32::MIN_POSITIVE)).sqrt();
    }
    rows[ONSET_RATE] = facts[at::RHYTHM_ONSET_RATE_HZ].max(0.05).log2();
    rows[PULSE_CLARITY] = facts[at::RHYTHM_PULSE_CLARITY];
    rows[CONFIDENCE] = facts[at::RHYTHM_CONFIDENCE].clamp(0.0, 1.0);
}

/// Bhattacharyya affinity of the patterns, mixed with the bells of the other two differences.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let mut affinity = [0.0; LANES];
    for bin in 0..N_BINS {
        for lane in 0..LANES {
            affinity[lane] += a[bin][lane] * b[bin][lane];
        }
    }
    let mut raw = [0.0; LANES];
    for lane in 0..LANES {
        let rate = (a[ONSET_RATE][lane] - b[ONSET_RATE][lane]) * (1.0 / RATE_WIDTH_OCTAVES);
        let clarity = (a[PULSE_CLARITY][lane] - b[PULSE_CLARITY][lane]) * (1.0 / CLARITY_WIDTH);
        let mixed = SHARES[0] * affinity[lane]
            + SHARES[1] * bell(rate * rate)
            + SHARES[2] * bell(clarity * clarity);
        raw[lane] = mixed.clamp(0.0, 1.0);
    }
    Compared { raw, confidence: joint(&a[CONFIDENCE], &b[CONFIDENCE]) }
}

/// "similar rhythm (2.1 and 2.3 onsets a second)".
pub(crate) fn detail(a: &Descriptor, b: &Descriptor, percentile: f64) -> String {
    let rate = |descriptor: &Descriptor| descriptor.facts[at::RHYTHM_ONSET_RATE_HZ];
    let degree = super::timbre::degree(percentile);
    format!("{degree} rhythm ({:.1} and {:.1} onsets a second)", rate(a), rate(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &[f32; N_ROWS], b: &[f32; N_ROWS]) -> f32 {
        compare(&a.map(|value| [value; LANES]), &b.map(|value| [value; LANES])).raw[0]
    }

    #[test]
    fn is_one_for_the_same_rhythm_and_less_for_another() {
        let mut on = [0.0; N_ROWS];
        on[0] = 1.0;
        let mut off = on;
        off.swap(0, 8);
        assert!((check(&on, &on) - 1.0).abs() < 1e-6);
        // The rate and the clarity still agree.
        assert!((check(&on, &off) - (SHARES[1] + SHARES[2])).abs() < 1e-6);
    }
}
