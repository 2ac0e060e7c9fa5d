//! Peaks of a waveform, as players draw them.

use multiversion::multiversion;

use crate::lanes::{LANES, larger};

/// Samples per pixel of recordings up to [`FINEST_RATE_HZ`].
const SAMPLES_PER_PIXEL: u32 = 512;
/// Rate up to which a pixel holds [`SAMPLES_PER_PIXEL`], Hz; it doubles with each doubling of the rate above, so that no
/// recording has more than 94 pixels per second.
const FINEST_RATE_HZ: u32 = 48_000;
/// Steps of one byte from 0 to full scale.
const STEPS: f32 = 128.0;

/// Lowest and highest sample of every pixel of the mean of the channels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waveform {
    /// Samples in a pixel: 512 up to 48 kHz, 1024 up to 96 kHz, and so on; the last pixel may have fewer.
    pub samples_per_pixel: u32,
    /// Lowest sample of every pixel, −128..=127, where −128 is full scale.
    pub min: Vec<i8>,
    /// Highest sample of every pixel, −128..=127.
    pub max: Vec<i8>,
}

/// Streaming peaks of a mono signal; two bytes a pixel are kept.
///
/// # Source
///
/// The mixing, the pixels and the rounding (towards zero) are those of audiowaveform 1.10 with `--bits 8`; the mean of
/// the channels is not rounded to 16 bits in between, so that a value may differ by one where a mean of two 16-bit
/// samples is halved.
///
/// # Examples
///
/// ```
/// let mut stage = dsp::curves::waveform::WaveformStage::new(8000);
/// stage.push(&[0.5; 512]);
/// stage.push(&[0.25, -1.0]);
/// let waveform = stage.finish();
/// assert_eq!((waveform.min, waveform.max), (vec![64, -128], vec![64, 32]));
/// ```
#[derive(Debug, Clone)]
pub struct WaveformStage {
    waveform: Waveform,
    /// Samples of the pixel that has begun, and their extremes.
    n_samples: usize,
    lowest: f32,
    highest: f32,
}

impl WaveformStage {
    /// A stage for mono samples at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        let samples_per_pixel = samples_per_pixel(rate_hz);
        Self {
            waveform: Waveform { samples_per_pixel, ..Waveform::default() },
            n_samples: 0,
            lowest: f32::INFINITY,
            highest: f32::NEG_INFINITY,
        }
    }

    /// Takes the next samples; blocks of any length give the same pixels. NaN must have been replaced.
    pub fn push(&mut self, samples: &[f32]) {
        let length = self.waveform.samples_per_pixel as usize;
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(length - self.n_samples));
            rest = later;
            let (lowest, highest) = extremes(now);
            self.lowest = -larger(-self.lowest, -lowest);
            self.highest = larger(self.highest, highest);
            self.n_samples += now.len();
            if self.n_samples == length {
                self.end_pixel();
            }
        }
    }

    /// The peaks of everything pushed.
    pub fn finish(mut self) -> Waveform {
        if self.n_samples > 0 {
            self.end_pixel();
        }
        self.waveform
    }

    fn end_pixel(&mut self) {
        self.waveform.min.push(byte(self.lowest));
        self.waveform.max.push(byte(self.highest));
        self.n_samples = 0;
        self.lowest = f32::INFINITY;
        self.highest = f32::NEG_INFINITY;
    }
}

/// Samples in a pixel of a recording at `rate_hz`.
fn samples_per_pixel(rate_hz: u32) -> u32 {
    SAMPLES_PER_PIXEL * rate_hz.div_ceil(FINEST_RATE_HZ).max(1).next_power_of_two()
}

/// A sample in steps of one byte, towards zero; what lies beyond full scale is cut.
fn byte(sample: f32) -> i8 {
    // The cast cuts at the ends of the range.
    (sample * STEPS) as i8
}

/// Lowest and highest of some samples; infinities if there are none.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn extremes(samples: &[f32]) -> (f32, f32) {
    let (chunks, rest) = samples.as_chunks::<LANES>();
    // The highest of the negated samples is the lowest: one kind of operation for both.
    let (mut low, mut high) = ([f32::NEG_INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for chunk in chunks {
        for i in 0..LANES {
            low[i] = larger(-chunk[i], low[i]);
            high[i] = larger(chunk[i], high[i]);
        }
    }
    for i in 0..rest.len() {
        low[i] = larger(-rest[i], low[i]);
        high[i] = larger(rest[i], high[i]);
    }
    let largest = |lanes: [f32; LANES]| lanes.into_iter().fold(f32::NEG_INFINITY, larger);
    (-largest(low), largest(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(samples: &[f32], rate_hz: u32, block: usize) -> Waveform {
        let mut stage = WaveformStage::new(rate_hz);
        samples.chunks(block).for_each(|block| stage.push(block));
        stage.finish()
    }

    #[test]
    fn pixels_follow_the_rate() {
        let check = |rate_hz: u32, expected: u32| {
            assert_eq!(samples_per_pixel(rate_hz), expected, "{rate_hz} Hz");
        };
        check(4_000, 512);
        check(44_100, 512);
        check(48_000, 512);
        check(88_200, 1024);
        check(96_000, 1024);
        check(176_400, 2048);
        check(384_000, 4096);
    }

    #[test]
    fn agrees_with_a_slow_search_at_any_cut() {
        let samples: Vec<f32> = (0..5000u16).map(|i| (f32::from(i) * 0.37).sin() * 1.1).collect();
        let slow = |pick: fn(f32, f32) -> f32| -> Vec<i8> {
            let pixel = |chunk: &[f32]| chunk.iter().copied().reduce(pick).unwrap();
            samples.chunks(512).map(|chunk| (pixel(chunk) * 128.0) as i8).collect()
        };
        for block in [1, 7, 100, 512, 513, 5000] {
            let waveform = measure(&samples, 44_100, block);
            assert_eq!(waveform.min, slow(f32::min), "blocks of {block}");
            assert_eq!(waveform.max, slow(f32::max), "blocks of {block}");
        }
        assert_eq!(measure(&samples, 44_100, 512).min.len(), 10);
    }

    #[test]
    fn full_scale_and_beyond_are_cut() {
        let waveform = measure(&[1.0, -1.0, 7.0, -7.0], 44_100, 4);
        assert_eq!((waveform.min, waveform.max), (vec![-128], vec![127]));
    }

    #[test]
    fn nothing_has_no_pixels() {
        assert!(measure(&[], 44_100, 1).min.is_empty());
    }
}
