//! Metadata put into an MP4 file whose movie box is its last.

fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let n = u32::try_from(content.len() + 8).unwrap();
    [&n.to_be_bytes(), kind.as_slice(), content].concat()
}

/// A value in the form that iTunes writes: a type (1 is UTF-8, 21 an integer) and no language.
fn data(kind: u32, value: &[u8]) -> Vec<u8> {
    boxed(*b"data", &[&kind.to_be_bytes(), [0; 4].as_slice(), value].concat())
}

/// An item with a name of its own, such as `initialkey`.
pub(crate) fn named(name: &str, value: &str) -> Vec<u8> {
    let mean = boxed(*b"mean", &[&[0; 4], b"com.apple.iTunes".as_slice()].concat());
    let name = boxed(*b"name", &[&[0; 4], name.as_bytes()].concat());
    boxed(*b"----", &[mean, name, data(1, value.as_bytes())].concat())
}

/// The item for beats per minute.
pub(crate) fn tempo(bpm: u16) -> Vec<u8> {
    boxed(*b"tmpo", &data(21, &bpm.to_be_bytes()))
}

/// `file` with `items` as its only list of metadata.
pub(crate) fn with_items(file: &[u8], items: &[Vec<u8>]) -> Vec<u8> {
    let at = file.windows(4).position(|window| window == b"moov").unwrap() - 4;
    let (before, movie) = file.split_at(at);
    let handler = boxed(*b"hdlr", &[&[0; 8], b"mdirappl".as_slice(), &[0; 9]].concat());
    let list = boxed(*b"ilst", &items.concat());
    let meta = boxed(*b"meta", &[vec![0; 4], handler, list].concat());
    let user = boxed(*b"udta", &meta);
    let movie = boxed(*b"moov", &[&movie[8..], &user].concat());
    [before, &movie].concat()
}
