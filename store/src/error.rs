//! What can go wrong in a store.

use std::io;

use crate::Sha256;

/// Result of an operation on the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused, or could not be reached.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("a migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The queue's tables could not be reached.
    #[error("the queue failed")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A setting that cannot be used.
    #[error("{key} {rule}")]
    Config {
        /// The key of the setting.
        key: &'static str,
        /// What it must be.
        rule: String,
    },
    /// The linked SQLite has known defects.
    #[error("SQLite is {actual}, must be {required} or newer")]
    SqliteTooOld {
        /// The version that is linked.
        actual: String,
        /// The oldest version that will do.
        required: &'static str,
    },
    /// A row that this version cannot read.
    #[error("column {column} of {table} cannot be read")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The object changed since it was read.
    #[error("version is {actual}, expected {expected}")]
    VersionConflict {
        /// What the caller read.
        expected: i64,
        /// What is stored.
        actual: i64,
    },
    /// Nothing is changed now.
    #[error("the service is in maintenance")]
    Maintenance,
    /// A run has shown its results since the matches in hand were made.
    #[error("the visible generation of matches is {actual}, expected {expected}")]
    GenerationSwitched {
        /// What the matches were made for.
        expected: i64,
        /// What is visible.
        actual: i64,
    },
    /// More bytes arrived than allowed.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// An upload has gone on, or ended, since it was looked at.
    #[error("the upload has moved on meanwhile")]
    UploadMoved,
    /// Somebody else is putting the pieces of an upload together, or that is done.
    #[error("the upload is being completed")]
    UploadBusy,
    /// Pieces of an upload are missing.
    #[error("the upload is not complete: {missing}")]
    UploadIncomplete {
        /// Which, for people.
        missing: String,
    },
    /// The bytes of an upload are not those that were announced.
    #[error("the bytes are not those that were announced: {what}")]
    UploadMismatch {
        /// In what, for people.
        what: String,
    },
    /// A user has too many open uploads.
    #[error("{limit} uploads are open already")]
    TooManyUploads {
        /// The limit.
        limit: u64,
    },
    /// A user has too many imports waiting.
    #[error("{limit} imports wait or run already")]
    TooManyImports {
        /// The limit.
        limit: u64,
    },
    /// The job is another worker's by now, or over.
    #[error("the lease of the job is lost")]
    LeaseLost,
    /// A user may keep no more.
    #[error("the quota is {limit} {unit}")]
    QuotaExceeded {
        /// What is counted.
        unit: &'static str,
        /// How much a user may keep.
        limit: u64,
    },
    /// The range begins beyond the blob's end, or is empty.
    #[error("range is outside of 0..{n_bytes_total}")]
    RangeNotSatisfiable {
        /// The length of the blob.
        n_bytes_total: u64,
    },
    /// A blob that a row refers to is not in the blob store.
    #[error("blob {0} is missing")]
    BlobMissing(Sha256),
    /// The bytes of a blob are not those that were stored.
    #[error("blob {expected} reads as {actual}")]
    BlobCorrupt {
        /// The name of the blob.
        expected: Sha256,
        /// The hash of what was read.
        actual: Sha256,
    },
    /// The blob folder failed.
    #[error("cannot {operation} in the blob folder")]
    Disk {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The object store failed.
    #[error("the object store failed to {operation}")]
    ObjectStore {
        /// What was tried.
        operation: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value that must be written cannot be expressed as JSON.
    #[error("a value cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl Error {
    /// True for failures that the same call may outlive: a database or object store that is away for a while, or maintenance.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Database(_)
                | Self::Queue(_)
                | Self::Disk { .. }
                | Self::ObjectStore { .. }
                | Self::Maintenance
        )
    }
}
