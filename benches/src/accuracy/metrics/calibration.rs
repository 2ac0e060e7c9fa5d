//! Whether a confidence means what it says.

/// Bins of equal width over 0..=1 (Guo et al. 2017, "On calibration of modern neural networks", ICML, section 2).
pub const N_BINS: usize = 10;

/// One answer: how sure, and whether right. What was not answered has confidence 0 and is wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// 0..=1.
    pub confidence: f64,
    /// Whether the answer was right.
    pub is_right: bool,
}

/// Answers of similar confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Answers in it, at least 1.
    pub n: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// Share of right ones.
    pub right: f64,
}

/// The bins that hold something, by confidence.
pub fn bins(claims: &[Claim]) -> Vec<Bin> {
    let mut sums = [(0usize, 0.0, 0.0); N_BINS];
    for claim in claims {
        let bin = (claim.confidence * N_BINS as f64) as usize;
        let (n, confidence, right) = &mut sums[bin.min(N_BINS - 1)];
        *n += 1;
        *confidence += claim.confidence;
        *right += f64::from(claim.is_right);
    }
    let filled = sums.iter().filter(|(n, _, _)| *n > 0);
    filled
        .map(|&(n, confidence, right)| Bin {
            n,
            confidence: confidence / n as f64,
            right: right / n as f64,
        })
        .collect()
}

/// Expected calibration error, 0..=1: distance of confidence and share of right answers, averaged over the answers.
/// 0 if there are none.
pub fn expected_error(claims: &[Claim]) -> f64 {
    let total: f64 =
        bins(claims).iter().map(|bin| bin.n as f64 * (bin.confidence - bin.right).abs()).sum();
    total / claims.len().max(1) as f64
}

/// Share of right answers among all, and among the half with the highest confidence (rounded up; of equal ones, those
/// that come first). `None` if there are none.
pub fn confident_half(claims: &[Claim]) -> Option<(f64, f64)> {
    let mut sorted = claims.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let half = &sorted[..claims.len().div_ceil(2)];
    Some((right(claims)?, right(half)?))
}

fn right(claims: &[Claim]) -> Option<f64> {
    let n = claims.iter().filter(|claim| claim.is_right).count();
    (!claims.is_empty()).then(|| n as f64 / claims.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(confidence: f64, n_right: usize, n: usize) -> Vec<Claim> {
        (0..n).map(|i| Claim { confidence, is_right: i < n_right }).collect()
    }

    #[test]
    fn an_honest_confidence_has_no_error() {
        let all = [claims(0.25, 5, 20), claims(0.95, 19, 20), claims(0.0, 0, 7)].concat();
        assert!(expected_error(&all) < 1e-12);
        assert_eq!(bins(&all).len(), 3);
    }

    #[test]
    fn overconfidence_is_its_distance() {
        let all = [claims(0.9, 5, 10), claims(1.0, 10, 10)].concat();
        // Both in the last bin: mean confidence 0.95, 15 of 20 right.
        assert!((expected_error(&all) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn the_confident_half_is_compared_with_all() {
        let all = [claims(0.2, 2, 10), claims(0.8, 9, 10)].concat();
        let (overall, half) = confident_half(&all).unwrap();
        assert!((overall - 0.55).abs() < 1e-12 && (half - 0.9).abs() < 1e-12);
        assert_eq!(confident_half(&[]), None);
    }
}
