//! ID3v2.3 tags around any content.

/// A tag of these frames, to be put before an MP3 file.
pub(crate) fn tag(frames: &[Vec<u8>]) -> Vec<u8> {
    let body = frames.concat();
    let n = u32::try_from(body.len()).unwrap();
    // Sizes have seven bits a byte.
    let size = [21, 14, 7, 0].map(|shift| u8::try_from(n >> shift & 0x7F).unwrap());
    [b"ID3\x03\0\0".as_slice(), &size, &body].concat()
}

pub(crate) fn frame(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let n = u32::try_from(content.len()).unwrap();
    [kind.as_slice(), &n.to_be_bytes(), &[0, 0], content].concat()
}

/// A text frame in Latin-1.
pub(crate) fn text(kind: [u8; 4], text: &[u8]) -> Vec<u8> {
    frame(kind, &[&[0], text].concat())
}

/// A picture of `n_bytes`.
pub(crate) fn picture(n_bytes: usize) -> Vec<u8> {
    let mut content = b"\0image/png\0\x03\0".to_vec();
    content.resize(content.len() + n_bytes, 0x5A);
    frame(*b"APIC", &content)
}
