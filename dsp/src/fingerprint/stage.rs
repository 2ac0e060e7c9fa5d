//! The fingerprint of a recording in one pass.

use super::chroma::{Chroma, FRAME, HOP};
use super::classifiers::Image;
use super::decimate::Decimator;
use crate::analysis::{Estimate, Reason};
use crate::framing::Framer;
use crate::resample::ANALYSIS_RATE_HZ;
use crate::{Error, Result};

/// Rate at which the fingerprint is taken, Hz.
pub const RATE_HZ: u32 = 11_025;
/// Words per second.
pub const WORDS_PER_SECOND: f64 = RATE_HZ as f64 / HOP as f64;

/// What Chromaprint calls the raw fingerprint of algorithm 2: one word of 32 bits every 0.124 s, each about the 2.6 s
/// that begin with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint(pub Vec<u32>);

/// Streaming fingerprint of a mono signal at 11 025 or 22 050 Hz. Memory grows by 32 bytes per second.
///
/// # Source
///
/// Equal, word for word, to `fpcalc -raw` 1.5.1 (Chromaprint, algorithm 2) on mono sound of 11 025 Hz and 16 bits; from
/// other rates at least 95 % of the words differ in at most 2 bits, since another resampler is at work
/// (`fixtures/golden/fingerprint.json`).
///
/// # Examples
///
/// ```
/// let mut stage = dsp::FingerprintStage::new(11025)?;
/// let sine = (0..110250).map(|i| (f64::from(i) * 0.25).sin() as f32);
/// stage.push(&sine.collect::<Vec<_>>());
/// let fingerprint = stage.finish().expect("it is long enough");
/// assert!(fingerprint.to_text().starts_with("AQAA"));
/// # Ok::<(), dsp::Error>(())
/// ```
pub struct FingerprintStage {
    decimator: Option<Decimator>,
    halved: Vec<f32>,
    framer: Framer,
    writer: Writer,
}

/// What frames become.
struct Writer {
    chroma: Chroma,
    image: Image,
    words: Vec<u32>,
}

impl Writer {
    fn add(&mut self, frame: &[f32]) {
        let row = self.chroma.add(frame);
        self.words.extend(row.and_then(|row| self.image.add(&row)));
    }
}

impl std::fmt::Debug for FingerprintStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FingerprintStage")
            .field("n", &self.writer.words.len())
            .finish_non_exhaustive()
    }
}

impl FingerprintStage {
    /// A stage for mono samples at 11 025 or 22 050 Hz.
    ///
    /// # Errors
    ///
    /// [`Error::SampleRateOutOfRange`] for any other rate.
    pub fn new(rate_hz: u32) -> Result<Self> {
        if rate_hz != RATE_HZ && rate_hz != ANALYSIS_RATE_HZ {
            return Err(Error::SampleRateOutOfRange {
                actual: rate_hz,
                min: RATE_HZ,
                max: ANALYSIS_RATE_HZ,
            });
        }
        Ok(Self {
            decimator: (rate_hz != RATE_HZ).then(Decimator::new),
            halved: Vec::new(),
            framer: Framer::uncentred(FRAME, HOP)?,
            writer: Writer { chroma: Chroma::new()?, image: Image::new(), words: Vec::new() },
        })
    }

    /// Takes the next samples; blocks of any length give the same bits.
    pub fn push(&mut self, samples: &[f32]) {
        let Self { decimator, halved, framer, writer } = self;
        let samples = match decimator {
            Some(decimator) => {
                halved.clear();
                decimator.push(samples, halved);
                halved
            }
            None => samples,
        };
        framer.push(samples, |frame| writer.add(frame));
    }

    /// The fingerprint of everything pushed.
    ///
    /// # Errors
    ///
    /// [`Reason::TooShort`] below 20 frames (2.7 s), which make the first word.
    pub fn finish(mut self) -> Estimate<Fingerprint> {
        if let Some(decimator) = self.decimator.take() {
            self.halved.clear();
            decimator.finish(&mut self.halved);
            let (framer, writer) = (&mut self.framer, &mut self.writer);
            framer.push(&self.halved, |frame| writer.add(frame));
        }
        let words = self.writer.words;
        if words.is_empty() { Err(Reason::TooShort) } else { Ok(Fingerprint(words)) }
    }
}
