//! How well the emotion agrees with ratings (`--bin accuracy -- --emotion DIR`, `docs/emotion.md`).
//!
//! | module | gives |
//! | --- | --- |
//! | [`truth`] | ratings and categories of a `truth.csv` |
//! | [`answer`] | what we say of a recording |
//! | [`speech`] | high against low arousal of acted speech |
//! | [`mod@figures`] | correlations, explained variance, concordance and shares of right categories, with intervals |

pub mod answer;
pub mod figures;
pub mod speech;
pub mod truth;

pub use answer::{Answer, Judge};
pub use figures::{Figures, figures, table};
pub use speech::Spoken;
pub use truth::{Category, Rated, Scale, ratings};
