//! What stops the worker itself. What stops one recording is [`crate::child::ChildError`].

/// Why the worker could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is out of its range.
    #[error("{key} is {value}, must be {rule}")]
    Setting {
        /// Key in the configuration file.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        rule: String,
    },
    /// The store failed where no job could take the blame.
    #[error("store")]
    Store(#[from] store::Error),
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
