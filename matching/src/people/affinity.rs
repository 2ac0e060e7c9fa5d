//! How much the recordings of one person are to the taste of another.

use super::Taste;
use crate::{
    Purpose,
    block::Block,
    facets::lanes::LANES,
    kernel::{self, Beside},
    pooling::{self, pool},
    prepared::{N_ROWS, Prepared},
    reference,
    score::terms,
};

/// Temperature of the soft-max: of two recordings whose scores differ by 0.1, the better counts 2.7 times as much.
const TEMPERATURE: f64 = 0.1;

/// The affinity of two tastes, both ways.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affinity {
    /// How much of what the first likes the second has, 0 to 1.
    pub(crate) there: f64,
    /// The other way round.
    pub(crate) back: f64,
    /// The recordings of both that are most alike.
    pub(crate) closest: (u128, u128),
}

impl Affinity {
    /// The harmonic mean of both ways: high only where both are (Pizzato et al. 2010).
    pub(crate) fn reciprocal(&self) -> f64 {
        let sum = self.there + self.back;
        if sum > 0.0 { 2.0 * self.there * self.back / sum } else { 0.0 }
    }
}

/// Compares medoids with medoids; `None` when the recordings are of different analysis versions.
pub(crate) fn affinity(a: &Taste, b: &Taste) -> Option<Affinity> {
    if a.analysis_version != b.analysis_version || a.medoids.is_empty() || b.medoids.is_empty() {
        return None;
    }
    let similarities: Vec<Vec<f64>> = a
        .medoids
        .iter()
        .map(|medoid| alike(&medoid.prepared, b.medoids.iter().map(|other| &other.prepared)))
        .collect();
    let weights =
        |taste: &Taste| taste.medoids.iter().map(|medoid| medoid.weight).collect::<Vec<_>>();
    let transposed: Vec<Vec<f64>> = (0..b.medoids.len())
        .map(|column| similarities.iter().map(|row| row[column]).collect())
        .collect();
    Some(Affinity {
        there: directed(&similarities, &weights(a)),
        back: directed(&transposed, &weights(b)),
        closest: closest(&similarities, a, b),
    })
}

/// `Σ_i w_i · Σ_j softmax_j(s_ij / T) s_ij`, the weights of `i` made to sum to 1.
fn directed(similarities: &[Vec<f64>], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let sum: f64 =
        similarities.iter().zip(weights).map(|(row, weight)| weight * soft_max(row)).sum();
    (sum / total).clamp(0.0, 1.0)
}

/// Mean of the values in which those near the largest count most.
fn soft_max(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut sum, mut total) = (0.0, 0.0);
    for value in values {
        let share = ((value - largest) / TEMPERATURE).exp();
        sum += share * value;
        total += share;
    }
    sum / total
}

/// The pair that is most alike; of equal ones the pair with the smallest ids.
fn closest(similarities: &[Vec<f64>], a: &Taste, b: &Taste) -> (u128, u128) {
    let mut best = (f64::NEG_INFINITY, (u128::MAX, u128::MAX));
    for (row, one) in similarities.iter().zip(&a.medoids) {
        for (&similarity, other) in row.iter().zip(&b.medoids) {
            let pair = (one.track, other.track);
            if similarity > best.0 || (similarity >= best.0 && pair < best.1) {
                best = (similarity, pair);
            }
        }
    }
    best.1
}

/// How alike a recording is to others, 0 to 1: the score of purpose `alike` by what the analysis measures alone: tags are a part of
/// their own, and embeddings of brought models are not kept for people.
pub(crate) fn alike<'a>(
    one: &Prepared,
    others: impl IntoIterator<Item = &'a Prepared>,
) -> Vec<f64> {
    let weights = pooling::weights(Purpose::Alike);
    let block = Block::filled(&one.rows);
    let others: Vec<&Prepared> = others.into_iter().collect();
    let mut scores = Vec::with_capacity(others.len());
    let mut lanes = Block::empty();
    for chunk in others.chunks(LANES) {
        for (lane, other) in chunk.iter().enumerate() {
            lanes.set_rows(lane, 0..N_ROWS, &other.rows);
        }
        let tables = reference::tables();
        let comparison = kernel::compare(&block, &lanes, &Beside::ABSENT, &weights, tables);
        for (lane, other) in chunk.iter().enumerate() {
            let is_same = one.identity == other.identity;
            let pooled = pool(Purpose::Alike, &weights, &terms(&comparison, lane));
            scores.push(if is_same { 1.0 } else { pooled.score });
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Closed form: two values that differ by the temperature weigh e to 1.
    #[test]
    fn a_soft_max_is_near_the_largest() {
        let e = std::f64::consts::E;
        let expected = (e * 0.7 + 0.6) / (e + 1.0);
        assert!((soft_max(&[0.6, 0.7]) - expected).abs() < 1e-12);
        assert!((soft_max(&[0.9]) - 0.9).abs() < 1e-12);
        assert!(soft_max(&[0.1, 0.9, 0.2]) > 0.899);
    }

    #[test]
    fn reciprocity_wants_both() {
        let affinity = |there, back| Affinity { there, back, closest: (0, 0) }.reciprocal();
        assert!((affinity(0.5, 0.5) - 0.5).abs() < 1e-12);
        assert!(affinity(1.0, 0.1) < 0.2);
        assert!(affinity(0.0, 0.0) <= 0.0);
    }

    proptest! {
        // Worse ones draw it down by at most T · W(n / e) for n of them; for seven, W(2.58) = 0.95.
        #[test]
        fn a_soft_max_lies_close_below_the_largest(values in prop::collection::vec(0.0_f64..=1.0, 1..9)) {
            let largest = values.iter().copied().fold(0.0, f64::max);
            let got = soft_max(&values);
            prop_assert!(got <= largest + 1e-12 && got >= largest - 0.096, "{got} of {values:?}");
        }

        #[test]
        fn a_soft_max_rises_with_the_largest(mut values in prop::collection::vec(0.0_f64..=0.9, 1..9), by in 0.0_f64..0.1) {
            let before = soft_max(&values);
            let place = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
            values[place] += by;
            prop_assert!(soft_max(&values) >= before - 1e-12);
        }
    }
}
