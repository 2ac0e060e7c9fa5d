//! How right the analysis is, against truth and beside other programs (`--bin accuracy`, `docs/accuracy.md`).
//!
//! | module | gives |
//! | --- | --- |
//! | [`metrics`] | the measures, each a pure function of truth and estimate |
//! | [`statistics`] | means with bootstrap intervals, paired differences |
//! | [`annotation`], [`layout`], [`truth_table`] | truth as people keep it: [`Set`] |
//! | [`estimate`], [`peers`] | what we and others say: [`Estimate`] |
//! | [`score`], [`summary`] | measures by file, then by set and system |
//! | [`table`], [`document`], [`reliability`] | text, Markdown and pictures of them |
//! | [`emotion`] | agreement of the emotion with ratings |
//! | [`speeds`] | what holds without truth: a recording and a faster version of it |

pub mod annotation;
pub mod document;
pub mod emotion;
pub mod estimate;
pub mod layout;
pub mod metrics;
pub mod peers;
pub mod reliability;
pub mod score;
pub mod speeds;
pub mod statistics;
pub mod summary;
pub mod table;
pub mod truth_table;

pub use estimate::{Answer, Estimate};
pub use layout::{Recording, Set, Truth};
pub use metrics::Measure;
pub use metrics::key::Key;
