//! One module for each facet: what is prepared once per item, and how two prepared items compare.
//!
//! `prepare` writes the facet's rows of one item, `compare` reads those of [`LANES`](lanes::LANES)
//! items and of as many others, `detail` words the values for people. A confidence of 0 says that
//! the facet is not there. Every `compare` gives the same bits when the two sides are swapped: it uses only
//! differences, products of one value from each side, and sums whose order does not depend on the side.
#![expect(
    clippy::inline_always,
    reason = "the instruction set that the kernel selects reaches only what is inlined into it"
)]

pub(crate) mod emotion;
pub(crate) mod energy;
pub(crate) mod harmony;
pub(crate) mod key;
pub(crate) mod lanes;
pub(crate) mod rhythm;
pub(crate) mod tags;
pub(crate) mod tempo;
pub(crate) mod timbre;
