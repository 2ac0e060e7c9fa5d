//! Statistics of values that move in time: level, spread, slopes, peaks.

/// A turn counts from this share of the whole range on (Eyben et al. 2016).
const TURN: f32 = 0.1;

/// Statistics of one contour; unknown ones are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Contour {
    pub(super) mean: Option<f64>,
    /// Deviation over the magnitude of the mean.
    pub(super) variation: Option<f64>,
    /// Percentiles 20, 50 and 80.
    pub(super) percentiles: Option<[f64; 3]>,
    /// Mean and deviation of the slopes of its rising parts, per second.
    pub(super) rise: Option<(f64, f64)>,
    /// Likewise of its falling parts; negative.
    pub(super) fall: Option<(f64, f64)>,
    /// Peaks between two turns.
    pub(super) n_peaks: usize,
}

impl Contour {
    /// Statistics of stretches without a gap, with `step_s` from value to value.
    pub(super) fn of(stretches: &[Vec<f32>], step_s: f64) -> Self {
        let mut sorted: Vec<f32> = stretches.iter().flatten().copied().collect();
        sorted.sort_by(f32::total_cmp);
        let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
            return Self::default();
        };
        let threshold = TURN * (highest - lowest);
        let (mut rises, mut falls, mut n_peaks) = (Vec::new(), Vec::new(), 0);
        for stretch in stretches {
            let legs = legs(stretch, threshold);
            n_peaks +=
                legs.windows(2).filter(|pair| stretch[pair[0].1] > stretch[pair[0].0]).count();
            for (from, to) in legs {
                let change = f64::from(stretch[to] - stretch[from]);
                let slopes = if change > 0.0 { &mut rises } else { &mut falls };
                slopes.push(change / ((to - from) as f64 * step_s));
            }
        }
        let all: Vec<f64> = sorted.iter().map(|&x| x.into()).collect();
        let level = moments(&all);
        Self {
            mean: level.map(|(mean, _)| mean),
            variation: level.and_then(|(mean, deviation)| variation(mean, deviation)),
            percentiles: Some([0.2, 0.5, 0.8].map(|share| percentile(&sorted, share))),
            rise: moments(&rises),
            fall: moments(&falls),
            n_peaks,
        }
    }

    /// Percentile 80 less percentile 20.
    pub(super) fn range(&self) -> Option<f64> {
        self.percentiles.map(|[low, _, high]| high - low)
    }
}

/// Mean of up to three values around each.
pub(super) fn smoothed(values: &[f32]) -> Vec<f32> {
    let mean = |at: usize| {
        let around = &values[at.saturating_sub(1)..(at + 2).min(values.len())];
        around.iter().sum::<f32>() / around.len() as f32
    };
    (0..values.len()).map(mean).collect()
}

/// Mean and population deviation; `None` of nothing.
pub(super) fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (!values.is_empty()).then_some((mean, variance.sqrt()))
}

/// Coefficient of variation; `None` around 0, where it says nothing.
pub(super) fn variation(mean: f64, deviation: f64) -> Option<f64> {
    (mean.abs() > 1e-9).then(|| deviation / mean.abs())
}

/// Linear between the values.
fn percentile(sorted: &[f32], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    f64::from(sorted[below]) * (1.0 - part) + f64::from(sorted[above]) * part
}

/// From turn to turn, where a turn is an extreme that is left by at least `threshold`.
fn legs(values: &[f32], threshold: f32) -> Vec<(usize, usize)> {
    let mut legs = Vec::new();
    let (mut lowest, mut highest) = (0, 0);
    // The last turn, and whether it goes up from there.
    let mut leg: Option<(usize, bool)> = None;
    for (i, &value) in values.iter().enumerate() {
        match leg {
            Some((from, true)) => {
                if value > values[highest] {
                    highest = i;
                } else if values[highest] - value >= threshold {
                    legs.push((from, highest));
                    (leg, lowest) = (Some((highest, false)), i);
                }
            }
            Some((from, false)) => {
                if value < values[lowest] {
                    lowest = i;
                } else if value - values[lowest] >= threshold {
                    legs.push((from, lowest));
                    (leg, highest) = (Some((lowest, true)), i);
                }
            }
            None => {
                lowest = if value < values[lowest] { i } else { lowest };
                highest = if value > values[highest] { i } else { highest };
                if threshold > 0.0 && values[highest] - values[lowest] >= threshold {
                    leg = Some(if lowest < highest { (lowest, true) } else { (highest, false) });
                }
            }
        }
    }
    if let Some((from, is_up)) = leg {
        legs.push((from, if is_up { highest } else { lowest }));
    }
    legs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zigzag_has_the_slopes_and_peaks_that_it_was_made_with() {
        // Up 10 in 20 steps, down 10 in 10, three times; steps of 10 ms.
        let value = |i: usize| {
            let at = (i % 30) as f32;
            if at < 20.0 { at * 0.5 } else { 10.0 - (at - 20.0) }
        };
        let found = Contour::of(&[(0..=90).map(value).collect()], 0.01);
        let (rise, fall) = (found.rise.unwrap(), found.fall.unwrap());
        assert!((rise.0 - 50.0).abs() < 1e-6 && rise.1 < 1e-6, "{rise:?}");
        assert!((fall.0 + 100.0).abs() < 1e-6 && fall.1 < 1e-6, "{fall:?}");
        assert_eq!(found.n_peaks, 3);
        assert!((found.mean.unwrap() - 5.0).abs() < 0.1);
    }

    #[test]
    fn ripples_are_no_turns() {
        let value = |i: u16| f32::from(i) + if i.is_multiple_of(2) { 0.0 } else { 3.0 };
        let found = Contour::of(&[(0..100).map(value).collect()], 1.0);
        assert_eq!((found.n_peaks, found.fall), (0, None));
        assert!((found.rise.unwrap().0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn percentiles_are_linear_between_the_values() {
        let found = Contour::of(&[(0..=10u8).map(f32::from).collect()], 1.0);
        assert_eq!(found.percentiles, Some([2.0, 5.0, 8.0]));
        assert_eq!(found.range(), Some(6.0));
        assert_eq!(Contour::of(&[], 1.0), Contour::default());
        assert_eq!(Contour::of(&[vec![4.0; 9]], 1.0).rise, None);
    }

    #[test]
    fn smoothing_takes_three() {
        assert_eq!(smoothed(&[0.0, 3.0, 6.0, 0.0]), [1.5, 3.0, 3.0, 3.0]);
    }
}
