//! Labels: stretches that sound alike get one.

use super::bars::{Bar, N_BAR};
use super::blocks::squared_distance;

/// Squared distance of two groups, less what chance makes, up to which they are one.
pub(crate) const ALIKE: f64 = 0.1;

/// Bars that belong together: their number, mean and scatter.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    n_bars: usize,
    mean: Box<Bar>,
    /// Mean squared distance of the bars from their mean.
    scatter: f64,
}

impl Group {
    /// The group of one or more bars.
    pub(crate) fn new(bars: &[Bar]) -> Self {
        let n = bars.len().max(1) as f32;
        let mut mean = Box::new([0f32; N_BAR]);
        for bar in bars {
            mean.iter_mut().zip(bar).for_each(|(sum, value)| *sum += value);
        }
        mean.iter_mut().for_each(|value| *value /= n);
        let scatter = bars.iter().map(|bar| f64::from(squared_distance(bar, &mean))).sum::<f64>();
        Self { n_bars: bars.len().max(1), mean, scatter: scatter / f64::from(n) }
    }

    /// Squared distance of the means of two groups, less what is expected of two samples of one kind of bars; in
    /// units of the mean squared distance of two bars of the recording; 0 or more.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        let (n, m) = (self.n_bars as f64, other.n_bars as f64);
        let chance = self.scatter / n + other.scatter / m;
        (f64::from(squared_distance(&self.mean, &other.mean)) - chance).max(0.0)
    }

    /// Both groups as one.
    fn with(&self, other: &Self) -> Self {
        let (n, m) = (self.n_bars as f64, other.n_bars as f64);
        let share = m / (n + m);
        let apart = f64::from(squared_distance(&self.mean, &other.mean));
        let mut mean = self.mean.clone();
        for (a, b) in mean.iter_mut().zip(other.mean.iter()) {
            *a += share as f32 * (b - *a);
        }
        let scatter = (1.0 - share) * self.scatter + share * other.scatter;
        Self {
            n_bars: self.n_bars + other.n_bars,
            mean,
            scatter: scatter + share * (1.0 - share) * apart,
        }
    }
}

/// A number for each group; groups that are alike have the same, and new numbers come in ascending order.
///
/// The two nearest groups are joined until the nearest are further apart than [`ALIKE`].
pub(crate) fn labels(groups: &[Group]) -> Vec<usize> {
    let mut clusters: Vec<Option<Group>> = groups.iter().cloned().map(Some).collect();
    let mut members: Vec<Vec<usize>> = (0..groups.len()).map(|i| vec![i]).collect();
    let n = groups.len();
    let mut distances = vec![f64::INFINITY; n * n];
    for i in 0..n {
        for j in 0..i {
            distances[i * n + j] = groups[i].distance(&groups[j]);
        }
    }
    loop {
        let nearest = distances
            .iter()
            .enumerate()
            .reduce(|best, next| if next.1 < best.1 { next } else { best });
        let Some((at, _)) = nearest.filter(|(_, distance)| **distance <= ALIKE) else { break };
        let (gone, kept) = (at / n, at % n);
        let joined = match (clusters[gone].take(), clusters[kept].take()) {
            (Some(gone), Some(kept)) => kept.with(&gone),
            _ => break,
        };
        let moved = std::mem::take(&mut members[gone]);
        members[kept].extend(moved);
        for other in 0..n {
            distances[gone * n + other] = f64::INFINITY;
            distances[other * n + gone] = f64::INFINITY;
            if let Some(cluster) = &clusters[other] {
                let (row, column) = (kept.max(other), kept.min(other));
                distances[row * n + column] = joined.distance(cluster);
            }
        }
        clusters[kept] = Some(joined);
    }
    let mut labels = vec![0; n];
    // The first member of a cluster is its lowest, since the lower index is kept.
    for (label, members) in members.iter().filter(|members| !members.is_empty()).enumerate() {
        for &member in members {
            labels[member] = label;
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of one kind with noise.
    fn bars(kind: usize, seed: u64) -> Vec<Bar> {
        let noise = fixtures::noise(seed, 8 * N_BAR);
        let value = |i: usize, x: f32| 0.05 * x + if i % 5 == kind { 0.08 } else { 0.0 };
        noise.chunks_exact(N_BAR).map(|noise| std::array::from_fn(|i| value(i, noise[i]))).collect()
    }

    #[test]
    fn repeated_groups_share_a_label_in_order_of_appearance() {
        let form = [3, 1, 3, 1, 0, 1];
        let groups: Vec<Group> =
            form.iter().zip(1..).map(|(&kind, seed)| Group::new(&bars(kind, seed))).collect();
        assert_eq!(labels(&groups), [0, 1, 0, 1, 2, 1]);
        assert!(labels(&[]).is_empty());
    }

    #[test]
    fn joining_equals_grouping_at_once() {
        let (a, b) = (bars(0, 1), bars(2, 2));
        let all = Group::new(&[a.clone(), b.clone()].concat());
        let joined = Group::new(&a).with(&Group::new(&b));
        assert_eq!(joined.n_bars, all.n_bars);
        assert!((joined.scatter - all.scatter).abs() < 1e-4);
        assert!(squared_distance(&joined.mean, &all.mean) < 1e-9);
    }
}
