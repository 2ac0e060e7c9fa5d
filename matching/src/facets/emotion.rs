//! Emotion: standardised distance of valence, arousal and tension, each by how far it can be trusted.

use super::lanes::{Compared, LANES, Lanes, bell, joint};
use crate::{
    Descriptor,
    layout::{self as at, known},
    reference::EMOTION_SCALE,
};

pub(crate) const N_ROWS: usize = 5;

/// Squared reliability of valence, arousal and tension: what audio alone can tell of each.
const RELIABILITY: [f32; 3] = [0.35, 0.65, 0.30];

/// Rows: the three values in units in which the squared distance is a plain sum, confidence, method.
pub(crate) fn prepare(descriptor: &Descriptor, rows: &mut [f32]) {
    if !descriptor.knows(known::EMOTION) {
        return;
    }
    let facts = &descriptor.facts;
    let mut confidence = 0.0;
    for dimension in 0..3 {
        let value = facts[at::EMOTION_VALUE.start + dimension];
        rows[dimension] = value / EMOTION_SCALE[dimension] * RELIABILITY[dimension].sqrt();
        confidence += RELIABILITY[dimension] * facts[at::EMOTION_CONFIDENCE.start + dimension];
    }
    rows[3] = (confidence / RELIABILITY.iter().sum::<f32>()).clamp(0.0, 1.0);
    rows[4] = facts[at::EMOTION_METHOD];
}

/// A bell of the distance. Values of different methods tell nothing of each other: confidence 0.
#[inline(always)]
pub(crate) fn compare(a: &[Lanes], b: &[Lanes]) -> Compared {
    let mut raw = [0.0; LANES];
    for lane in 0..LANES {
        let [valence, arousal, tension] = [0, 1, 2].map(|dimension| {
            let difference = a[dimension][lane] - b[dimension][lane];
            difference * difference
        });
        raw[lane] = bell(valence + arousal + tension);
    }
    let mut confidence = joint(&a[3], &b[3]);
    for lane in 0..LANES {
        // Whole numbers below 2^24, so that they are equal or at least 1 apart.
        if (a[4][lane] - b[4][lane]).abs() > 0.5 {
            confidence[lane] = 0.0;
        }
    }
    Compared { raw, confidence }
}

/// "similar mood (valence 0.3 and 0.2, arousal 0.5 and 0.6)".
pub(crate) fn detail(a: &Descriptor, b: &Descriptor, percentile: f64) -> String {
    // Adding zero makes of −0.04, which rounds to −0.0, a plain 0.0.
    let value = |descriptor: &Descriptor, dimension: usize| {
        (descriptor.facts[at::EMOTION_VALUE.start + dimension] * 10.0).round() / 10.0 + 0.0
    };
    format!(
        "{} mood (valence {:.1} and {:.1}, arousal {:.1} and {:.1})",
        super::timbre::degree(percentile),
        value(a, 0),
        value(b, 0),
        value(a, 1),
        value(b, 1),
    )
}
