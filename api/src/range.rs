//! The `Range` header (RFC 9110, section 14).

use store::blobs::ByteRange;

/// What a `Range` header asks of something with `n_bytes` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Everything: no header, another unit, several ranges or a broken header, which all may be
    /// answered with the whole.
    Whole,
    /// One range, not empty and within the size.
    Part(ByteRange),
    /// A range beyond the end.
    Nothing,
}

/// Reads a `Range` header.
pub(crate) fn wanted(header: Option<&str>, n_bytes: u64) -> Wanted {
    let Some(spec) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::Whole };
    let (first, last) = (first.trim(), last.trim());
    match (number(first), number(last)) {
        (Some(first), _) if last.is_empty() => within(first, n_bytes, n_bytes),
        (Some(first), Some(last)) if first <= last => {
            within(first, last.saturating_add(1), n_bytes)
        }
        (_, Some(suffix)) if first.is_empty() => match suffix.min(n_bytes) {
            0 => Wanted::Nothing,
            suffix => within(n_bytes - suffix, n_bytes, n_bytes),
        },
        _ => Wanted::Whole,
    }
}

fn within(start: u64, end: u64, n_bytes: u64) -> Wanted {
    if start >= n_bytes {
        return Wanted::Nothing;
    }
    Wanted::Part(ByteRange { start, end: end.min(n_bytes) })
}

/// Digits only: `u64::from_str` would take a sign.
fn number(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, n_bytes: u64, expected: Wanted) {
        assert_eq!(wanted(Some(header), n_bytes), expected, "{header} of {n_bytes}");
    }

    /// As in the header, both ends included.
    const fn part(first: u64, last: u64) -> Wanted {
        Wanted::Part(ByteRange { start: first, end: last + 1 })
    }

    #[test]
    fn reads_the_examples_of_the_standard() {
        // RFC 9110, section 14.1.2, with a representation of 10 000 bytes.
        check("bytes=0-499", 10_000, part(0, 499));
        check("bytes=500-999", 10_000, part(500, 999));
        check("bytes=-500", 10_000, part(9_500, 9_999));
        check("bytes=9500-", 10_000, part(9_500, 9_999));
        check("bytes=0-0,-1", 10_000, Wanted::Whole);
    }

    #[test]
    fn cuts_at_the_end() {
        check("bytes=0-", 10, part(0, 9));
        check("bytes=9-100", 10, part(9, 9));
        check("bytes=-100", 10, part(0, 9));
        check("bytes=3-99999999999999999999999", 10, part(3, 9));
    }

    #[test]
    fn a_range_beyond_the_end_is_nothing() {
        check("bytes=10-", 10, Wanted::Nothing);
        check("bytes=10-20", 10, Wanted::Nothing);
        check("bytes=-0", 10, Wanted::Nothing);
        check("bytes=0-", 0, Wanted::Nothing);
        check("bytes=99999999999999999999999-", 10, Wanted::Nothing);
    }

    #[test]
    fn what_is_not_understood_asks_for_the_whole() {
        for header in ["", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=+1-2", "items=0-1"] {
            check(header, 10, Wanted::Whole);
        }
        check("bytes=a-b", 10, Wanted::Whole);
        check("bytes=1-b", 10, Wanted::Whole);
        assert_eq!(wanted(None, 10), Wanted::Whole);
    }
}
