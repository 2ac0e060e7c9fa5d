//! Descriptors to scores and neighbours. Pure: no I/O, no clock, no randomness.
//!
//! [`Descriptor`] holds the facts of one analysis. [`score()`] compares two [`Item`]s for a [`Purpose`]
//! facet by facet, and keeps every step, so that a match can say why ([`reason()`]). [`Catalogue`] finds
//! the best matches of one item among many with the same arithmetic. `docs/matching.md` explains it.
//!
//! What always holds: a score is the same in both directions bit for bit, 1 for identical descriptors, between
//! 0 and 1, never falls when a facet agrees more, and does not depend on what else is in a catalogue.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "facts are stored as f32 on purpose, and table indices are small"
)]

mod approximate;
mod best;
mod block;
mod builder;
mod catalogue;
mod checksum;
mod codec;
mod descriptor;
mod embedding;
mod error;
mod exact;
mod facet;
mod facets;
mod filter;
mod fingerprint;
mod identity;
mod index;
mod item;
mod items;
mod join;
mod kernel;
mod layout;
pub mod mix;
pub mod people;
pub mod playlist;
mod pooling;
mod prepared;
mod purpose;
mod reason;
mod reference;
mod refine;
mod rows;
#[cfg(test)]
mod samples;
mod score;
mod search;
mod sketch;
mod slots;
mod takers;
mod tonality;
mod weighting;

pub use approximate::Approximate;
pub use builder::Builder;
pub use catalogue::{Catalogue, Ranked};
pub use codec::DESCRIPTOR_BYTES;
pub use descriptor::{DESCRIPTOR_VERSION, Descriptor};
pub use embedding::{Embedding, Likeness};
pub use error::{Error, Result};
pub use facet::Facet;
pub use filter::Filter;
pub use fingerprint::{MIN_SHARED_KEYS, SameRecording, fingerprint_keys, same_recording};
pub use item::Item;
pub use pooling::WEIGHTS_VERSION;
pub use purpose::Purpose;
pub use reason::reason;
pub use reference::Population;
pub use score::{Part, Score, score, score_by};
pub use sketch::{Counts, Pruning};
pub use tonality::key_of;
pub use weighting::{Weighting, WeightsError};
