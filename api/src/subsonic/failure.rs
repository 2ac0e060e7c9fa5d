//! What a request is refused with, after the protocol's table of errors.

use serde_json::{Value, json};

use crate::error::Error;

/// Nothing more precise.
const GENERIC: u8 = 0;
/// A required parameter is missing.
const MISSING: u8 = 10;
/// The user may not do this.
const FORBIDDEN: u8 = 50;
/// There is no such thing.
const NOT_FOUND: u8 = 70;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// The client's doing: a code of the protocol and a text for people.
    Refused { code: u8, message: String },
    /// Ours.
    Fault(Error),
}

impl Failure {
    pub(super) fn refused(code: u8, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::refused(MISSING, format!("the parameter {name} is missing"))
    }

    pub(super) fn invalid(name: &str, rule: &str) -> Self {
        Self::refused(GENERIC, format!("{name} {rule}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error.code().status().as_u16() {
            500.. => return Self::Fault(error),
            // What is not analysed yet, or by an older version, has nothing that could be asked for.
            404 | 409 => NOT_FOUND,
            401 | 403 => FORBIDDEN,
            _ => GENERIC,
        };
        Self::refused(code, error.detail())
    }
}

/// The element `error`.
pub(super) fn error(code: u8, message: &str) -> Value {
    json!({ "code": code, "message": message })
}

#[cfg(test)]
mod tests {
    use store::Scope;

    use super::*;

    fn check(error: Error, expected: Option<u8>) {
        let code = match Failure::from(error) {
            Failure::Refused { code, .. } => Some(code),
            Failure::Fault(_) => None,
        };
        assert_eq!(code, expected);
    }

    #[test]
    fn errors_have_the_protocols_codes() {
        check(Error::NotFound, Some(70));
        check(Error::TrackNotAnalyzed, Some(70));
        check(Error::TrackStale, Some(70));
        check(Error::MissingScope(Scope::TracksRead), Some(50));
        check(Error::BodyTooLarge { limit: 1 }, Some(0));
        check(Error::Slow, None);
        check(Error::Internal(String::new()), None);
    }
}
