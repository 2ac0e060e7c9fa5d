//! Bytes as text.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 of bytes, in lower-case hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    of(&Sha256::digest(bytes))
}

/// Lower-case hex digits, two a byte.
pub(super) fn of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a string takes any text");
    }
    text
}
