//! Everything that is kept: rows in SQLite or PostgreSQL, recordings in a folder or an S3-compatible store, and the
//! queue.
//!
//! The only crate that speaks SQL, S3 and to the queue library. It knows nothing of HTTP or of decoding.
//!
//! Functions are free and take a [`Store`]: `store::tracks::create(&store, …)`. What an owner may see is asked with
//! the owner, so that a row of somebody else is simply not found.

pub mod analytics;
pub mod audit;
mod blob_rows;
pub mod blobs;
pub mod clock;
mod config;
mod db;
pub mod descriptors;
pub mod dispatch;
pub mod duplicates;
mod error;
pub mod events;
pub mod foreign_identities;
mod handle;
mod id;
pub mod idempotency;
pub mod imports;
pub mod jobs;
pub mod logins;
pub mod maintenance;
pub mod matches;
mod migrate;
mod page;
pub mod profiles;
pub mod quotas;
pub mod reports;
pub mod runs;
mod secret;
pub mod sessions;
pub mod signing_keys;
mod text_enum;
pub mod tokens;
mod trace_parent;
pub mod tracks;
pub mod uploads;
pub mod users;

#[cfg(feature = "testing")]
pub mod testing;

pub use audit::Actor;
pub use blobs::{BlobReader, Blobs, ByteRange, Sha256, Staged, Staging};
pub use clock::Clock;
pub use config::{BlobsConfig, Config, DatabaseConfig, QueueConfig, S3Config};
pub use error::{Error, Result};
pub use handle::Store;
pub use id::{
    JobId, KeyId, ParseIdError, RunId, SessionId, SubjectId, TokenId, TrackId, UploadId, UserId,
};
pub use jobs::{Job, JobKind, JobState, Lease};
pub use logins::LoginName;
pub use maintenance::Maintenance;
pub use page::Page;
pub use quotas::Quota;
pub use runs::{Run, RunScope, RunState};
pub use text_enum::UnknownWord;
pub use tokens::Scope;
pub use trace_parent::{BadTraceParent, TraceParent};
pub use tracks::{Track, TrackState, Visibility};
pub use uploads::Upload;
pub use users::Role;
