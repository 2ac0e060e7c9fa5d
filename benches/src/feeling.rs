//! What everything costs that is for the emotion alone.

use dsp::emotion::{EnvelopeStage, HarmonyStage, HeardFrame, SpectrumStage};
use dsp::framing::Framer;
use dsp::power_spectrum::PowerSpectrum;
use dsp::spectral::shape::{flatness, shape};
use dsp::spectral::stage::{HOP, N_FFT};
use dsp::{Analysis, emotion, window};

use crate::clock::Runs;

/// Rate of the samples that are heard, Hz.
const RATE_HZ: u32 = 22_050;
/// Samples of the frames that the key is found in, half of which is the way from one to the next.
const LONG: usize = 8_192;
/// What the analysis gathers for its stages.
const BLOCK: usize = 8_192;

/// A recording as the stages of the emotion get it: the spectra are made by others in any case.
#[derive(Debug)]
pub struct Feeling {
    samples: Vec<f32>,
    short: Vec<Short>,
    /// Magnitudes, and the largest power.
    long: Vec<(Vec<f32>, f32)>,
}

/// What the spectral analysis knows of a frame.
#[derive(Debug)]
struct Short {
    magnitude: Vec<f32>,
    centroid_bins: f32,
    flatness: f32,
}

impl Feeling {
    /// The spectra of mono samples at 22 050 Hz.
    ///
    /// # Errors
    ///
    /// None for these sizes; the type is that of the transforms.
    pub fn new(samples: Vec<f32>) -> dsp::Result<Self> {
        let mut short = Vec::new();
        powers(&samples, Framer::centred(N_FFT, HOP)?, N_FFT, |power| {
            let magnitude: Vec<f32> = power.iter().map(|power| power.sqrt()).collect();
            let centroid_bins = shape(&magnitude).centroid_bins;
            short.push(Short { magnitude, centroid_bins, flatness: flatness(power) });
        })?;
        let mut long = Vec::new();
        powers(&samples, Framer::uncentred(LONG, LONG / 2)?, LONG, |power| {
            let top = power.iter().copied().fold(0.0, f32::max);
            long.push((power.iter().map(|power| power.sqrt()).collect(), top));
        })?;
        Ok(Self { samples, short, long })
    }

    /// Critical bands: a stage of its own.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn critical_bands(&self, n_runs: usize) -> dsp::Result<Runs> {
        EnvelopeStage::new(RATE_HZ)?;
        Ok(Runs::of(n_runs, || self.envelopes()))
    }

    /// Critical bands, roughness, novelty and seconds of the short spectra, harmony of the long ones, and values, hints and curve.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn whole(&self, analysis: &Analysis, n_runs: usize) -> dsp::Result<Runs> {
        EnvelopeStage::new(RATE_HZ)?;
        Ok(Runs::of(n_runs, || {
            let envelopes = self.envelopes();
            let mut spectrum = SpectrumStage::new(RATE_HZ.into(), N_FFT, HOP);
            for (index, frame) in (0..).zip(&self.short) {
                let Short { magnitude, centroid_bins, flatness } = frame;
                spectrum.push(&HeardFrame {
                    index,
                    magnitude,
                    centroid_bins: *centroid_bins,
                    flatness: *flatness,
                    // It is only added up.
                    flux_db: 1.0,
                });
            }
            let mut harmony = HarmonyStage::new(RATE_HZ.into(), LONG);
            for (magnitude, top) in &self.long {
                harmony.push(magnitude, *top);
            }
            (envelopes, spectrum.finish(), harmony.features(), emotion(analysis))
        }))
    }

    fn envelopes(&self) -> dsp::Result<dsp::emotion::EnvelopeFeatures> {
        let mut stage = EnvelopeStage::new(RATE_HZ)?;
        self.samples.chunks(BLOCK).for_each(|block| stage.push(block));
        Ok(stage.finish())
    }
}

/// Power spectra of the frames of a stream under a Hann window. Their scale does not matter, since the stages go by the loudest.
fn powers(
    samples: &[f32],
    mut framer: Framer,
    n_fft: usize,
    mut on_power: impl FnMut(&[f32]),
) -> dsp::Result<()> {
    let mut spectrum = PowerSpectrum::new(window::hann(n_fft))?;
    let mut power = vec![0.0; spectrum.n_bins()];
    let mut refused = Ok(());
    framer.push(samples, |frame| {
        if refused.is_ok() {
            refused = spectrum.of(frame, &mut power);
            on_power(&power);
        }
    });
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_frames_as_the_analysis_has() {
        let feeling = Feeling::new(fixtures::sine(440.0, RATE_HZ, 5 * LONG)).unwrap();
        // Those that reach into the silence after the end are left out.
        assert_eq!(feeling.short.len(), (5 * LONG - N_FFT / 2) / HOP + 1);
        assert_eq!(feeling.long.len(), 9);
        assert!(feeling.long.iter().all(|(_, top)| *top > 0.0));
    }
}
