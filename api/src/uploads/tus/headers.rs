//! The headers of tus.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use store::TrackId;
use store::uploads::Upload;
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use crate::error::{Error, Result};

pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(super) const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
/// Our own: the track that a finished upload has led to.
pub(super) const TRACK_LOCATION: HeaderName = HeaderName::from_static("track-location");

/// The type of every body.
pub(super) const CONTENT_TYPE: &str = "application/offset+octet-stream";

/// A header that is a count of bytes.
///
/// # Errors
///
/// [`Error::MalformedHeader`] if it is missing, repeated, or anything but digits.
pub(super) fn n_bytes(headers: &HeaderMap, name: &HeaderName, shown: &'static str) -> Result<u64> {
    let malformed = Error::MalformedHeader { name: shown };
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(malformed) };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    text.parse().map_err(|_| malformed)
}

/// Where an upload ends, until when it lives, and what it has led to.
pub(super) fn place(upload: &Upload, offset_bytes: u64, track: Option<TrackId>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(UPLOAD_OFFSET, offset_bytes.into());
    headers.insert(UPLOAD_EXPIRES, http_date(upload.expires_at));
    if let Some(track) = track {
        let path = format!("/v1/tracks/{track}");
        headers.insert(TRACK_LOCATION, HeaderValue::from_str(&path).expect("an id is plain ASCII"));
    }
    headers
}

/// A time as RFC 9110, section 5.6.7, writes it.
fn http_date(time: OffsetDateTime) -> HeaderValue {
    const FORM: StaticFormatDescription = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let text = time.to_offset(time::UtcOffset::UTC).format(FORM).unwrap_or_default();
    HeaderValue::from_str(&text).expect("a date is plain ASCII")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn dates_are_those_of_http() {
        let date = http_date(datetime!(1994-11-06 08:49:37.9 UTC));
        assert_eq!(date, "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn counts_are_digits_only() {
        let count = |value: &'static str| {
            let headers = HeaderMap::from_iter([(UPLOAD_OFFSET, HeaderValue::from_static(value))]);
            n_bytes(&headers, &UPLOAD_OFFSET, "Upload-Offset").ok()
        };
        assert_eq!(count("0"), Some(0));
        assert_eq!(count("18446744073709551615"), Some(u64::MAX));
        for value in ["", "-1", "+1", " 1", "1.0", "0x1", "18446744073709551616", "1, 2"] {
            assert_eq!(count(value), None, "{value:?}");
        }
    }
}
