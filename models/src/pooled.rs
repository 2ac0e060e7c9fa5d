//! What a model says of a whole recording: the mean over its windows.

use crate::Kind;

/// Largest magnitude of a value that is believed.
///
/// No measure of sound comes near it; a model that says more has overflowed.
pub const MAX_MAGNITUDE: f32 = 1e9;

/// Rounding may put a share of a class this far outside of 0 to 1.
const SHARE_SLACK: f32 = 1e-3;

/// What a model said of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Pooled {
    /// Mean of each value over the windows, in the order of the manifest.
    pub values: Vec<f64>,
    /// Windows that the model heard, 1 or more.
    pub n_windows: u64,
}

/// Why a model has nothing to say of a recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No window is above the gate of −70 dBFS.
    #[error("there is no sound")]
    Silence,
    /// The recording is shorter than a window.
    #[error("the recording is shorter than a window")]
    TooShort,
    /// It said NaN, infinity or more than [`MAX_MAGNITUDE`].
    #[error("it said something that is no number")]
    NotFinite,
    /// It gave a share of a class outside of 0 to 1.
    #[error("it gave a share of a class outside of 0 to 1")]
    OutOfRange,
    /// Its output had another shape than its manifest says.
    #[error("its output has the shape {0:?}")]
    WrongShape(Vec<usize>),
    /// It stopped with an error.
    #[error("it stopped with an error: {0}")]
    Failed(String),
}

/// Sums up what a model says of window after window.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    kind: Kind,
    sums: Vec<f64>,
    n_windows: u64,
}

impl Pool {
    pub(crate) fn new(kind: Kind, n_values: usize) -> Self {
        Self { kind, sums: vec![0.0; n_values], n_windows: 0 }
    }

    /// Takes the values of one window.
    pub(crate) fn add(&mut self, values: &[f32]) -> Result<(), Reason> {
        if !values.iter().all(|value| value.abs() <= MAX_MAGNITUDE) {
            return Err(Reason::NotFinite);
        }
        let shares = -SHARE_SLACK..=1.0 + SHARE_SLACK;
        if self.kind == Kind::Classes && !values.iter().all(|value| shares.contains(value)) {
            return Err(Reason::OutOfRange);
        }
        for (sum, &value) in self.sums.iter_mut().zip(values) {
            *sum += f64::from(value);
        }
        self.n_windows += 1;
        Ok(())
    }

    /// The means; none without a window.
    pub(crate) fn finish(self) -> Option<Pooled> {
        let n_windows = self.n_windows;
        let mean = |sum: f64| {
            let mean = sum / n_windows as f64;
            if self.kind == Kind::Classes { mean.clamp(0.0, 1.0) } else { mean }
        };
        (n_windows > 0)
            .then(|| Pooled { values: self.sums.iter().map(|&sum| mean(sum)).collect(), n_windows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_windows() {
        let mut pool = Pool::new(Kind::Regression, 2);
        pool.add(&[1.0, -3.0]).unwrap();
        pool.add(&[2.0, 4.0]).unwrap();
        assert_eq!(pool.finish(), Some(Pooled { values: vec![1.5, 0.5], n_windows: 2 }));
        assert_eq!(Pool::new(Kind::Regression, 2).finish(), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1.1e9] {
            assert_eq!(Pool::new(Kind::Embedding, 1).add(&[value]), Err(Reason::NotFinite));
        }
    }

    #[test]
    fn shares_of_classes_lie_within_0_and_1() {
        let mut pool = Pool::new(Kind::Classes, 2);
        assert_eq!(pool.add(&[0.5, 1.2]), Err(Reason::OutOfRange));
        pool.add(&[1.0005, -0.0005]).unwrap();
        assert_eq!(pool.finish().unwrap().values, [1.0, 0.0]);
    }
}
