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
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
