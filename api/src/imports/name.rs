//! What a file is called that an address leads to.

use url::Url;

use crate::multipart::percent_decoded;

/// The last part of the path, as people would write it; not yet cleaned.
pub(super) fn of(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rfind(|segment| !segment.is_empty())?;
    String::from_utf8(percent_decoded(last.as_bytes())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(of(&url.parse().unwrap()).as_deref(), expected, "{url}");
    }

    #[test]
    fn a_file_is_called_what_its_address_ends_in() {
        check("https://example.org/a/Take%20Five.flac?key=secret#x", Some("Take Five.flac"));
        check("https://example.org/a/b/", Some("b"));
        check("https://example.org/%e3%83%89.wav", Some("ド.wav"));
        check("https://example.org/..%2f..%2fetc", Some("../../etc"));
        check("https://example.org/%ff.wav", None);
        check("https://example.org", None);
        check("https://example.org/?a=b.wav", None);
    }
}
