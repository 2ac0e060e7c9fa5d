//! The range of moods of a person's recordings.

use crate::{
    Descriptor,
    layout::{self as at, known},
};

/// Squared reliability of valence, arousal and tension, as in the facet of recordings.
const RELIABILITY: [f64; 3] = [0.35, 0.65, 0.30];

/// Ranges are taken to be at least this wide, in units of the dimensions: that of one recording is a point.
const LEAST_STD: f64 = 0.1;

/// Where the recordings of a person lie in valence, arousal and tension, and how widely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoodRange {
    /// What made the values; those of different methods are not compared.
    pub method: u32,
    /// Weighted means, −1 to 1.
    pub mean: [f64; 3],
    /// Weighted standard deviations, at least 0.1.
    pub std: [f64; 3],
}

impl MoodRange {
    /// The range of weighted recordings, made by the method that most of the weight has; `None` when none has a mood.
    pub(crate) fn of(recordings: &[(&Descriptor, f64)]) -> Option<Self> {
        let mut methods: Vec<(u32, f64)> = Vec::new();
        let known: Vec<_> =
            recordings.iter().filter(|(descriptor, _)| descriptor.knows(known::EMOTION)).collect();
        for (descriptor, weight) in &known {
            let method = method(descriptor);
            match methods.iter_mut().find(|(other, _)| *other == method) {
                Some((_, sum)) => *sum += weight,
                None => methods.push((method, *weight)),
            }
        }
        methods.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let &(method_of_most, total) = methods.first()?;
        let mean_of = |value: &dyn Fn(&Descriptor) -> f64| {
            let of_method = known.iter().filter(|(d, _)| method(d) == method_of_most);
            of_method.map(|(descriptor, weight)| weight * value(descriptor)).sum::<f64>() / total
        };
        let value = |descriptor: &Descriptor, dimension: usize| {
            f64::from(descriptor.facts[at::EMOTION_VALUE.start + dimension])
        };
        let mean = [0, 1, 2].map(|dimension| mean_of(&|d| value(d, dimension)));
        let std = [0, 1, 2].map(|dimension| {
            let variance = mean_of(&|d| (value(d, dimension) - mean[dimension]).powi(2));
            variance.sqrt().max(LEAST_STD)
        });
        let is_finite = mean.iter().chain(&std).all(|value| value.is_finite());
        is_finite.then_some(Self { method: method_of_most, mean, std })
    }

    /// How far two ranges overlap, 0 to 1: the Bhattacharyya coefficient of a normal distribution for each, each
    /// dimension by how far it can be trusted. `None` for different methods.
    pub(crate) fn overlap(&self, other: &Self) -> Option<f64> {
        if self.method != other.method {
            return None;
        }
        let mut logarithm = 0.0;
        for (dimension, reliability) in RELIABILITY.into_iter().enumerate() {
            let one = (self.mean[dimension], self.std[dimension].max(LEAST_STD));
            let other = (other.mean[dimension], other.std[dimension].max(LEAST_STD));
            logarithm += reliability * coefficient(one, other).ln();
        }
        Some((logarithm / RELIABILITY.iter().sum::<f64>()).exp().clamp(0.0, 1.0))
    }
}

fn method(descriptor: &Descriptor) -> u32 {
    descriptor.facts[at::EMOTION_METHOD] as u32
}

/// Bhattacharyya coefficient of two normal distributions, mean and deviation (Bhattacharyya 1943).
fn coefficient((mean_a, std_a): (f64, f64), (mean_b, std_b): (f64, f64)) -> f64 {
    let variance = std_a * std_a + std_b * std_b;
    (2.0 * std_a * std_b / variance).sqrt() * (-(mean_a - mean_b).powi(2) / (4.0 * variance)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The definition, ∫ √(p q), by the midpoint rule over ten deviations; its error is below 1e-6.
    #[test]
    fn coefficients_follow_the_integral() {
        let density = |x: f64, (mean, std): (f64, f64)| {
            (-0.5 * ((x - mean) / std).powi(2)).exp() / (std * (2.0 * std::f64::consts::PI).sqrt())
        };
        for (a, b) in
            [((0.0, 1.0), (0.0, 1.0)), ((0.2, 0.1), (-0.1, 0.3)), ((0.5, 0.4), (0.6, 0.1))]
        {
            let step = 1e-3;
            let integral: f64 = (-10_000..10_000)
                .map(|n| (f64::from(n) + 0.5) * step)
                .map(|x| (density(x, a) * density(x, b)).sqrt() * step)
                .sum();
            assert!((coefficient(a, b) - integral).abs() < 1e-6, "{a:?} {b:?}");
        }
    }

    #[test]
    fn ranges_of_different_methods_are_not_compared() {
        let range = |method| MoodRange { method, mean: [0.1, 0.2, 0.3], std: [0.2; 3] };
        assert!((range(0).overlap(&range(0)).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(range(0).overlap(&range(7)), None);
    }
}
