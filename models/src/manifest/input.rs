//! What a model hears: `[input]`.

use serde::Deserialize;

use super::{bad, within};
use crate::Refusal;

/// Longest window, in seconds: what is held of a recording.
const MAX_WINDOW_S: u32 = 120;
/// Rates that a model may ask for, Hz.
const RATES_HZ: (u32, u32) = (4_000, 96_000);
/// Values of one window of log-mel bands.
const MAX_WINDOW_VALUES: usize = 4 << 20;

/// What a model hears.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Input {
    /// Samples.
    Waveform(Waveform),
    /// Logarithms of mel bands.
    LogMel(LogMel),
}

/// The mean of the channels, full scale ±1.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waveform {
    /// Rate of the samples, Hz, 4 000 to 96 000.
    pub rate_hz: u32,
    /// Samples of a window, up to 120 s.
    pub window_samples: usize,
    /// Samples from window to window.
    pub hop_samples: usize,
    /// What the axes of the model's input are: `time` once, else `one`.
    #[serde(default = "waveform_axes")]
    pub axes: Vec<Axis>,
}

/// Logarithms of mel bands of short-time spectra of the mean of the channels: `log(max(scale · band + offset, floor))`.
///
/// Frame `i` begins at sample `i · frame_hop_samples`, is weighted by a periodic Hann window of `frame_samples` and padded
/// with zeros to `n_fft`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogMel {
    /// Rate of the samples, Hz, 4 000 to 96 000.
    pub rate_hz: u32,
    /// Transform length in samples: a multiple of 16, 64 to 16 384.
    pub n_fft: usize,
    /// Samples of a frame, at most `n_fft`.
    pub frame_samples: usize,
    /// Samples from frame to frame.
    pub frame_hop_samples: usize,
    /// Mel bands, 1 to 512.
    pub n_bands: usize,
    /// Where the first band begins, Hz.
    pub min_hz: f64,
    /// Where the last band ends, Hz, at most half the rate.
    pub max_hz: f64,
    /// Scale on which the bands are equally wide.
    pub mel: MelScale,
    /// Size of the triangles.
    pub norm: MelNorm,
    /// What is summed under the triangles.
    pub spectrum: Spectrum,
    /// Which logarithm.
    pub log: Logarithm,
    /// Factor before the logarithm, above 0.
    #[serde(default = "one")]
    pub scale: f64,
    /// Added before the logarithm, 0 or more.
    #[serde(default)]
    pub offset: f64,
    /// Least argument of the logarithm, above 0.
    #[serde(default = "floor")]
    pub floor: f64,
    /// Frames of a window.
    pub window_frames: usize,
    /// Frames from window to window.
    pub hop_frames: usize,
    /// What the axes of the model's input are: `time` once, `band` once, else `one`.
    #[serde(default = "log_mel_axes")]
    pub axes: Vec<Axis>,
}

/// One axis of the model's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// One element: batch, channel.
    One,
    /// Samples or frames.
    Time,
    /// Mel bands.
    Band,
}

/// Scale on which mel bands are equally wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelScale {
    /// Auditory Toolbox; librosa's default.
    Slaney,
    /// HTK: `2595 · log10(1 + hz / 700)`.
    Htk,
}

/// Size of the triangles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelNorm {
    /// Unit area in Hz; librosa's `norm="slaney"`.
    Area,
    /// Unit height; librosa's `norm=None`.
    Peak,
}

/// What is summed under the triangles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spectrum {
    /// Magnitudes.
    Magnitude,
    /// Their squares.
    Power,
}

/// Which logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Logarithm {
    /// `ln`.
    Natural,
    /// `log10`.
    Decimal,
    /// `10 · log10`.
    Decibel,
}

impl Input {
    /// Rate of the samples, Hz.
    pub fn rate_hz(&self) -> u32 {
        match self {
            Self::Waveform(input) => input.rate_hz,
            Self::LogMel(input) => input.rate_hz,
        }
    }

    /// Samples that the first window needs.
    pub fn window_samples(&self) -> usize {
        match self {
            Self::Waveform(input) => input.window_samples,
            Self::LogMel(input) => {
                (input.window_frames - 1) * input.frame_hop_samples + input.frame_samples
            }
        }
    }

    /// Shape of the model's input.
    pub fn shape(&self) -> Vec<usize> {
        let (axes, n_time, n_bands) = match self {
            Self::Waveform(input) => (&input.axes, input.window_samples, 1),
            Self::LogMel(input) => (&input.axes, input.window_frames, input.n_bands),
        };
        let size = |axis: &Axis| match axis {
            Axis::One => 1,
            Axis::Time => n_time,
            Axis::Band => n_bands,
        };
        axes.iter().map(size).collect()
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        let rate_hz = self.rate_hz();
        within("input.rate_hz", rate_hz, RATES_HZ.0, RATES_HZ.1)?;
        let max_samples = (rate_hz * MAX_WINDOW_S) as usize;
        match self {
            Self::Waveform(input) => {
                within("input.window_samples", input.window_samples, 1, max_samples)?;
                within("input.hop_samples", input.hop_samples, 1, max_samples)?;
                axes(&input.axes, 0)
            }
            Self::LogMel(input) => input.check(max_samples),
        }
    }
}

impl LogMel {
    fn check(&self, max_samples: usize) -> Result<(), Refusal> {
        within("input.n_fft", self.n_fft, 64, 16_384)?;
        if !self.n_fft.is_multiple_of(16) {
            return Err(bad(format!("input.n_fft is {}, must be a multiple of 16", self.n_fft)));
        }
        within("input.frame_samples", self.frame_samples, 16, self.n_fft)?;
        within("input.frame_hop_samples", self.frame_hop_samples, 1, max_samples)?;
        within("input.n_bands", self.n_bands, 1, 512)?;
        within("input.max_hz", self.max_hz, 1.0, f64::from(self.rate_hz) / 2.0)?;
        if !(0.0..self.max_hz).contains(&self.min_hz) {
            return Err(bad(format!(
                "input.min_hz is {}, must be 0 or more and below max_hz",
                self.min_hz
            )));
        }
        within("input.scale", self.scale, 1e-12, 1e12)?;
        within("input.offset", self.offset, 0.0, 1e12)?;
        within("input.floor", self.floor, 1e-30, 1e12)?;
        within("input.window_frames", self.window_frames, 1, MAX_WINDOW_VALUES / self.n_bands)?;
        within("input.hop_frames", self.hop_frames, 1, MAX_WINDOW_VALUES / self.n_bands)?;
        let n_samples = self.window_frames.saturating_mul(self.frame_hop_samples);
        within("input.window_frames times frame_hop_samples", n_samples, 1, max_samples)?;
        axes(&self.axes, 1)
    }
}

fn axes(axes: &[Axis], n_band: usize) -> Result<(), Refusal> {
    let count = |wanted: Axis| axes.iter().filter(|&&axis| axis == wanted).count();
    if axes.len() <= 6 && count(Axis::Time) == 1 && count(Axis::Band) == n_band {
        Ok(())
    } else {
        Err(bad(format!(
            "input.axes: must be up to 6 axes with \"time\" once, \"band\" {n_band} times and \"one\" else"
        )))
    }
}

fn waveform_axes() -> Vec<Axis> {
    vec![Axis::One, Axis::Time]
}

fn log_mel_axes() -> Vec<Axis> {
    vec![Axis::One, Axis::Time, Axis::Band]
}

fn one() -> f64 {
    1.0
}

fn floor() -> f64 {
    1e-10
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG_MEL: &str = r#"
        kind = "log_mel"
        rate_hz = 16000
        n_fft = 512
        frame_samples = 400
        frame_hop_samples = 160
        n_bands = 64
        min_hz = 125.0
        max_hz = 7500.0
        mel = "htk"
        norm = "peak"
        spectrum = "magnitude"
        log = "natural"
        offset = 0.01
        window_frames = 96
        hop_frames = 48
    "#;

    fn refused(from: &str, to: &str, wanted: &str) {
        assert!(LOG_MEL.contains(from), "{from}");
        let text = LOG_MEL.replacen(from, to, 1);
        let detail = match toml::from_str::<Input>(&text) {
            Ok(input) => input.check().unwrap_err().detail,
            Err(error) => error.to_string(),
        };
        assert!(detail.contains(wanted), "{detail}");
    }

    #[test]
    fn the_shape_follows_the_axes() {
        let shape =
            |axes: &str| toml::from_str::<Input>(&format!("{LOG_MEL}\n{axes}")).unwrap().shape();
        assert_eq!(shape(""), [1, 96, 64]);
        assert_eq!(shape(r#"axes = ["one", "one", "band", "time"]"#), [1, 1, 64, 96]);
        let input: Input = toml::from_str(LOG_MEL).unwrap();
        input.check().unwrap();
        assert_eq!(input.window_samples(), 95 * 160 + 400);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        refused("n_fft = 512", "n_fft = 500", "multiple of 16");
        refused("n_fft = 512", "n_fft = 256", "frame_samples");
        refused("max_hz = 7500.0", "max_hz = 9000.0", "max_hz");
        refused("max_hz = 7500.0", "max_hz = nan", "max_hz");
        refused("min_hz = 125.0", "min_hz = 7500.0", "min_hz");
        refused("min_hz = 125.0", "min_hz = nan", "min_hz");
        refused("offset = 0.01", "offset = -1.0", "offset");
        refused("offset = 0.01", "floor = 0.0", "floor");
        refused("n_bands = 64", "n_bands = 0", "n_bands");
        refused("window_frames = 96", "window_frames = 0", "window_frames");
        refused("window_frames = 96", "window_frames = 60000", "window_frames");
        refused("hop_frames = 48", "hop_frames = 48\naxes = [\"time\"]", "axes");
        refused("hop_frames = 48", "hop_frames = 48\nhop = 1", "hop");
        refused("mel = \"htk\"", "mel = \"bark\"", "bark");
    }
}
