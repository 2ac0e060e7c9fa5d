//! Logarithms of mel bands, frame by frame, as a manifest describes them.

use dsp::framing::Framer;
use dsp::power_spectrum::PowerSpectrum;
use dsp::spectral::mel::{self, MelDesign, MelFilterBank};
use dsp::window;

use crate::manifest::LogMel;
use crate::{Logarithm, MelNorm, MelScale, Spectrum};

/// Turns samples into rows of log-mel bands. Each row has one value more: the mean square of its frame.
#[derive(Debug)]
pub(crate) struct LogMelRows {
    framer: Framer,
    maker: RowMaker,
}

/// Makes one row of one frame.
#[derive(Debug)]
struct RowMaker {
    spectrum: PowerSpectrum,
    bank: MelFilterBank,
    is_magnitude: bool,
    log: Logarithm,
    scale: f64,
    offset: f64,
    floor: f64,
    padded: Vec<f32>,
    bins: Vec<f32>,
    row: Vec<f32>,
}

impl LogMelRows {
    pub(crate) fn new(input: &LogMel) -> dsp::Result<Self> {
        let design = MelDesign {
            rate_hz: input.rate_hz,
            n_fft: input.n_fft,
            n_bands: input.n_bands,
            min_hz: input.min_hz,
            max_hz: input.max_hz,
            scale: match input.mel {
                MelScale::Slaney => mel::MelScale::Slaney,
                MelScale::Htk => mel::MelScale::Htk,
            },
            norm: match input.norm {
                MelNorm::Area => mel::MelNorm::Area,
                MelNorm::Peak => mel::MelNorm::Peak,
            },
        };
        let mut hann = window::hann(input.frame_samples);
        hann.resize(input.n_fft, 0.0);
        let maker = RowMaker {
            spectrum: PowerSpectrum::new(hann)?,
            bank: MelFilterBank::designed(&design)?,
            is_magnitude: input.spectrum == Spectrum::Magnitude,
            log: input.log,
            scale: input.scale,
            offset: input.offset,
            floor: input.floor,
            padded: vec![0.0; input.n_fft],
            bins: vec![0.0; input.n_fft / 2 + 1],
            row: vec![0.0; input.n_bands + 1],
        };
        let framer = Framer::uncentred(input.frame_samples, input.frame_hop_samples)?;
        Ok(Self { framer, maker })
    }

    /// Takes the next samples and hands out every row that they complete.
    pub(crate) fn push(&mut self, samples: &[f32], mut on_row: impl FnMut(&[f32])) {
        let Self { framer, maker } = self;
        framer.push(samples, |frame| on_row(maker.make(frame)));
    }
}

impl RowMaker {
    fn make(&mut self, frame: &[f32]) -> &[f32] {
        self.padded[..frame.len()].copy_from_slice(frame);
        self.spectrum.of(&self.padded, &mut self.bins).expect("both were made as long as it wants");
        if self.is_magnitude {
            self.bins.iter_mut().for_each(|power| *power = power.sqrt());
        }
        let (level, bands) = self.row.split_last_mut().expect("a row has a level");
        self.bank.apply(&self.bins, bands).expect("both were made as long as it wants");
        for band in bands {
            let argument = (self.scale * f64::from(*band) + self.offset).max(self.floor);
            *band = match self.log {
                Logarithm::Natural => argument.ln(),
                Logarithm::Decimal => argument.log10(),
                Logarithm::Decibel => 10.0 * argument.log10(),
            } as f32;
        }
        *level = mean_square(frame);
        &self.row
    }
}

/// Mean square of samples, summed in double precision.
pub(crate) fn mean_square(samples: &[f32]) -> f32 {
    let sum: f64 = samples.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    (sum / samples.len().max(1) as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Axis;

    fn input() -> LogMel {
        LogMel {
            rate_hz: 16_000,
            n_fft: 512,
            frame_samples: 400,
            frame_hop_samples: 160,
            n_bands: 8,
            min_hz: 0.0,
            max_hz: 8000.0,
            mel: MelScale::Htk,
            norm: MelNorm::Peak,
            spectrum: Spectrum::Power,
            log: Logarithm::Decibel,
            scale: 1.0,
            offset: 0.0,
            floor: 1e-10,
            window_frames: 1,
            hop_frames: 1,
            axes: vec![Axis::Time, Axis::Band],
        }
    }

    fn rows(input: &LogMel, samples: &[f32]) -> Vec<Vec<f32>> {
        let mut rows = Vec::new();
        LogMelRows::new(input).unwrap().push(samples, |row| rows.push(row.to_vec()));
        rows
    }

    // librosa 0.11.0 and numpy (`fixtures/golden/log_mel.json`, with the tolerance that stands there).
    #[test]
    fn published_front_ends_have_the_bands_of_librosa() {
        let golden = fixtures::golden("log_mel");
        let signal: Vec<f32> = (0..2048)
            .map(|i| {
                let turn = std::f64::consts::TAU * f64::from(i) / 16e3;
                (0.5 * (440.0 * turn).sin() + 0.1 * (3000.0 * turn).sin()) as f32
            })
            .collect();
        let vggish = LogMel {
            n_bands: 64,
            min_hz: 125.0,
            max_hz: 7500.0,
            spectrum: Spectrum::Magnitude,
            log: Logarithm::Natural,
            offset: 0.01,
            ..input()
        };
        let musicnn = LogMel {
            frame_samples: 512,
            frame_hop_samples: 256,
            n_bands: 96,
            mel: MelScale::Slaney,
            norm: MelNorm::Area,
            log: Logarithm::Decimal,
            scale: 1e4,
            offset: 1.0,
            ..input()
        };
        for (name, input) in [("vggish", vggish), ("musicnn", musicnn)] {
            let rows = rows(&input, &signal);
            assert_eq!(Some(rows.len() as u64), golden["n_rows"][name].as_u64());
            let wanted = golden["row_3"][name].as_array().unwrap();
            assert_eq!(wanted.len(), input.n_bands);
            for (band, (value, wanted)) in rows[3].iter().zip(wanted).enumerate() {
                let error = (f64::from(*value) - wanted.as_f64().unwrap()).abs();
                assert!(error < 1e-3, "{name}, band {band}: {value} against {wanted}");
            }
        }
    }

    // Closed form: the floor of silence, in each logarithm.
    #[test]
    fn silence_is_the_logarithm_of_the_floor_or_of_the_offset() {
        let first = |input: &LogMel| rows(input, &[0.0; 400])[0][0];
        assert!((first(&input()) + 100.0).abs() < 1e-4);
        let offset = LogMel { log: Logarithm::Natural, offset: 0.01, ..input() };
        assert!((first(&offset) - 0.01f32.ln()).abs() < 1e-6);
        let scaled = LogMel { log: Logarithm::Decimal, scale: 1e4, offset: 1.0, ..input() };
        assert!(first(&scaled).abs() < 1e-6);
    }

    // Parseval: half of `n_fft` times the energy of the windowed frame lies in the bins; triangles of unit height sum to 1
    // between the first and the last centre, so a tone there keeps its energy up to what the window leaks (0.1 dB).
    #[test]
    fn a_tone_keeps_its_energy() {
        let samples: Vec<f32> = (0..400)
            .map(|i| (std::f64::consts::TAU * 1000.0 * f64::from(i) / 16e3).sin() as f32)
            .collect();
        let row = &rows(&input(), &samples)[0];
        let power: f64 = row[..8].iter().map(|&db| 10f64.powf(f64::from(db) / 10.0)).sum();
        let windowed: f64 = 400.0 * 0.5 * 3.0 / 8.0;
        let expected = windowed * 512.0 / 2.0;
        assert!((10.0 * (power / expected).log10()).abs() < 0.1, "{power} against {expected}");
        assert!((row[8] - 0.5).abs() < 1e-3, "the mean square of a sine");
    }

    #[test]
    fn frames_begin_at_multiples_of_the_hop() {
        assert_eq!(rows(&input(), &[0.1; 399]).len(), 0);
        assert_eq!(rows(&input(), &[0.1; 400]).len(), 1);
        assert_eq!(rows(&input(), &[0.1; 400 + 2 * 160]).len(), 3);
    }
}
