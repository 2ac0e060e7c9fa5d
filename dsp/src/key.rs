//! Key of a pitch class profile: correlation with key profiles.

use crate::analysis::{KeyCandidate, Mode};
use crate::profiles::{ALBRECHT, BGATE, EDMA, TEMPERLEY};

/// Pearson correlation of a profile with all 24 keys (major C to B, then minor), averaged over an
/// ensemble of profiles so that no single corpus decides.
pub(crate) fn correlations(profile: &[f64; 12]) -> [f64; 24] {
    let ensemble = [ALBRECHT, BGATE, EDMA, TEMPERLEY];
    let mut result = [0.0; 24];
    for profiles in &ensemble {
        for (mode, template) in profiles.iter().enumerate() {
            for tonic in 0..12 {
                let rotated: [f64; 12] = std::array::from_fn(|i| profile[(i + tonic) % 12]);
                result[mode * 12 + tonic] += pearson(&rotated, template) / ensemble.len() as f64;
            }
        }
    }
    result
}

/// Pearson correlation; 0 when either side is constant.
pub(crate) fn pearson(x: &[f64; 12], y: &[f64; 12]) -> f64 {
    let (mx, my) = (x.iter().sum::<f64>() / 12.0, y.iter().sum::<f64>() / 12.0);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in x.iter().zip(y) {
        xy += (a - mx) * (b - my);
        xx += (a - mx) * (a - mx);
        yy += (b - my) * (b - my);
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

/// The three best keys with strengths that sum to 1.
pub(crate) fn candidates(scores: &[f64; 24]) -> Vec<KeyCandidate> {
    let mut order: Vec<usize> = (0..24).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order.truncate(3);
    let weight = |i: usize| (10.0 * (scores[i] - scores[order[0]])).exp();
    let total: f64 = order.iter().map(|&i| weight(i)).sum();
    order
        .iter()
        .map(|&i| KeyCandidate {
            tonic: (i % 12) as u8,
            mode: if i < 12 { Mode::Major } else { Mode::Minor },
            strength: weight(i) / total,
        })
        .collect()
}
