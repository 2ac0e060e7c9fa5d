//! A model over a whole recording.

use dsp::resample::Resampler;

use crate::front_end::{FrontEnd, Window};
use crate::model::Model;
use crate::network::RunError;
use crate::pooled::Pool;
use crate::{Pooled, Reason};

/// Sample frames that are handled at once; bounds the buffers for blocks of any length.
const PART_FRAMES: usize = 8192;

/// Runs a model over a recording that arrives block by block.
///
/// It hears the mean of the channels at its own rate, in whole windows from the first sample on; a rest at the end that is
/// shorter than a window is left out, as are windows below −70 dBFS. What is held does not grow with the recording, and
/// the bits of the result do not depend on how the recording is cut into blocks.
#[derive(Debug)]
pub struct Extractor<'a> {
    n_channels: usize,
    resampler: Resampler,
    mono: Vec<f32>,
    resampled: Vec<f32>,
    hearing: Hearing<'a>,
}

/// What becomes of the samples at the model's rate.
#[derive(Debug)]
struct Hearing<'a> {
    model: &'a Model,
    front_end: FrontEnd,
    pool: Pool,
    has_windows: bool,
    /// Why it could make nothing of some window; nothing is run after it.
    stopped: Option<Reason>,
}

impl<'a> Extractor<'a> {
    /// An extractor for interleaved samples of `n_channels` at `rate_hz`.
    ///
    /// # Errors
    ///
    /// [`dsp::Error`] for a rate outside of 4 000 to 384 000 Hz, no channel or too many.
    pub fn new(model: &'a Model, rate_hz: u32, n_channels: u32) -> dsp::Result<Self> {
        let max = dsp::MAX_CHANNELS;
        if !(1..=max).contains(&n_channels) {
            return Err(dsp::Error::ChannelsOutOfRange { actual: n_channels, max });
        }
        let manifest = model.manifest();
        let pool = Pool::new(manifest.output.kind, manifest.output.n_values());
        let front_end = FrontEnd::new(&manifest.input)?;
        Ok(Self {
            n_channels: n_channels as usize,
            resampler: Resampler::between(rate_hz, manifest.input.rate_hz())?,
            mono: Vec::new(),
            resampled: Vec::new(),
            hearing: Hearing { model, front_end, pool, has_windows: false, stopped: None },
        })
    }

    /// Takes the next whole sample frames; samples that are not finite are read as 0, as the analysis does.
    pub fn push(&mut self, samples: &[f32]) {
        let n_channels = self.n_channels as f32;
        let finite = |sample: &f32| if sample.is_finite() { *sample } else { 0.0 };
        let mean = |frame: &[f32]| frame.iter().map(finite).sum::<f32>() / n_channels;
        for part in samples.chunks(self.n_channels * PART_FRAMES) {
            self.mono.clear();
            self.mono.extend(part.chunks_exact(self.n_channels).map(mean));
            self.resampled.clear();
            self.resampler.push(&self.mono, &mut self.resampled);
            self.hearing.hear(&self.resampled);
        }
    }

    /// Ends the recording.
    ///
    /// # Errors
    ///
    /// [`Reason`] why the model has nothing to say.
    pub fn finish(self) -> Result<Pooled, Reason> {
        let Self { resampler, mut resampled, mut hearing, .. } = self;
        resampled.clear();
        resampler.finish(&mut resampled);
        hearing.hear(&resampled);
        if let Some(reason) = hearing.stopped {
            return Err(reason);
        }
        let none = if hearing.has_windows { Reason::Silence } else { Reason::TooShort };
        hearing.pool.finish().ok_or(none)
    }
}

impl Hearing<'_> {
    fn hear(&mut self, samples: &[f32]) {
        let Self { model, front_end, pool, has_windows, stopped } = self;
        if stopped.is_some() {
            return;
        }
        front_end.push(samples, |window| {
            *has_windows = true;
            if let (Window::Heard(window), None) = (window, &stopped) {
                *stopped = said(model, pool, window).err();
            }
        });
    }
}

fn said(model: &Model, pool: &mut Pool, window: &[f32]) -> Result<(), Reason> {
    let values = model.run(window).map_err(|error| match error {
        RunError::Shape(shape) => Reason::WrongShape(shape),
        RunError::Stopped(detail) => Reason::Failed(detail),
    })?;
    pool.add(&values)
}
