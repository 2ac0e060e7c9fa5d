//! The form that is kept: JSON, deflated.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::Details;
use crate::{Error, Result};

/// Largest document, before it is deflated.
///
/// The longest recording that is accepted (3.5 hours, ten segments a second) makes 13 MiB.
pub const MAX_DETAILS_BYTES: u64 = 16 << 20;

impl Details {
    /// The details as JSON in the zlib format (RFC 1950). The same details give the same bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above [`MAX_DETAILS_BYTES`].
    #[expect(clippy::missing_panics_doc, reason = "the panic cannot happen, see its message")]
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let json = self.to_json();
        if json.len() as u64 > MAX_DETAILS_BYTES {
            return Err(Error::TooLarge { max_bytes: MAX_DETAILS_BYTES });
        }
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        let written = encoder.write_all(json.as_bytes()).and_then(|()| encoder.finish());
        Ok(written.expect("a vector takes any bytes"))
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] above [`MAX_DETAILS_BYTES`] (not a byte more is inflated), [`Error::Inflate`] for bytes that
    /// are not in the zlib format, and those of [`Self::from_json`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_json(&inflated(bytes)?)
    }

    /// Reads the fingerprint in what [`Self::to_bytes`] wrote, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] and [`Error::Inflate`], as [`Self::from_bytes`], and those of
    /// [`Self::fingerprint_from_json`].
    pub fn fingerprint_from_bytes(bytes: &[u8]) -> Result<Vec<u32>> {
        Self::fingerprint_from_json(&inflated(bytes)?)
    }
}

/// The JSON in the bytes that [`Details::to_bytes`] wrote, as it is.
///
/// # Errors
///
/// [`Error::TooLarge`] and [`Error::Inflate`], as [`Details::from_bytes`].
fn inflated(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut json = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes).take(MAX_DETAILS_BYTES + 1);
    decoder.read_to_end(&mut json).map_err(Error::Inflate)?;
    if json.len() as u64 > MAX_DETAILS_BYTES {
        return Err(Error::TooLarge { max_bytes: MAX_DETAILS_BYTES });
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_not_inflated() {
        // A kilobyte of zeros a thousand times over deflates to almost nothing.
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let zeros = vec![0; 1 << 20];
        for _ in 0..17 {
            encoder.write_all(&zeros).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert!(matches!(Details::from_bytes(&bomb), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn what_is_not_deflated_is_refused() {
        assert!(matches!(Details::from_bytes(b"{}"), Err(Error::Inflate(_))));
        assert!(matches!(Details::from_bytes(b""), Err(Error::Inflate(_))));
    }
}
