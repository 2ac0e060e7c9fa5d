//! Weighted medoids: the few items that stand for many (Kaufman & Rousseeuw 1990, chapter 2, with weights).

/// Swaps that are tried at most; each makes the cost smaller, so this only bounds the time.
const MAX_SWAPS: usize = 100;

/// A swap must gain more than this to be made: rounding must not go round in circles.
const LEAST_GAIN: f64 = 1e-9;

/// Distances of all pairs of `n` items, 0 to 1: symmetric, 0 on the diagonal.
pub(crate) struct Distances {
    n: usize,
    values: Vec<f32>,
}

impl Distances {
    /// `values` row by row.
    pub(crate) fn new(n: usize, values: Vec<f32>) -> Self {
        debug_assert_eq!(values.len(), n * n, "a square");
        Self { n, values }
    }

    fn get(&self, a: usize, b: usize) -> f64 {
        f64::from(self.values[a * self.n + b])
    }
}

/// Items that stand for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clusters {
    /// Index of each medoid, ascending.
    pub(crate) medoids: Vec<usize>,
    /// For each item, the place in `medoids` of the one that stands for it.
    pub(crate) member_of: Vec<usize>,
}

/// The medoids of weighted items, at most `max`, as many as give the best mean silhouette.
///
/// Up to three items stand for themselves: a silhouette says nothing about so few. With more, one medoid is
/// enough only where no division into several is better than none. The same input gives the same medoids; of equal ones the first.
pub(crate) fn medoids(distances: &Distances, weights: &[f64], max: usize) -> Clusters {
    let n = weights.len();
    if n <= 3 {
        return clusters(distances, (0..n.min(max)).collect());
    }
    let mut chosen = Vec::new();
    let mut best: Option<(f64, Clusters)> = None;
    for _ in 0..max.min(n) {
        grow(distances, weights, &mut chosen);
        swap(distances, weights, &mut chosen);
        let found = clusters(distances, chosen.clone());
        let silhouette = silhouette(distances, weights, &found);
        if best.as_ref().is_none_or(|(most, _)| silhouette > *most) {
            best = Some((silhouette, found));
        }
    }
    best.map_or_else(|| clusters(distances, Vec::new()), |(_, found)| found)
}

/// Adds the item that lowers the cost most (the step BUILD).
fn grow(distances: &Distances, weights: &[f64], chosen: &mut Vec<usize>) {
    let n = weights.len();
    let nearest: Vec<f64> = (0..n)
        .map(|item| chosen.iter().map(|&m| distances.get(item, m)).fold(f64::MAX, f64::min))
        .collect();
    let mut best = (f64::INFINITY, None);
    for candidate in (0..n).filter(|item| !chosen.contains(item)) {
        let cost: f64 = (0..n)
            .map(|item| weights[item] * nearest[item].min(distances.get(item, candidate)))
            .sum();
        if cost < best.0 {
            best = (cost, Some(candidate));
        }
    }
    chosen.extend(best.1);
    chosen.sort_unstable();
}

/// Exchanges a medoid for another item as long as that lowers the cost (the step SWAP), the best exchange first.
fn swap(distances: &Distances, weights: &[f64], chosen: &mut [usize]) {
    let n = weights.len();
    for _ in 0..MAX_SWAPS {
        // Distance to the nearest medoid and to the second, so that each exchange costs one pass.
        let near: Vec<(usize, f64, f64)> = (0..n)
            .map(|item| {
                let mut near = (0, f64::INFINITY, f64::INFINITY);
                for (place, &medoid) in chosen.iter().enumerate() {
                    let distance = distances.get(item, medoid);
                    if distance < near.1 {
                        near = (place, distance, near.1);
                    } else if distance < near.2 {
                        near.2 = distance;
                    }
                }
                near
            })
            .collect();
        let now: f64 = near.iter().zip(weights).map(|(near, weight)| weight * near.1).sum();
        let mut best = (now - LEAST_GAIN, None);
        for candidate in (0..n).filter(|item| !chosen.contains(item)) {
            for place in 0..chosen.len() {
                let cost: f64 = (0..n)
                    .map(|item| {
                        let (nearest, distance, second) = near[item];
                        let rest = if nearest == place { second } else { distance };
                        weights[item] * rest.min(distances.get(item, candidate))
                    })
                    .sum();
                if cost < best.0 {
                    best = (cost, Some((place, candidate)));
                }
            }
        }
        let Some((place, candidate)) = best.1 else { break };
        chosen[place] = candidate;
        chosen.sort_unstable();
    }
}

fn clusters(distances: &Distances, medoids: Vec<usize>) -> Clusters {
    let member_of = (0..distances.n)
        .map(|item| {
            let mut nearest = (f64::INFINITY, 0);
            for (place, &medoid) in medoids.iter().enumerate() {
                // A medoid stands for itself, even beside an equal one.
                let distance = if medoid == item { -1.0 } else { distances.get(item, medoid) };
                if distance < nearest.0 {
                    nearest = (distance, place);
                }
            }
            nearest.1
        })
        .collect();
    Clusters { medoids, member_of }
}

/// Weighted mean silhouette, −1 to 1 (Rousseeuw 1987): 0 for a single cluster and for items that are alone in theirs.
pub(crate) fn silhouette(distances: &Distances, weights: &[f64], clusters: &Clusters) -> f64 {
    let n_clusters = clusters.medoids.len();
    let mut of_cluster = vec![0.0; n_clusters];
    for (weight, &cluster) in weights.iter().zip(&clusters.member_of) {
        of_cluster[cluster] += weight;
    }
    let total: f64 = weights.iter().sum();
    if n_clusters < 2 || total <= 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    for (item, &own) in clusters.member_of.iter().enumerate() {
        let mut towards = vec![0.0; n_clusters];
        for (other, &cluster) in clusters.member_of.iter().enumerate() {
            towards[cluster] += weights[other] * distances.get(item, other);
        }
        let others = of_cluster[own] - weights[item];
        if others <= 0.0 {
            continue;
        }
        let within = towards[own] / others;
        let next = (0..n_clusters)
            .filter(|&cluster| cluster != own)
            .map(|cluster| towards[cluster] / of_cluster[cluster])
            .fold(f64::INFINITY, f64::min);
        let largest = within.max(next);
        if largest > 0.0 {
            sum += weights[item] * (next - within) / largest;
        }
    }
    sum / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on_a_line(places: &[f32]) -> Distances {
        let n = places.len();
        let values = (0..n * n).map(|cell| (places[cell / n] - places[cell % n]).abs()).collect();
        Distances::new(n, values)
    }

    #[test]
    fn finds_the_groups_that_are_there() {
        let places = [0.10, 0.11, 0.12, 0.50, 0.51, 0.52, 0.90, 0.91, 0.92];
        let found = medoids(&on_a_line(&places), &[1.0; 9], 8);
        assert_eq!(found.medoids, [1, 4, 7]);
        assert_eq!(found.member_of, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn weight_draws_the_medoid() {
        let places = [0.10, 0.14, 0.18, 0.90, 0.94, 0.98];
        let found = medoids(&on_a_line(&places), &[9.0, 1.0, 1.0, 1.0, 1.0, 9.0], 8);
        assert_eq!(found.medoids, [0, 5]);
    }

    #[test]
    fn equal_items_are_one_group_and_few_stand_for_themselves() {
        assert_eq!(medoids(&on_a_line(&[0.3; 6]), &[1.0; 6], 8).medoids, [0]);
        assert_eq!(medoids(&on_a_line(&[0.3, 0.9]), &[1.0; 2], 8).medoids, [0, 1]);
        assert_eq!(medoids(&on_a_line(&[]), &[], 8).medoids, Vec::<usize>::new());
    }

    /// Weighted sum of the distances to the nearest medoid.
    fn cost(distances: &Distances, weights: &[f64], medoids: &[usize]) -> f64 {
        let nearest =
            |item| medoids.iter().map(|&m| distances.get(item, m)).fold(f64::INFINITY, f64::min);
        weights.iter().enumerate().map(|(item, weight)| weight * nearest(item)).sum()
    }

    /// The least cost of `k` medoids, by trying every choice.
    fn least_cost(distances: &Distances, weights: &[f64], k: usize) -> f64 {
        let n = weights.len();
        (0_u32..1 << n)
            .filter(|mask| mask.count_ones() as usize == k)
            .map(|mask| {
                let medoids: Vec<usize> = (0..n).filter(|item| mask & (1 << item) != 0).collect();
                cost(distances, weights, &medoids)
            })
            .fold(f64::INFINITY, f64::min)
    }

    proptest! {
        // Oracle: no single exchange is better than what SWAP ends with, tried one by one; and by trying every choice the cost
        // is at most five times the least, which holds for such a minimum in any metric space (Arya et al. 2004, theorem 3.5).
        #[test]
        fn swaps_end_in_a_minimum(points in prop::collection::vec((0.0_f32..0.7, 0.0_f32..0.7, 0.1_f64..3.0), 4..9), k in 1_usize..4) {
            let n = points.len();
            let values = (0..n * n).map(|cell| {
                let (a, b) = (points[cell / n], points[cell % n]);
                (a.0 - b.0).hypot(a.1 - b.1)
            });
            let distances = Distances::new(n, values.collect());
            let weights: Vec<f64> = points.iter().map(|point| point.2).collect();
            let mut chosen = Vec::new();
            for _ in 0..k {
                grow(&distances, &weights, &mut chosen);
                swap(&distances, &weights, &mut chosen);
            }
            let reached = cost(&distances, &weights, &chosen);
            for place in 0..k {
                for candidate in 0..n {
                    let mut other = chosen.clone();
                    other[place] = candidate;
                    prop_assert!(cost(&distances, &weights, &other) >= reached - 2.0 * LEAST_GAIN);
                }
            }
            let least = least_cost(&distances, &weights, k);
            prop_assert!(reached <= 5.0 * least + 1e-9, "{reached} and {least}");
        }

        // The definition, item by item, without weights (Rousseeuw 1987, equation 2).
        #[test]
        fn silhouettes_follow_the_definition(places in prop::collection::vec(0.0_f32..1.0, 4..10)) {
            let distances = on_a_line(&places);
            let found = clusters(&distances, vec![0, 2]);
            let of = |cluster: usize| -> Vec<usize> {
                (0..places.len()).filter(|&item| found.member_of[item] == cluster).collect()
            };
            let mean = |item: usize, members: &[usize]| {
                let rest: Vec<f64> = members.iter().filter(|&&m| m != item).map(|&m| distances.get(item, m)).collect();
                rest.iter().sum::<f64>() / rest.len() as f64
            };
            let mut sum = 0.0;
            for item in 0..places.len() {
                let (own, other) = (of(found.member_of[item]), of(1 - found.member_of[item]));
                if own.len() > 1 {
                    let (a, b) = (mean(item, &own), mean(item, &other));
                    if a.max(b) > 0.0 {
                        sum += (b - a) / a.max(b);
                    }
                }
            }
            let expected = sum / places.len() as f64;
            let got = silhouette(&distances, &vec![1.0; places.len()], &found);
            prop_assert!((got - expected).abs() < 1e-9, "{got} and {expected}");
        }
    }
}
