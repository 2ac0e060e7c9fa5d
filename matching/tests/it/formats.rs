//! Every version of the bytes ever written still reads, and damaged bytes are told from good ones.

use crate::samples::known;
use fixtures::Rng;
use matching::{DESCRIPTOR_BYTES, Descriptor, Embedding, Error, Likeness};

/// Written by version 1 from `known(1)`; kept for ever.
const V1: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/descriptor/v1.bin"));

#[test]
fn version_1_reads_and_writes_the_same_bytes() {
    assert_eq!((V1.len(), DESCRIPTOR_BYTES % 64), (DESCRIPTOR_BYTES, 0));
    let descriptor = Descriptor::from_bytes(V1).unwrap();
    assert_eq!(descriptor.to_bytes(), V1);
    assert_eq!(descriptor, Descriptor::new(&known(1)));
}

/// Written by another writer (Python's struct and zlib); kept for ever.
const EMBEDDING_V1: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/embedding/v1.bin"));

#[test]
fn embeddings_of_version_1_read_and_write_the_same_bytes() {
    let embedding = Embedding::from_bytes(EMBEDDING_V1).unwrap();
    assert_eq!(embedding.to_bytes(), EMBEDDING_V1);
    let likeness = Likeness { typical: 0.25, deviation: 0.125 };
    let point = [2.0, -1.0, 0.5, 0.0];
    let made = Embedding::new("sound 2".into(), 0x0123_4567_89AB_CDEF, likeness, &point);
    assert_eq!(Some(embedding), made);
    for length in 0..EMBEDDING_V1.len() {
        assert_eq!(Embedding::from_bytes(&EMBEDDING_V1[..length]), Err(Error::BadEmbedding));
    }
}

#[test]
fn a_thousand_corruptions_are_a_thousand_errors() {
    let mut rng = Rng::new(1);
    let mut below = |n: usize| (rng.unit() * n as f64) as usize;
    for case in 0..1_000 {
        let mut bytes = V1.to_vec();
        match case % 4 {
            0 => bytes[below(V1.len())] ^= 1 << below(8),
            1 => bytes.truncate(below(V1.len())),
            2 => bytes.extend((0..=below(200)).map(|byte| byte as u8)),
            _ => {
                // A run of other bytes, up to a cache line.
                let start = below(V1.len());
                let end = (start + 1 + below(64)).min(V1.len());
                bytes[start..end].iter_mut().for_each(|byte| *byte ^= 1 + below(255) as u8);
            }
        }
        assert!(Descriptor::from_bytes(&bytes).is_err(), "case {case}");
    }
}

#[test]
fn says_what_is_wrong() {
    let with = |offset: usize, value: u8| {
        let mut bytes = V1.to_vec();
        bytes[offset] = value;
        Descriptor::from_bytes(&bytes)
    };
    assert_eq!(with(0, b'X'), Err(Error::NotADescriptor { found: *b"XDSC" }));
    assert_eq!(with(4, 2), Err(Error::UnsupportedVersion { found: 2 }));
    assert!(matches!(with(100, 0xFF), Err(Error::WrongChecksum { .. })));
    let expected = DESCRIPTOR_BYTES;
    assert_eq!(Descriptor::from_bytes(&[]), Err(Error::WrongLength { actual: 0, expected }));
    assert_eq!(
        Descriptor::from_bytes(&V1[..expected - 1]),
        Err(Error::WrongLength { actual: expected - 1, expected })
    );
}
