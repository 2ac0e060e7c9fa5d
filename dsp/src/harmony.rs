//! Harmonic change: how far the tonal centroid moves.

use std::sync::LazyLock;

use crate::key::Classes;

/// Radii of the circles of fifths, minor thirds and major thirds (Harte, Sandler & Gasser 2006).
const RADII: [f64; 3] = [1.0, 1.0, 0.5];
/// Turn on each circle per semitone.
const TURNS: [f64; 3] = [7.0 / 12.0, 3.0 / 4.0, 1.0 / 3.0];

/// Each pitch class on the circles, sine before cosine.
static PLACES: LazyLock<[[f64; 6]; 12]> = LazyLock::new(|| {
    std::array::from_fn(|class| {
        std::array::from_fn(|i| {
            let (sin, cos) = (std::f64::consts::TAU * class as f64 * TURNS[i / 2]).sin_cos();
            RADII[i / 2] * if i % 2 == 0 { sin } else { cos }
        })
    })
});

/// Mean distance between the tonal centroids of successive blocks, `>= 0`; 0 for one chord throughout.
///
/// # Source
///
/// Harte, Sandler & Gasser (2006), "Detecting harmonic change in musical audio", eq. 1 and 2.
pub(crate) fn harmonic_change(blocks: &[Classes]) -> f64 {
    let centroids: Vec<[f64; 6]> =
        blocks.iter().filter(|b| b.iter().sum::<f64>() > 0.0).map(tonal_centroid).collect();
    let steps = centroids.windows(2).map(|pair| {
        pair[0].iter().zip(&pair[1]).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    });
    let n = centroids.len().saturating_sub(1);
    if n > 0 { steps.sum::<f64>() / n as f64 } else { 0.0 }
}

/// Centre of gravity of a profile on the three circles, sine before cosine; the centre itself for silence.
pub(crate) fn tonal_centroid(classes: &Classes) -> [f64; 6] {
    let total: f64 = classes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let mut centroid = [0.0; 6];
    for (strength, place) in classes.iter().zip(&*PLACES) {
        for (sum, coordinate) in centroid.iter_mut().zip(place) {
            *sum += coordinate * strength / total;
        }
    }
    centroid
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A single pitch class.
    fn note(class: usize) -> Classes {
        std::array::from_fn(|i| f64::from(u8::from(i == class)))
    }

    #[test]
    fn one_chord_does_not_change() {
        assert!(harmonic_change(&[note(3); 8]).abs() < 1e-12);
        assert!(harmonic_change(&[]).abs() < 1e-12);
        assert!(harmonic_change(&[note(3), [0.0; 12], note(3)]).abs() < 1e-12);
    }

    #[test]
    fn fifth_is_nearer_than_semitone() {
        let fifth = harmonic_change(&[note(0), note(7)]);
        let semitone = harmonic_change(&[note(0), note(1)]);
        assert!(fifth < semitone, "{fifth} {semitone}");
    }
}
