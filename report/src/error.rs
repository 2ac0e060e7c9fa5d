//! What can be wrong with a document that is read.

/// What can be wrong with a report or with details that are read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document names another schema than this code reads.
    #[error("schema is {found:?}, must be {expected:?}")]
    UnknownSchema {
        /// What this code reads.
        expected: &'static str,
        /// What the document says.
        found: String,
    },
    /// The document is not the JSON that its schema describes.
    #[error("document is not valid")]
    Json(#[from] serde_json::Error),
    /// Stored details are not in the zlib format.
    #[error("stored details cannot be inflated")]
    Inflate(#[source] std::io::Error),
    /// Details are larger than any recording makes them.
    #[error("details are larger than {max_bytes} bytes")]
    TooLarge {
        /// Bytes allowed, before deflation.
        max_bytes: u64,
    },
    /// A model of the emotion is larger than any that is trained here.
    #[error("a model has at most {max_bytes} bytes")]
    ModelTooLarge {
        /// Bytes allowed.
        max_bytes: u64,
    },
    /// A value of a model of the emotion is not allowed.
    #[error("{field} must be {rule}")]
    BadModel {
        /// The first field that is wrong.
        field: String,
        /// What is allowed.
        rule: String,
    },
    /// Lists of the details do not fit together.
    #[error("{field} of the details does not fit the rest")]
    Inconsistent {
        /// The first field that does not fit.
        field: &'static str,
    },
}

/// Result of reading a document.
pub type Result<T, E = Error> = std::result::Result<T, E>;
