//! Tempo: nearness of the candidates on a logarithmic scale, with octave and triplet relations.

use super::lanes::{Compared, LANES, Lanes, bell, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
};

pub(crate) const N_ROWS: usize = 5;

/// Width of the bell in octaves: 6 % apart gives about one half, the range of a pitch fader.
pub(crate) const WIDTH_OCTAVES: f32 = 0.07;
/// What double or half tempo costs, in octaves.
pub(crate) const OCTAVE_PENALTY: f32 = 0.02;
/// What 3 : 2 costs, in octaves.
pub(crate) const TRIPLET_PENALTY: f32 = 0.06;
/// log2(3/2).
pub(crate) const TRIPLET_OCTAVES: f32 = 0.584_962_5;

/// Rows: log2 bpm of the two strongest candidates, their strength relative to the first, confidence.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if !descriptor.knows(known::TEMPO) {
        return;
    }
    let facts = &descriptor.facts;
    let (bpm, strength) = (at::TEMPO_LOG2_BPM.start, at::TEMPO_STRENGTH.start);
    rows[0] = facts[bpm];
    rows[1] = facts[bpm + 1];
    rows[2] = 1.0;
    rows[3] = (facts[strength + 1] / facts[strength]).clamp(0.0, 1.0).sqrt();
    rows[4] = facts[at::TEMPO_CONFIDENCE].clamp(0.0, 1.0);
}

/// The best pair of candidates, weighted by how strong each is among its own.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let mut raw = [0.0_f32; LANES];
    for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for lane in 0..LANES {
            let octaves = (a[i][lane] - b[j][lane]).abs();
            let scaled = distance(octaves) * (1.0 / WIDTH_OCTAVES);
            let pair = bell(scaled * scaled) * (a[2 + i][lane] * b[2 + j][lane]);
            raw[lane] = raw[lane].max(pair);
        }
    }
    Compared { raw, confidence: joint(&a[4], &b[4]) }
}

/// [`compare`] for one pair.
#[inline(always)]
pub(crate) fn agreement(a: &[f32], b: &[f32]) -> f32 {
    let mut most = 0.0_f32;
    for i in 0..2 {
        for j in 0..2 {
            let scaled = distance((a[i] - b[j]).abs()) * (1.0 / WIDTH_OCTAVES);
            most = most.max(bell(scaled * scaled) * (a[2 + i] * b[2 + j]));
        }
    }
    most
}

/// Distance of two tempi whose ratio is `octaves`, allowing for relations that listeners forgive.
#[inline(always)]
pub(crate) fn distance(octaves: f32) -> f32 {
    octaves
        .min((octaves - 1.0).abs() + OCTAVE_PENALTY)
        .min((octaves - TRIPLET_OCTAVES).abs() + TRIPLET_PENALTY)
}

/// "124 and 126 BPM".
pub(crate) fn detail(a: &Descriptor, b: &Descriptor) -> String {
    let octaves = |descriptor: &Descriptor| descriptor.facts[at::TEMPO_LOG2_BPM.start];
    let (a, b) = (octaves(a), octaves(b));
    let apart = (a - b).abs();
    let relation = if distance(apart).to_bits() == apart.to_bits() {
        ""
    } else if apart > 0.8 {
        ", double time"
    } else {
        ", 3 against 2"
    };
    let (a, b) = (a.exp2().round(), b.exp2().round());
    if a.to_bits() == b.to_bits() {
        format!("both {a} BPM")
    } else {
        format!("{a} and {b} BPM{relation}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a_bpm: f32, b_bpm: f32) -> f32 {
        let rows = |bpm: f32| [bpm.log2(), 0.0, 1.0, 0.0, 1.0].map(|value| [value; LANES]);
        compare(&rows(a_bpm), &rows(b_bpm)).raw[0]
    }

    // Values of exp(-½(d/0.07)²) at the same distances, within what the longer tail allows.
    #[test]
    fn falls_to_about_a_half_at_six_percent() {
        assert!((check(120.0, 120.0) - 1.0).abs() < 1e-6);
        assert!((check(120.0, 123.6) - 0.83).abs() < 0.02);
        assert!((check(120.0, 127.2) - 0.48).abs() < 0.05);
        assert!(check(120.0, 160.0) < 0.05);
    }

    #[test]
    fn forgives_octaves_and_less_so_triplets() {
        assert!(check(70.0, 140.0) > 0.9);
        assert!((0.5..0.8).contains(&check(80.0, 120.0)));
        assert!(check(80.0, 120.0) > check(80.0, 105.0));
    }
}
