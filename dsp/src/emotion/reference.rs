//! Mean and deviation of every feature over reference recordings.

use super::features::N_ALL;

/// Mean and deviation, in the order of the names.
#[rustfmt::skip]
pub(crate) const REFERENCE: [(f64, f64); N_ALL] = [
    (3.4, 1.3), (3.41, 1.32), (-14.3, 2.45), (1.5, 0.54), (10.87, 0.57), (10.8, 0.5), (0.9, 0.05), (6.77, 0.45), (0.365, 0.061), (0.07, 0.2), (0.7, 0.1), (0.1, 0.04), (0.1, 0.05), (0.05, 0.02), (0.05, 0.02), (3.0, 1.5), (-4.0, 0.8), (20.0, 8.0), (8.0, 3.0), (0.05, 0.03), (0.05, 0.03), (0.05, 0.03), (0.3, 0.1), (0.1, 0.05), (2.9, 2.0),
];
