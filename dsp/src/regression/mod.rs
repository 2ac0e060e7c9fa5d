//! Ridge regression and how right it is: pure linear algebra in `f64`, for ratings of a few thousand recordings.
//!
//! | module | gives |
//! | --- | --- |
//! | [`scaler`] | [`Scaler`]: mean and deviation of each feature, and standard scores |
//! | `cholesky` | solutions of positive definite systems |
//! | [`ridge`] | [`Ridge`]: weights for one penalty, and [`fit_path`] for several |
//! | [`folds`] | [`grouped_folds`]: folds that no group is torn by |
//! | [`validation`] | [`nested`]: predictions for recordings that had no part in the fit |
//! | [`conformal`] | [`half_width`]: how far the truth lies from a prediction, at a coverage |
//! | [`agreement`] | [`Agreement`]: correlations, explained variance, concordance |
//!
//! Sums go from the first to the last observation on one thread, so the same input gives the same bits.

pub mod agreement;
mod cholesky;
pub mod conformal;
pub mod folds;
pub mod ridge;
pub mod scaler;
pub mod validation;

pub use agreement::Agreement;
pub use conformal::half_width;
pub use folds::grouped_folds;
pub use ridge::{Ridge, fit_path};
pub use scaler::Scaler;
pub use validation::{Nested, Observations, PENALTIES, best_penalty, nested};
