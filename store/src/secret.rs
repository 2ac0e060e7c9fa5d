//! Random text that opens something.

use rand::TryRng;
use rand::rngs::SysRng;

use crate::{Error, Result};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 43 characters of 62 carry 256 bits.
pub(crate) const N_CHARS: usize = 43;

/// Random bytes, from the system's generator.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|error| Error::Disk {
        operation: "read random bytes",
        source: std::io::Error::other(error),
    })?;
    Ok(bytes)
}

/// `prefix` and `n_chars` random letters and digits, from the system's generator.
pub(crate) fn random_text(prefix: &str, n_chars: usize) -> Result<String> {
    let mut text = String::from(prefix);
    while text.len() < prefix.len() + n_chars {
        let bytes = random_bytes::<128>()?;
        // 248 is the largest multiple of 62 below 256: what is above would favour some characters.
        let characters = bytes.iter().filter(|byte| **byte < 248);
        let missing = prefix.len() + n_chars - text.len();
        text.extend(
            characters.take(missing).map(|byte| char::from(ALPHABET[usize::from(byte % 62)])),
        );
    }
    Ok(text)
}

/// What follows the prefix, if it is as long as it must be and of letters and digits only.
pub(crate) fn well_formed<'a>(text: &'a str, prefix: &str, n_chars: usize) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?;
    let is_well_formed =
        rest.len() == n_chars && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_well_formed.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_its_shape_and_differs() {
        let (a, b) = (random_text("cst_", 43).unwrap(), random_text("cst_", 43).unwrap());
        for text in [&a, &b] {
            assert_eq!(well_formed(text, "cst_", 43), Some(&text[4..]));
        }
        assert_ne!(a, b);
        for wrong in ["", "cst_", &a[1..], &format!("{a}0"), &a.replace("cst_", "csr_")] {
            assert_eq!(well_formed(wrong, "cst_", 43), None);
        }
    }
}
