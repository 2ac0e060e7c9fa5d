//! The rules for titles, artists and tags, for uploads, changes and profiles alike.

use crate::error::{Error, Result};

/// Longest title or artist.
pub(super) const MAX_TEXT_BYTES: usize = 1024;
/// Longest tag.
const MAX_TAG_BYTES: usize = 100;
/// Most tags of a track, or of a kind in a profile.
const MAX_TAGS: usize = 64;

/// A title or artist without space around it; an empty one is none.
pub(crate) fn text(field: &str, value: &str) -> Result<Option<String>> {
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
pub(crate) fn tags<'a>(
    field: &str,
    values: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<String>> {
    let mut tags = Vec::new();
    for value in values {
        let tag = value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if tag.len() > MAX_TAG_BYTES {
            return Err(Error::invalid(
                field,
                format!("must have at most {MAX_TAG_BYTES} bytes each"),
            ));
        }
        if tag.contains(',') || tag.chars().any(char::is_control) {
            return Err(Error::invalid(field, "must not hold commas or control characters"));
        }
        if !tag.is_empty() {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    tags.dedup();
    if tags.len() > MAX_TAGS {
        return Err(Error::invalid(field, format!("must be at most {MAX_TAGS}")));
    }
    Ok(tags)
}

/// Largest weight of a track in its owner's profile.
const MAX_WEIGHT: f64 = 10.0;

/// How much a track counts in its owner's profile.
pub(super) fn weight(value: f64) -> Result<f64> {
    if (0.0..=MAX_WEIGHT).contains(&value) {
        Ok(value + 0.0)
    } else {
        Err(Error::invalid("weight", format!("must be 0 to {MAX_WEIGHT}")))
    }
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
    fn weights_are_bounded() {
        assert!([0.0, -0.0, 1.0, 10.0].into_iter().all(|value| weight(value).is_ok()));
        assert!(
            [-0.1, 10.1, f64::NAN, f64::INFINITY].into_iter().all(|value| weight(value).is_err())
        );
    }

    #[test]
    fn tags_are_normalised() {
        let tags = tags("tags", ["Jazz", " piano  trio ", "", "jazz"]).unwrap();
        assert_eq!(tags, ["jazz", "piano trio"]);
    }

    #[test]
    fn tags_are_bounded() {
        assert!(tags("tags", ["x".repeat(101).as_str()]).is_err());
        assert!(tags("tags", ["a,b"]).is_err());
        assert!(tags("tags", ["a\0b"]).is_err());
        let many: Vec<String> = (0..65).map(|n| n.to_string()).collect();
        assert!(tags("tags", many.iter().map(String::as_str)).is_err());
        assert!(tags("tags", many[1..].iter().map(String::as_str)).is_ok());
    }
}
