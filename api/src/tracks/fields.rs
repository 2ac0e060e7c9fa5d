//! The rules for titles, artists and tags, for uploads and changes alike.

use crate::error::{Error, Result};

/// Longest title or artist.
pub(super) const MAX_TEXT_BYTES: usize = 1024;
/// Longest tag.
const MAX_TAG_BYTES: usize = 100;
/// Most tags of a track.
const MAX_TAGS: usize = 64;

/// A title or artist without space around it; an empty one is none.
pub(super) fn text(field: &str, value: &str) -> Result<Option<String>> {
    let value = value.trim();
    if value.len() > MAX_TEXT_BYTES {
        return Err(Error::invalid(field, format!("must have at most {MAX_TEXT_BYTES} bytes")));
    }
    if value.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must not hold control characters"));
    }
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

/// Tags in lower case, with single spaces, sorted, each once; empty ones are left out.
pub(super) fn tags<'a>(values: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    for value in values {
        let tag = value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if tag.len() > MAX_TAG_BYTES {
            return Err(Error::invalid(
                "tags",
                format!("must have at most {MAX_TAG_BYTES} bytes each"),
            ));
        }
        if tag.contains(',') || tag.chars().any(char::is_control) {
            return Err(Error::invalid("tags", "must not hold commas or control characters"));
        }
        if !tag.is_empty() {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    tags.dedup();
    if tags.len() > MAX_TAGS {
        return Err(Error::invalid("tags", format!("must be at most {MAX_TAGS}")));
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_bounded() {
        assert_eq!(text("title", "  Take Five ").unwrap().as_deref(), Some("Take Five"));
        assert_eq!(text("title", " ").unwrap(), None);
        assert!(text("title", &"x".repeat(1024)).is_ok());
        assert!(text("title", &"x".repeat(1025)).is_err());
        let error = text("artist", "a\0b").unwrap_err();
        assert_eq!(error.to_string(), "artist must not hold control characters");
    }

    #[test]
    fn tags_are_normalised() {
        let tags = tags(["Jazz", " piano  trio ", "", "jazz"]).unwrap();
        assert_eq!(tags, ["jazz", "piano trio"]);
    }

    #[test]
    fn tags_are_bounded() {
        assert!(tags(["x".repeat(101).as_str()]).is_err());
        assert!(tags(["a,b"]).is_err());
        assert!(tags(["a\0b"]).is_err());
        let many: Vec<String> = (0..65).map(|n| n.to_string()).collect();
        assert!(tags(many.iter().map(String::as_str)).is_err());
        assert!(tags(many[1..].iter().map(String::as_str)).is_ok());
    }
}
