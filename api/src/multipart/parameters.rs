//! The parameters of `Content-Type` and `Content-Disposition`.

/// Longest boundary that RFC 2046, section 5.1.1, allows.
const MAX_BOUNDARY_BYTES: usize = 70;

/// The boundary that a `Content-Type` of `multipart/form-data` names.
pub(crate) fn boundary(content_type: &[u8]) -> Option<Vec<u8>> {
    let (kind, parameters) = split(content_type);
    if !kind.eq_ignore_ascii_case(b"multipart/form-data") {
        return None;
    }
    let boundary = value(parameters, "boundary")?;
    let is_valid = !boundary.is_empty()
        && boundary.len() <= MAX_BOUNDARY_BYTES
        && boundary.iter().all(|byte| (0x20..0x7f).contains(byte));
    is_valid.then_some(boundary)
}

/// The `name` and the file name of a `Content-Disposition` of `form-data`.
pub(super) fn disposition(header: &[u8]) -> Option<(String, Option<String>)> {
    let (kind, parameters) = split(header);
    if !kind.eq_ignore_ascii_case(b"form-data") {
        return None;
    }
    let name = text(parameters, "name")?;
    Some((name, text(parameters, "filename")))
}

/// A parameter as text; the extended form of RFC 8187, `name*=UTF-8''...`, wins over the plain one.
fn text(parameters: &[u8], name: &str) -> Option<String> {
    let extended = value(parameters, &format!("{name}*")).and_then(|value| extended(&value));
    let bytes = extended.or_else(|| value(parameters, name))?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The bytes of an extended value in UTF-8.
fn extended(value: &[u8]) -> Option<Vec<u8>> {
    let mut fields = value.splitn(3, |byte| *byte == b'\'');
    let charset = fields.next()?;
    let _language = fields.next()?;
    let encoded = fields.next()?;
    charset.eq_ignore_ascii_case(b"utf-8").then(|| percent_decoded(encoded))
}

pub(crate) fn percent_decoded(encoded: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%'
            && let (Some(high), Some(low)) = (digit(tail.first()), digit(tail.get(1)))
        {
            decoded.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits fit a byte"));
            rest = &tail[2..];
        } else {
            decoded.push(*first);
        }
    }
    decoded
}

/// What stands before the first semicolon, and what stands after it.
fn split(header: &[u8]) -> (&[u8], &[u8]) {
    let end = header.iter().position(|byte| *byte == b';').unwrap_or(header.len());
    (header[..end].trim_ascii(), header.get(end + 1..).unwrap_or_default())
}

/// The first parameter with this name.
fn value(mut parameters: &[u8], name: &str) -> Option<Vec<u8>> {
    loop {
        parameters = parameters.trim_ascii_start();
        while let [b';', rest @ ..] = parameters {
            parameters = rest.trim_ascii_start();
        }
        let end = parameters.iter().position(|byte| matches!(byte, b'=' | b';'))?;
        let key = parameters[..end].trim_ascii();
        if parameters[end] == b';' {
            parameters = &parameters[end..];
            continue;
        }
        let (value, rest) = take_value(parameters[end + 1..].trim_ascii_start());
        if key.eq_ignore_ascii_case(name.as_bytes()) {
            return Some(value);
        }
        parameters = rest;
    }
}

/// A quoted string or a bare word, and what follows it.
///
/// Only `\"` and `\\` are escapes: some clients send a path of Windows as it is.
fn take_value(input: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(mut rest) = input.strip_prefix(b"\"") else {
        let end = input.iter().position(|byte| *byte == b';').unwrap_or(input.len());
        return (input[..end].trim_ascii().to_vec(), &input[end..]);
    };
    let mut value = Vec::new();
    loop {
        match rest {
            [] => return (value, rest),
            [b'"', tail @ ..] => return (value, tail),
            [b'\\', escaped @ (b'"' | b'\\'), tail @ ..] => {
                value.push(*escaped);
                rest = tail;
            }
            [byte, tail @ ..] => {
                value.push(*byte);
                rest = tail;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_boundary() {
        let check = |header: &str, expected: Option<&str>| {
            let found = boundary(header.as_bytes());
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{header}");
        };
        check("multipart/form-data; boundary=abc", Some("abc"));
        check("Multipart/Form-Data;charset=utf-8; Boundary=\"a b;c\"", Some("a b;c"));
        check("multipart/form-data; boundary = abc ; x=y", Some("abc"));
        check("multipart/form-data", None);
        check("multipart/form-data; boundary=", None);
        check("multipart/mixed; boundary=abc", None);
        check("application/json", None);
        check(&format!("multipart/form-data; boundary={}", "x".repeat(71)), None);
        check("multipart/form-data; boundary=\"a\tb\"", None);
        check("", None);
    }

    #[test]
    fn finds_name_and_file_name() {
        let check = |header: &str, expected: Option<(&str, Option<&str>)>| {
            let found = disposition(header.as_bytes());
            let found = found.as_ref().map(|(name, file)| (name.as_str(), file.as_deref()));
            assert_eq!(found, expected, "{header}");
        };
        check("form-data; name=\"file\"; filename=\"a.mp3\"", Some(("file", Some("a.mp3"))));
        check("form-data; filename=a.mp3; name=file", Some(("file", Some("a.mp3"))));
        check("form-data; name=\"title\"", Some(("title", None)));
        check("form-data; filename=\"name=x;\"; name=file", Some(("file", Some("name=x;"))));
        check(r#"form-data; name=file; filename="a\"b.mp3""#, Some(("file", Some("a\"b.mp3"))));
        check(
            r#"form-data; name=file; filename="C:\x\y.mp3""#,
            Some(("file", Some(r"C:\x\y.mp3"))),
        );
        check(
            "form-data; name=file; filename=\"x\"; filename*=utf-8''%e2%99%ab%2e.mp3",
            Some(("file", Some("♫..mp3"))),
        );
        check("form-data; name=file; filename*=latin1''%e4", Some(("file", None)));
        check("form-data; name=file; filename*=utf-8''%zz%4", Some(("file", Some("%zz%4"))));
        check("form-data; name=\"unclosed", Some(("unclosed", None)));
        check("form-data; filename=x", None);
        check("attachment; name=file", None);
        check("form-data; flag; name=file", Some(("file", None)));
    }

    #[test]
    fn bytes_that_are_not_utf_8_become_replacement_characters() {
        let found = disposition(b"form-data; name=file; filename=\"\xff.mp3\"");
        assert_eq!(found, Some(("file".to_owned(), Some("\u{fffd}.mp3".to_owned()))));
    }
}
