//! From the decoder to the analysis, block by block.

use decode::Decoder;
use dsp::{Analysis, Analyzer};

use super::moment::Moment;
use super::pcm_hash::PcmHash;
use super::{Failure, StageTime};
use crate::error::chain;

/// Progress is worth a line when it moved by this much.
const PROGRESS_STEP: f64 = 0.01;
/// Samples that are decoded ahead of the analysis: enough for the threads to part, few enough for their cache.
const AHEAD: usize = 1 << 16;

/// What hears a recording.
pub(super) struct Listener {
    analyzer: Analyzer,
    pcm_hash: PcmHash,
    course: Course,
}

/// How far a recording is heard.
pub(super) struct Course {
    n_channels: u32,
    n_frames: f64,
    /// Frames that the container promises; 0 if it does not say.
    n_promised: f64,
    told: f64,
}

impl Course {
    pub(super) fn new(format: &decode::Format) -> Self {
        let rate_hz = f64::from(format.sample_rate_hz);
        Self {
            n_channels: format.n_channels,
            n_frames: 0.0,
            n_promised: format.declared_duration_s.unwrap_or_default() * rate_hz,
            told: 0.0,
        }
    }

    /// Counts interleaved samples.
    #[expect(clippy::cast_precision_loss, reason = "a block is far shorter than 2^52 samples")]
    pub(super) fn count(&mut self, n_samples: usize) {
        self.n_frames += n_samples as f64 / f64::from(self.n_channels.max(1));
    }

    /// Tells the share that is heard, when it has moved.
    pub(super) fn tell(&mut self, progress: &mut impl FnMut(f64)) {
        if self.n_promised > 0.0 {
            let share = (self.n_frames / self.n_promised).min(1.0);
            if share >= self.told + PROGRESS_STEP {
                self.told = share;
                progress(share);
            }
        }
    }
}

impl Listener {
    pub(super) fn new(format: &decode::Format) -> Result<Self, Failure> {
        let rate_hz = format.sample_rate_hz;
        Ok(Self {
            analyzer: Analyzer::new(rate_hz, format.n_channels)
                .map_err(|error| unanalysed(&error))?,
            pcm_hash: PcmHash::new(rate_hz, format.n_channels),
            course: Course::new(format),
        })
    }

    /// Hears everything, and gives what decoding took. With more than one thread, the next samples are decoded
    /// while the last ones are heard.
    pub(super) fn hear(
        &mut self,
        decoder: &mut Decoder,
        progress: &mut impl FnMut(f64),
    ) -> Result<StageTime, Failure> {
        let mut decoding = StageTime::default();
        if rayon::current_num_threads() == 1 {
            loop {
                let mut mark = Moment::of_thread();
                let block = decoder.next_block().map_err(|error| undecoded(&error))?;
                mark.add_to(&mut decoding);
                let Some(block) = block else { return Ok(decoding) };
                self.take(block)?;
                self.course.tell(progress);
            }
        }
        let (mut now, mut next) = (Vec::new(), Vec::new());
        loop {
            let (taken, filled) =
                rayon::join(|| self.take(&now), || decode_ahead(decoder, &mut next, &mut decoding));
            taken?;
            filled?;
            if next.is_empty() {
                return Ok(decoding);
            }
            self.course.tell(progress);
            std::mem::swap(&mut now, &mut next);
            next.clear();
        }
    }

    /// The analysis and the hash of everything heard.
    pub(super) fn finish(self) -> (Analysis, String) {
        (self.analyzer.finish(), self.pcm_hash.finish())
    }

    fn take(&mut self, samples: &[f32]) -> Result<(), Failure> {
        let Self { analyzer, pcm_hash, course } = self;
        let (pushed, ()) = rayon::join(|| analyzer.push(samples), || pcm_hash.update(samples));
        course.count(samples.len());
        pushed.map_err(|error| unanalysed(&error))
    }
}

/// Decodes the next [`AHEAD`] samples, or those that are left.
fn decode_ahead(
    decoder: &mut Decoder,
    samples: &mut Vec<f32>,
    decoding: &mut StageTime,
) -> Result<(), Failure> {
    let mut mark = Moment::of_thread();
    while samples.len() < AHEAD
        && let Some(block) = decoder.next_block().map_err(|error| undecoded(&error))?
    {
        samples.extend_from_slice(block);
    }
    mark.add_to(decoding);
    Ok(())
}

pub(super) fn undecoded(error: &decode::Error) -> Failure {
    Failure { code: error.code().into(), detail: chain(error) }
}

/// The decoder's limits are the analyser's, so an analyser that refuses met media beyond them.
pub(super) fn unanalysed(error: &dsp::Error) -> Failure {
    Failure { code: "bad_media".into(), detail: chain(error) }
}
