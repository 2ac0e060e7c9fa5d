//! Recordings: bytes, named by their SHA-256, in a folder or in an S3-compatible store.
//!
//! Bytes are staged first, hashed as they arrive, and then moved to their content address. Nothing is held in memory
//! but what is under way. Pieces of uploads wait beside them under the id of their upload, until all are there.

mod backend;
mod local;
mod local_pieces;
mod pieces;
mod reader;
mod s3;
mod s3_pieces;
mod s3_staging;
mod sha256;
mod staging;

pub use backend::Blobs;
pub use pieces::PresignedPut;
pub use reader::{BlobReader, ByteRange};
pub use sha256::{ParseSha256Error, Sha256};
pub use staging::{Staged, Staging};

pub(crate) use pieces::{Piece, PieceName, StoredPiece};
pub(crate) use sha256::Hasher;
