//! `Upload-Checksum`: an algorithm and a hash in Base64 of the body of one request.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::headers::UPLOAD_CHECKSUM;
use crate::error::{Error, Result};

/// The algorithms as `Tus-Checksum-Algorithm` lists them. SHA-1 because the protocol asks for it; it is a check against accidents only.
pub(super) const ALGORITHMS: &str = "sha1,sha256";

/// The hash that a body must have, and the hash of what has come of it.
pub(super) struct Checksum {
    expected: Vec<u8>,
    context: Context,
}

impl Checksum {
    /// The checksum of a request, if it has one.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedHeader`] for an algorithm that is not known, or a hash that is none.
    pub(super) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>> {
        let malformed = || Error::MalformedHeader { name: "Upload-Checksum" };
        let mut values = headers.get_all(UPLOAD_CHECKSUM).iter();
        let text = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().map_err(|_| malformed())?,
            (None, _) => return Ok(None),
            (Some(_), Some(_)) => return Err(malformed()),
        };
        let (name, hash) = text.split_once(' ').ok_or_else(malformed)?;
        let algorithm: &'static Algorithm = match name {
            "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => &SHA256,
            _ => return Err(malformed()),
        };
        let expected = STANDARD.decode(hash.trim()).map_err(|_| malformed())?;
        if expected.len() != algorithm.output_len() {
            return Err(malformed());
        }
        Ok(Some(Self { expected, context: Context::new(algorithm) }))
    }

    /// Takes the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// Whether the bytes are those that were meant.
    pub(super) fn matches(self) -> bool {
        self.context.finish().as_ref() == self.expected
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn checksum(text: &str) -> Result<Option<Checksum>> {
        let value = HeaderValue::from_str(text).unwrap();
        Checksum::from_headers(&HeaderMap::from_iter([(UPLOAD_CHECKSUM, value)]))
    }

    /// The example of the protocol's page, and NIST's of "abc".
    #[test]
    fn knows_the_hashes_of_others() {
        for (text, bytes) in [
            ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", &b"hello world"[..]),
            ("sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", b"abc"),
        ] {
            let mut right = checksum(text).unwrap().unwrap();
            let (first, rest) = bytes.split_at(2);
            right.update(first);
            right.update(rest);
            assert!(right.matches(), "{text}");
            assert!(!checksum(text).unwrap().unwrap().matches(), "{text}");
        }
    }

    #[test]
    fn what_is_no_checksum_is_refused() {
        for text in [
            "",
            "sha1",
            "md5 XrY7u+Ae7tCTyyK7j1rNww==",
            "sha1 !",
            "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        ] {
            assert!(matches!(checksum(text), Err(Error::MalformedHeader { .. })), "{text}");
        }
        assert!(Checksum::from_headers(&HeaderMap::new()).unwrap().is_none());
    }
}
