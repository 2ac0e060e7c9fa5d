//! Lists made to order: the best for some weights and wishes, more like these and less like those, and a path from one recording to
//! another.
//!
//! Nothing is held but what may still be part of the answer: a catalogue is handed in bit by bit, in any order, so that memory does not
//! grow with it. The answer depends on the items alone, and not on their order. Scores are those of [`score_by`](crate::score_by), bit for bit.

mod line;
mod member;
mod more_like;
mod path;
mod similar;
mod steps;
mod top;
mod wanted;

pub use more_like::{Fit, MoreLike};
pub use path::{Path, PathError, PathSearch, Stop};
pub use similar::Similar;
pub use wanted::Wanted;
