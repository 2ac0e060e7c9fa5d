//! File names of uploads: shown to people, never part of a path.

/// Longest name that is kept.
const MAX_BYTES: usize = 255;
/// Longest extension that survives when a name is cut.
const MAX_EXTENSION_BYTES: usize = 16;

/// The last component of `name` without invisible and direction-changing characters, at most 255
/// bytes; `None` if nothing is left.
pub(crate) fn cleaned(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let visible: String = base.chars().filter(|c| !is_hidden(*c)).collect();
    let trimmed = visible.trim();
    if trimmed.is_empty() || trimmed.chars().all(|c| c == '.') {
        return None;
    }
    if trimmed.len() <= MAX_BYTES {
        return Some(trimmed.to_owned());
    }
    let extension = extension(trimmed).map(|extension| format!(".{extension}")).unwrap_or_default();
    let stem = &trimmed[..trimmed.floor_char_boundary(MAX_BYTES - extension.len())];
    Some(format!("{stem}{extension}"))
}

/// The extension in lower case, if it is a short run of ASCII letters and digits.
pub(crate) fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    let is_plain = !extension.is_empty()
        && extension.len() < MAX_EXTENSION_BYTES
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| extension.to_ascii_lowercase())
}

/// Control characters, and those of Unicode that change direction or take no room: a name must read
/// as what it is.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(cleaned(name).as_deref(), expected, "{name:?}");
    }

    #[test]
    fn keeps_an_ordinary_name() {
        check("Goldberg Variations – Aria.flac", Some("Goldberg Variations – Aria.flac"));
        check("ドラム.wav", Some("ドラム.wav"));
        check(".hidden", Some(".hidden"));
    }

    #[test]
    fn keeps_only_the_last_component() {
        check("../../etc/passwd", Some("passwd"));
        check("..\\..\\windows\\system.ini", Some("system.ini"));
        check("/", None);
        check("..", None);
        check("a/..", None);
        check("", None);
        check("  ", None);
    }

    #[test]
    fn removes_what_cannot_be_seen() {
        check("a\0b\n.mp3", Some("ab.mp3"));
        check("song\u{202e}3pm.exe", Some("song3pm.exe"));
        check("\u{feff}\u{200b}\u{2066}x\u{2069}", Some("x"));
        check("\0\u{202e}", None);
    }

    #[test]
    fn cuts_a_long_name_and_keeps_its_extension() {
        let name = format!("{}.MP3", "x".repeat(4096));
        let kept = cleaned(&name).unwrap();
        assert_eq!(kept.len(), 255);
        assert!(kept.ends_with("x.mp3"));
        let kept = cleaned(&"é".repeat(4096)).unwrap();
        assert_eq!(kept.len(), 254);
    }

    #[test]
    fn an_extension_is_short_and_plain() {
        assert_eq!(extension("a.FLAC").as_deref(), Some("flac"));
        assert_eq!(extension("a.b.mp3").as_deref(), Some("mp3"));
        for name in ["a", "a.", "a.m p", "a.m/p", &format!("a.{}", "x".repeat(16))] {
            assert_eq!(extension(name), None, "{name}");
        }
    }
}
