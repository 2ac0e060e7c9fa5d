//! Decoding a file to its end.

use std::io::Cursor;

use decode::{Decoder, Error, Format, Limits, Summary};

/// All that a file gave.
pub(crate) struct Heard {
    pub(crate) format: Format,
    pub(crate) samples: Vec<f32>,
    pub(crate) summary: Summary,
}

impl Heard {
    pub(crate) fn channel(&self, channel: usize) -> Vec<f64> {
        let n_channels = self.format.n_channels as usize;
        self.samples.iter().skip(channel).step_by(n_channels).map(|&x| f64::from(x)).collect()
    }
}

/// Decodes `bytes`, checking on the way what holds for every file.
pub(crate) fn hear(bytes: Vec<u8>, limits: &Limits) -> Result<Heard, Error> {
    let mut decoder = Decoder::open(Cursor::new(bytes), None, limits)?;
    let format = decoder.format().clone();
    let n_channels = format.n_channels as usize;
    assert!((1..=limits.max_channels as usize).contains(&n_channels));
    assert!((limits.min_rate_hz..=limits.max_rate_hz).contains(&format.sample_rate_hz));
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block()? {
        assert!(!block.is_empty(), "a block has frames");
        assert_eq!(block.len() % n_channels, 0, "a block has whole frames");
        samples.extend_from_slice(block);
    }
    assert!(decoder.next_block()?.is_none(), "the end is the end");
    assert_eq!(decoder.format(), &format, "the format does not change");
    let summary = decoder.finish();
    assert_eq!(summary.n_frames, (samples.len() / n_channels) as u64);
    Ok(Heard { format, samples, summary })
}

/// The bytes of a file of `fixtures/containers`.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixtures::path(&format!("containers/{name}"))).unwrap()
}

/// [`hear`] for a file of `fixtures/containers`.
pub(crate) fn fixture(name: &str) -> Heard {
    hear(bytes(name), &Limits::default()).unwrap()
}

/// The class of the error that `bytes` end with.
pub(crate) fn refusal(bytes: Vec<u8>) -> Error {
    match hear(bytes, &Limits::default()) {
        Ok(heard) => panic!("gave {} frames of {:?}", heard.summary.n_frames, heard.format),
        Err(error) => error,
    }
}
