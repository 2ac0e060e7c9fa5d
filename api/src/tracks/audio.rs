//! `GET /v1/tracks/{id}/audio`.

use std::fmt::Write;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::blobs::ByteRange;
use store::tracks::{self, Track};
use store::{Sha256, TrackId};
use tokio_util::io::ReaderStream;

use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Caller, TracksRead};
use crate::problem::Problem;
use crate::range::{Wanted, wanted};
use crate::{etag, file_name, state};

/// Bytes read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Types that players need and no browser renders as a page. A client's word is only taken if it is
/// one of these: the bytes are untrusted, and so is what their uploader called them.
const SAFE_TYPES: [&str; 15] = [
    "audio/aac",
    "audio/aiff",
    "audio/flac",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/opus",
    "audio/vnd.wave",
    "audio/wav",
    "audio/wave",
    "audio/webm",
    "audio/x-aiff",
    "audio/x-flac",
    "audio/x-m4a",
    "audio/x-wav",
];

/// Read the bytes of a track.
///
/// One range may be asked for; several are answered with the whole.
#[utoipa::path(
    get,
    path = "/v1/tracks/{id}/audio",
    tag = "tracks",
    operation_id = "tracks.audio",
    params(
        ("id" = String, Path, description = "Id of the track"),
        ("Range" = Option<String>, Header, description = "`bytes=FIRST-LAST`"),
        ("If-Range" = Option<String>, Header, description = "`ETag` that the range belongs to"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of the bytes that the client has"),
    ),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "All bytes", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("ETag" = String, description = "SHA-256 of the bytes"))),
        (status = 206, description = "The range", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("Content-Range" = String, description = "Which bytes of how many"))),
        (status = 304, description = "The client has them already"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "`range_not_satisfiable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.audio", skip_all, fields(track.id = %id))]
pub(crate) async fn audio(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let track = tracks::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let tag = track.blob_sha256.to_string();
    if etag::is_known(&headers, &tag) {
        let validator = [(header::ETAG, etag::quoted(&tag))];
        return Ok((StatusCode::NOT_MODIFIED, validator).into_response());
    }
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let asked = asked.filter(|_| etag::allows_range(&headers, &tag));
    let (status, range) = match wanted(asked, track.n_bytes) {
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Wanted::Nothing => return Err(Error::RangeNotSatisfiable { n_bytes: track.n_bytes }),
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        body(&state, &track.blob_sha256, range).await?
    };
    let headers = headers_of(&track, &tag, range);
    Ok((status, headers, body).into_response())
}

async fn body(state: &state::State, sha256: &Sha256, range: Option<ByteRange>) -> Result<Body> {
    let reader = state.store.blobs().open(sha256, range).await?;
    let reader = reader.ok_or(store::Error::BlobMissing(*sha256))?;
    Ok(Body::from_stream(ReaderStream::with_capacity(reader, CHUNK_BYTES)))
}

fn headers_of(track: &Track, tag: &str, range: Option<ByteRange>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let n_bytes = range.map_or(track.n_bytes, |range| range.end - range.start);
    headers.insert(header::CONTENT_LENGTH, n_bytes.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::ETAG, etag::quoted(tag));
    let kind = content_type(track.content_type.as_deref());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = disposition(track.id, track.file_name.as_deref());
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    if let Some(range) = range {
        let value = format!("bytes {}-{}/{}", range.start, range.end - 1, track.n_bytes);
        let value = HeaderValue::from_str(&value).expect("digits are plain ASCII");
        headers.insert(header::CONTENT_RANGE, value);
    }
    headers
}

fn content_type(claimed: Option<&str>) -> &'static str {
    let claimed = claimed.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let safe = SAFE_TYPES.iter().find(|safe| **safe == claimed);
    safe.copied().unwrap_or("application/octet-stream")
}

/// A download under the id, and under its own name for clients that know RFC 8187.
fn disposition(id: TrackId, name: Option<&str>) -> HeaderValue {
    let extension = name.and_then(file_name::extension).map(|e| format!(".{e}"));
    let mut value = format!("attachment; filename=\"{id}{}\"", extension.unwrap_or_default());
    if let Some(name) = name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                value.push(char::from(byte));
            } else {
                write!(value, "%{byte:02X}").expect("writing to a string does not fail");
            }
        }
    }
    HeaderValue::from_str(&value).expect("only plain ASCII was written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_of_audio_are_repeated() {
        assert_eq!(content_type(Some("audio/mpeg")), "audio/mpeg");
        assert_eq!(content_type(Some("audio/ogg; codecs=opus")), "audio/ogg");
        for kind in [Some("text/html"), Some("image/svg+xml"), Some("audio/x-evil"), Some(""), None]
        {
            assert_eq!(content_type(kind), "application/octet-stream");
        }
    }

    #[test]
    fn a_download_has_a_plain_name_and_its_own() {
        let id = TrackId::from_u128(0);
        let plain = disposition(id, None);
        assert_eq!(plain, "attachment; filename=\"0000000000000000000000\"");
        let named = disposition(id, Some("a \"b\";é.MP3"));
        assert_eq!(
            named,
            "attachment; filename=\"0000000000000000000000.mp3\"; filename*=UTF-8''a%20%22b%22%3B%C3%A9.MP3"
        );
    }
}
