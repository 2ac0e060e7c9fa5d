//! What can be wrong with a report that is read.

/// What can be wrong with a report that is read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document names another schema than this code reads.
    #[error("report schema is {found:?}, must be {:?}", crate::SCHEMA)]
    UnknownSchema {
        /// What the document says.
        found: String,
    },
    /// The document is not the JSON that its schema describes.
    #[error("report is not valid")]
    Json(#[from] serde_json::Error),
}

/// Result of reading a report.
pub type Result<T, E = Error> = std::result::Result<T, E>;
