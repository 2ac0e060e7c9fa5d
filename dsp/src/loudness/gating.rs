//! Gated loudness and loudness range from the energies of short blocks.

use crate::scale::{lufs_to_mean_square, mean_square_to_lufs};

/// Absolute gate, LUFS (BS.1770-5, annex 1, equation 5).
pub const ABSOLUTE_GATE_LUFS: f64 = -70.0;
/// Relative gate of the integrated loudness, LU (BS.1770-5, annex 1, equation 6).
const RELATIVE_GATE_LU: f64 = -10.0;
/// Relative gate of the loudness range, LU (EBU Tech 3342, section 2.2).
const RANGE_GATE_LU: f64 = -20.0;
/// Percentiles between which the range lies (EBU Tech 3342, section 2.2).
const RANGE_PERCENTILES: [f64; 2] = [0.10, 0.95];

/// Gated loudness of a programme.
///
/// # Shapes and units
///
/// | name | shape | unit |
/// | --- | --- | --- |
/// | `blocks` | `[n]`, windows of 400 ms every 100 ms | weighted mean square |
/// | result | scalar | LUFS; `None` if no block passes the absolute gate |
///
/// # Source
///
/// ITU-R BS.1770-5, annex 1, equations 3 to 7.
///
/// # Examples
///
/// ```
/// use dsp::{loudness::gating::integrated_lufs, scale::lufs_to_mean_square};
/// // The quiet block is more than 10 LU below the rest, so it does not count.
/// let blocks = [lufs_to_mean_square(-23.0), lufs_to_mean_square(-60.0)];
/// assert!((integrated_lufs(blocks).unwrap() - -23.0).abs() < 1e-9);
/// assert_eq!(integrated_lufs([0.0]), None);
/// ```
pub fn integrated_lufs<I: IntoIterator<Item = f64, IntoIter: Clone>>(blocks: I) -> Option<f64> {
    let blocks = blocks.into_iter();
    let absolute = lufs_to_mean_square(ABSOLUTE_GATE_LUFS);
    let loud = mean(blocks.clone().filter(|&energy| energy > absolute))?;
    let gate = absolute.max(relative_gate(loud, RELATIVE_GATE_LU));
    mean(blocks.filter(|&energy| energy > gate)).map(mean_square_to_lufs)
}

/// Loudness range of a programme.
///
/// # Shapes and units
///
/// | name | shape | unit |
/// | --- | --- | --- |
/// | `blocks` | `[n]`, windows of 3 s every 100 ms | weighted mean square |
/// | result | scalar | LU, >= 0; `None` if no block passes the absolute gate |
///
/// # Source
///
/// EBU Tech 3342 (2023), section 2.2: distance between the 10th and the 95th percentile of the gated
/// short-term loudness, nearest rank.
pub fn range_lu<I: IntoIterator<Item = f64, IntoIter: Clone>>(blocks: I) -> Option<f64> {
    let blocks = blocks.into_iter();
    let absolute = lufs_to_mean_square(ABSOLUTE_GATE_LUFS);
    let loud = mean(blocks.clone().filter(|&energy| energy > absolute))?;
    let gate = absolute.max(relative_gate(loud, RANGE_GATE_LU));
    let sorted = sorted_above(blocks, gate);
    let [low, high] = RANGE_PERCENTILES.map(|share| nearest_rank(&sorted, share));
    Some(mean_square_to_lufs(high?) - mean_square_to_lufs(low?))
}

/// Median loudness of the blocks above the absolute gate, LUFS; `None` if there are none.
pub fn median_lufs(blocks: impl IntoIterator<Item = f64>) -> Option<f64> {
    let sorted = sorted_above(blocks, lufs_to_mean_square(ABSOLUTE_GATE_LUFS));
    nearest_rank(&sorted, 0.5).map(mean_square_to_lufs)
}

fn relative_gate(energy: f64, gate_lu: f64) -> f64 {
    lufs_to_mean_square(mean_square_to_lufs(energy) + gate_lu)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0usize), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / n as f64)
}

fn sorted_above(blocks: impl IntoIterator<Item = f64>, gate: f64) -> Vec<f64> {
    let mut sorted: Vec<f64> = blocks.into_iter().filter(|&energy| energy > gate).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

fn nearest_rank(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    Some(sorted[(last as f64 * share).round() as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_above_the_gate_is_none() {
        let quiet = lufs_to_mean_square(-70.1);
        assert_eq!(integrated_lufs([]), None);
        assert_eq!(integrated_lufs([quiet]), None);
        assert_eq!(range_lu([quiet]), None);
        assert_eq!(median_lufs([0.0]), None);
    }

    #[test]
    fn range_spans_the_percentiles() {
        // 101 steps of 0.1 LU: ranks 10 and 95.
        let blocks: Vec<f64> =
            (0..101).map(|i| lufs_to_mean_square(-30.0 + 0.1 * f64::from(i))).collect();
        assert!((range_lu(blocks.iter().copied()).unwrap() - 8.5).abs() < 1e-9);
        assert!((median_lufs(blocks).unwrap() - -25.0).abs() < 1e-9);
    }

    #[test]
    fn one_block_is_its_own_loudness() {
        let block = lufs_to_mean_square(-14.0);
        assert!((integrated_lufs([block]).unwrap() - -14.0).abs() < 1e-9);
        assert!(range_lu([block]).unwrap().abs() < 1e-12);
    }
}
