//! Uploads that come in pieces, over any time and by any process, until a track is made of them.
//!
//! The pieces lie in the blob store, what is known of them in the database. Pieces of `tus` have names of their own and count from when the row of their
//! upload says so, by a comparison of offsets: of two requests at the same offset one counts and the other never was, without locks that would outlive
//! a request. Parts are written under their number, the last one counts.

mod append;
mod assemble;
mod complete;
mod create;
mod delete;
mod lease;
mod parts;
mod read;
mod row;
mod sweep;

pub use append::{Append, MAX_PIECES};
pub use assemble::ExpectedPart;
pub use complete::{Completion, complete};
pub use create::{NewUpload, create};
pub use delete::delete;
pub use parts::{ArrivedPart, PartStaging, n_parts, parts, presign, stage_part};
pub use read::get;
pub use row::{Protocol, Upload, UploadState, Words};

pub(crate) use complete::mark_done;
pub(crate) use delete::delete_all;
pub(crate) use sweep::sweep;
