//! `Upload-Metadata`: pairs of a key and a value in Base64, separated by commas.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use store::Sha256;
use store::uploads::Words;

use super::headers::UPLOAD_METADATA;
use crate::error::{Error, Result};
use crate::tracks::form;
use crate::uploads::words::RawWords;

/// Longest header that is kept.
const MAX_BYTES: usize = 8 << 10;

/// What a client says of its upload.
#[derive(Debug)]
pub(super) struct Metadata {
    /// As it came: it is given back so.
    pub(super) text: Option<String>,
    /// What we read in it.
    pub(super) words: Words,
    /// SHA-256 of the whole.
    pub(super) sha256: Option<Sha256>,
}

impl Metadata {
    /// Reads the keys that are known here. Others are only given back: clients send their own.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedHeader`] if it is too long, repeats a key or is not Base64; [`Error::InvalidField`] for a value that breaks its rule.
    pub(super) fn from_headers(headers: &HeaderMap) -> Result<Self> {
        let malformed = || Error::MalformedHeader { name: "Upload-Metadata" };
        let mut values = headers.get_all(UPLOAD_METADATA).iter();
        let text = match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().map_err(|_| malformed())?,
            (None, _) => "",
            (Some(_), Some(_)) => return Err(malformed()),
        };
        if text.len() > MAX_BYTES {
            return Err(malformed());
        }
        let pairs = pairs(text).ok_or_else(malformed)?;
        let mut words = RawWords::default();
        let mut sha256 = None;
        for (key, value) in pairs {
            let value = String::from_utf8(value).map_err(|_| Error::invalid(key, "must be UTF-8"));
            match key {
                "filename" | "name" => words.file_name = Some(value?),
                "filetype" | "type" => words.content_type = Some(value?),
                "title" => words.title = Some(value?),
                "artist" => words.artist = Some(value?),
                "tags" => words.tags = value?.split(',').map(str::to_owned).collect(),
                "visibility" => words.visibility = form::visibility(&value?)?,
                "sha256" => {
                    let parsed =
                        value?.parse().map_err(|error| Error::invalid(key, format!("{error}")));
                    sha256 = Some(parsed?);
                }
                _ => {}
            }
        }
        let text = (!text.is_empty()).then(|| text.to_owned());
        Ok(Self { text, words: words.checked()?, sha256 })
    }
}

/// The pairs; `None` if the text breaks the rules.
fn pairs(text: &str) -> Option<Vec<(&str, Vec<u8>)>> {
    let mut pairs: Vec<(&str, Vec<u8>)> = Vec::new();
    for pair in text.split(',').filter(|_| !text.trim().is_empty()) {
        let pair = pair.trim();
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_key || pairs.iter().any(|(known, _)| *known == key) {
            return None;
        }
        pairs.push((key, STANDARD.decode(value.trim()).ok()?));
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(text: &str) -> Result<Metadata> {
        let value = HeaderValue::from_str(text).unwrap();
        Metadata::from_headers(&HeaderMap::from_iter([(UPLOAD_METADATA, value)]))
    }

    fn pair(key: &str, value: &str) -> String {
        format!("{key} {}", STANDARD.encode(value))
    }

    #[test]
    fn known_keys_are_read_and_the_text_is_kept() {
        let sha256 = Sha256::of(b"x");
        let text = [
            pair("filename", "../Take Five.flac"),
            pair("filetype", "audio/FLAC"),
            pair("title", " Fünf "),
            pair("tags", "Jazz,piano,jazz"),
            pair("visibility", "listed"),
            pair("sha256", &sha256.to_string()),
            "is_confidential".to_owned(),
            pair("owner_id", "somebody"),
        ]
        .join(",");
        let metadata = read(&text).unwrap();
        assert_eq!(metadata.words.file_name.as_deref(), Some("Take Five.flac"));
        assert_eq!(metadata.words.content_type.as_deref(), Some("audio/flac"));
        assert_eq!(metadata.words.title.as_deref(), Some("Fünf"));
        assert_eq!(metadata.words.tags, ["jazz", "piano"]);
        assert_eq!(metadata.words.visibility.as_str(), "listed");
        assert_eq!(metadata.sha256, Some(sha256));
        assert_eq!(metadata.text.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn nothing_is_fine() {
        let metadata = Metadata::from_headers(&HeaderMap::new()).unwrap();
        assert_eq!((metadata.text, metadata.words.tags.len()), (None, 0));
        assert_eq!(read("").unwrap().text, None);
    }

    #[test]
    fn what_breaks_the_rules_is_refused() {
        for text in ["filename !", "filename Zg", ",", "a Zg==,a Zg==", "a Zg==,,b Zg=="] {
            assert!(matches!(read(text), Err(Error::MalformedHeader { .. })), "{text}");
        }
        for text in [pair("visibility", "all"), pair("sha256", "x"), pair("tags", "\u{1}")] {
            assert!(matches!(read(&text), Err(Error::InvalidField { .. })), "{text}");
        }
        assert!(read("title /w==").is_err());
        let long = pair("x", &"x".repeat(8 << 10));
        assert!(matches!(read(&long), Err(Error::MalformedHeader { .. })));
    }
}
