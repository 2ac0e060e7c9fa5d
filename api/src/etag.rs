//! Entity tags and the conditions on them (RFC 9110, sections 8.8.3 and 13).

use axum::http::{HeaderMap, HeaderValue, header};

use crate::error::Error;

/// A strong tag in quotes. `value` must be printable ASCII without quotes.
pub(crate) fn quoted(value: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{value}\"")).expect("tags are printable ASCII")
}

/// Whether `If-None-Match` holds `tag`, so that the client's copy is still good.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH);
    values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
        |candidate| {
            let candidate = candidate.trim();
            // A weak comparison: a proxy that compresses makes our tag weak.
            candidate == "*"
                || unquoted(candidate.strip_prefix("W/").unwrap_or(candidate)) == Some(tag)
        },
    )
}

/// Whether a range still belongs to what the client has: no `If-Range`, or one with our tag.
pub(crate) fn allows_range(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get(header::IF_RANGE)
        .is_none_or(|value| value.to_str().is_ok_and(|value| unquoted(value.trim()) == Some(tag)))
}

/// The version that `If-Match` demands; `None` if there is no such header or it is `*`.
///
/// # Errors
///
/// [`Error::MalformedHeader`] if it is not one tag made by [`version`].
pub(crate) fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, Error> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let value = value.to_str().map(str::trim).ok();
    if value == Some("*") {
        return Ok(None);
    }
    value
        .and_then(unquoted)
        .and_then(|tag| tag.strip_prefix('v'))
        .and_then(|digits| digits.parse().ok())
        .map(Some)
        .ok_or(Error::MalformedHeader { name: "If-Match" })
}

/// The tag of a row's version.
pub(crate) fn version(version: i64) -> HeaderValue {
    quoted(&format!("v{version}"))
}

fn unquoted(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        for value in ["\"abc\"", "\"x\", \"abc\"", "W/\"abc\"", "*"] {
            assert!(is_known(&headers(header::IF_NONE_MATCH, value), "abc"), "{value}");
        }
        for value in ["\"abcd\"", "abc", "\"", ""] {
            assert!(!is_known(&headers(header::IF_NONE_MATCH, value), "abc"), "{value}");
        }
        assert!(!is_known(&HeaderMap::new(), "abc"));
    }

    #[test]
    fn a_range_needs_the_same_strong_tag() {
        assert!(allows_range(&HeaderMap::new(), "abc"));
        assert!(allows_range(&headers(header::IF_RANGE, "\"abc\""), "abc"));
        for value in ["\"x\"", "W/\"abc\"", "Tue, 15 Nov 1994 12:45:26 GMT"] {
            assert!(!allows_range(&headers(header::IF_RANGE, value), "abc"), "{value}");
        }
    }

    #[test]
    fn a_version_survives_the_way_there_and_back() {
        let headers = HeaderMap::from_iter([(header::IF_MATCH, version(7))]);
        assert_eq!(expected_version(&headers).unwrap(), Some(7));
    }

    #[test]
    fn no_or_any_version_is_no_condition() {
        assert_eq!(expected_version(&HeaderMap::new()).unwrap(), None);
        assert_eq!(expected_version(&headers(header::IF_MATCH, "*")).unwrap(), None);
        for value in ["7", "v7", "\"7\"", "\"vx\"", "\"v1\", \"v2\"", "W/\"v1\""] {
            assert!(expected_version(&headers(header::IF_MATCH, value)).is_err(), "{value}");
        }
    }
}
