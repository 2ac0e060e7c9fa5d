//! Continuity of beats (Hainsworth 2004; Klapuri, Eronen and Astola 2006; Davies, Degara and Plumbley 2009, section 4.5).

/// Largest error of phase and of period, as a share of the beat.
const TOLERANCE: f64 = 0.175;

/// Shares of beats that are right in phase and in period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Continuity {
    /// Longest run, at the annotated level.
    pub cml_continuous: f64,
    /// All runs together, at the annotated level.
    pub cml_total: f64,
    /// Longest run at the best of the allowed levels: as annotated, off-beat, double, half from the first or the second.
    pub aml_continuous: f64,
    /// All runs together at the best of the allowed levels.
    pub aml_total: f64,
}

/// Continuity of an estimate; both lists ascending in seconds, the truth with at least two, else 0. Equal to `mir_eval`
/// 0.8.2 `beat.continuity`.
pub fn continuity(truth_s: &[f64], estimate_s: &[f64]) -> Continuity {
    let (cml_continuous, cml_total) = runs(truth_s, estimate_s);
    let mut result = Continuity {
        cml_continuous,
        cml_total,
        aml_continuous: cml_continuous,
        aml_total: cml_total,
    };
    for level in other_levels(truth_s) {
        let (continuous, total) = runs(&level, estimate_s);
        result.aml_continuous = result.aml_continuous.max(continuous);
        result.aml_total = result.aml_total.max(total);
    }
    result
}

/// Off-beats, double tempo, and every other beat from the first and from the second.
fn other_levels(truth_s: &[f64]) -> [Vec<f64>; 4] {
    let off: Vec<f64> = truth_s.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
    let mut double: Vec<f64> = truth_s.iter().zip(&off).flat_map(|(on, off)| [*on, *off]).collect();
    double.extend(truth_s.last());
    let odd = truth_s.iter().copied().step_by(2).collect();
    let even = truth_s.iter().copied().skip(1).step_by(2).collect();
    [off, double, odd, even]
}

/// Longest run and sum of all runs, as shares of the longer list.
fn runs(truth_s: &[f64], estimate_s: &[f64]) -> (f64, f64) {
    if truth_s.len() < 2 || estimate_s.len() < 2 {
        return (0.0, 0.0);
    }
    let mut is_used = vec![false; truth_s.len()];
    let (mut longest, mut run, mut total) = (0usize, 0usize, 0usize);
    for (m, estimate) in estimate_s.iter().enumerate() {
        let nearest = nearest(truth_s, *estimate);
        let is_right = !is_used[nearest] && fits(truth_s, nearest, estimate_s, m);
        if is_right {
            is_used[nearest] = true;
            run += 1;
            total += 1;
            longest = longest.max(run);
        } else {
            run = 0;
        }
    }
    let n = truth_s.len().max(estimate_s.len()) as f64;
    (longest as f64 / n, total as f64 / n)
}

/// Whether phase and period are right at estimate `m`: looking back, at the first of either list forward.
fn fits(truth_s: &[f64], nearest: usize, estimate_s: &[f64], m: usize) -> bool {
    let looks_forward = m == 0 || nearest == 0;
    let period = |times: &[f64], at: usize| {
        if looks_forward && at + 1 < times.len() {
            times[at + 1] - times[at]
        } else {
            times[at] - times[at - 1]
        }
    };
    let truth_period = period(truth_s, nearest);
    let phase_error = ((estimate_s[m] - truth_s[nearest]) / truth_period).abs();
    let period_error = (1.0 - period(estimate_s, m) / truth_period).abs();
    phase_error < TOLERANCE && period_error < TOLERANCE
}

/// Index of the reference time that is nearest, the earlier of two.
fn nearest(truth_s: &[f64], time_s: f64) -> usize {
    let after = truth_s.partition_point(|truth| *truth < time_s);
    match after {
        0 => 0,
        _ if after == truth_s.len() => after - 1,
        _ if time_s - truth_s[after - 1] <= truth_s[after] - time_s => after - 1,
        _ => after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(from: f64, step: f64, n: u32) -> Vec<f64> {
        (0..n).map(|i| from + step * f64::from(i)).collect()
    }

    #[test]
    fn the_same_beats_are_perfect() {
        let beats = grid(5.0, 0.5, 40);
        let all = continuity(&beats, &beats);
        assert!((all.cml_continuous - 1.0).abs() < 1e-12 && (all.aml_total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn other_levels_are_right_for_aml_alone() {
        let truth = grid(5.0, 0.5, 40);
        for estimate in
            [grid(5.25, 0.5, 39), grid(5.0, 0.25, 79), grid(5.0, 1.0, 20), grid(5.5, 1.0, 20)]
        {
            let all = continuity(&truth, &estimate);
            assert!(all.cml_total < 0.06, "{all:?}");
            assert!((all.aml_total - 1.0).abs() < 1e-12, "{all:?}");
        }
    }

    #[test]
    fn a_break_halves_the_longest_run() {
        let truth = grid(5.0, 0.5, 41);
        let mut estimate = truth.clone();
        estimate[20] += 0.2;
        let all = continuity(&truth, &estimate);
        // The one that is off, and the next, whose period is off.
        assert!((all.cml_total - 39.0 / 41.0).abs() < 1e-12, "{all:?}");
        assert!((all.cml_continuous - 20.0 / 41.0).abs() < 1e-12, "{all:?}");
    }

    #[test]
    fn nothing_is_zero() {
        let truth = grid(5.0, 0.5, 4);
        for estimate in [vec![], vec![5.0]] {
            assert!(continuity(&truth, &estimate).aml_total.abs() < 1e-12);
        }
    }
}
