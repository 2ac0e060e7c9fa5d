//! Multipart forms (RFC 7578), read as they arrive and within limits.
//!
//! The parsers that were looked at keep a part's header block in memory however long it is, and read
//! ahead for as long as the client sends. Here the buffer never holds more than one chunk of the body
//! plus one header block, and header blocks, preamble and the number of parts are limited.

mod parameters;
mod reader;

pub(crate) use parameters::{boundary, percent_decoded};
pub(crate) use reader::{Part, Reader};

use crate::body::BodyError;

/// Why a form could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The form breaks the rules.
    #[error("{0}")]
    Malformed(&'static str),
    /// The body under it could not be read.
    #[error(transparent)]
    Body(#[from] BodyError),
}
