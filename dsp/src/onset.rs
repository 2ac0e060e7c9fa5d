//! Onset envelope: how much new energy appears in each hundredth of a second, in three bands.
//!
//! Only three numbers per frame are kept, so hours of audio fit into a few megabytes.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Frames per second of every onset envelope.
pub const ONSET_FPS: f64 = 100.0;

/// Samples per frame at 22 050 Hz (46 ms, the 2048 samples at 44 100 Hz of Böck & Widmer).
const FRAME_AT_22050: f64 = 1024.0;
/// Filters per octave (Böck & Widmer 2013).
const BANDS_PER_OCTAVE: i32 = 24;
/// Lowest and highest filter centre, Hz.
const RANGE_HZ: (f64, f64) = (30.0, 10_000.0);
/// Borders between the low, the middle and the high envelope, Hz.
const BORDERS_HZ: (f64, f64) = (200.0, 3_000.0);
/// Compression: a band at the running mean level is read as `log2(1 + COMPRESSION)`.
const COMPRESSION: f32 = 4.0;
/// Time constant of the running mean level, seconds.
const LEVEL_S: f64 = 10.0;
/// Frames below this root mean square do not count as sound (−70 dBFS).
const GATE_RMS: f32 = 3.162_277_7e-4;

/// Onset strength over time at [`ONSET_FPS`], each value `>= 0` and independent of gain.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OnsetEnvelope {
    /// Below 200 Hz.
    pub low: Vec<f32>,
    /// 200 to 3 000 Hz.
    pub mid: Vec<f32>,
    /// Above 3 000 Hz.
    pub high: Vec<f32>,
    /// Rise of the magnitude itself over all bands, not of its logarithm: loud beats stand out.
    pub rise: Vec<f32>,
    /// Frames louder than −70 dBFS.
    pub n_loud_frames: usize,
}

impl OnsetEnvelope {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// Whether there is no frame at all.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty()
    }
}

/// Streaming SuperFlux-like onset detection.
///
/// Each frame is mapped to a logarithmic bank of triangular filters and compressed; the rise of every
/// filter over the largest of its neighbours one frame earlier is summed per band. The maximum over the
/// neighbours keeps vibrato from looking like an onset.
///
/// # Source
///
/// Böck & Widmer (2013), "Maximum filter vibrato suppression for onset detection", DAFx-13. Differs in
/// the compression, which is relative to a running mean level, so that the result does not depend on gain.
pub struct OnsetStage {
    hop: f64,
    n_fft: usize,
    /// Compressed bands of the frame before, with one more on either side.
    previous: Vec<f32>,
    /// Samples not yet consumed; `pending[0]` is sample `first` of the padded signal.
    pending: Vec<f32>,
    first: u64,
    n_samples: u64,
    frame: u64,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    magnitude: Vec<f32>,
    bank: FilterBank,
    bands: Vec<f32>,
    /// Bands of the frame before, not compressed.
    linear: Vec<f32>,
    rises: Vec<f32>,
    level: f64,
    level_weight: f64,
    envelope: OnsetEnvelope,
}

impl OnsetStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    pub fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let n_fft =
            ((rate * FRAME_AT_22050 / 22_050.0).round() as usize).next_power_of_two().max(64);
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(n_fft);
        let window = (0..n_fft)
            .map(|i| {
                let phase = std::f64::consts::TAU * i as f64 / n_fft as f64;
                ((0.5 - 0.5 * phase.cos()) / n_fft as f64 * 4.0) as f32
            })
            .collect();
        let bank = FilterBank::new(rate, n_fft);
        Self {
            hop: rate / ONSET_FPS,
            n_fft,
            // The first frame is centred on the first sample.
            pending: vec![0.0; n_fft / 2],
            first: 0,
            n_samples: 0,
            frame: 0,
            input: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            window,
            magnitude: vec![0.0; n_fft / 2 + 1],
            bands: vec![0.0; bank.len()],
            previous: vec![0.0; bank.len() + 2],
            linear: vec![0.0; bank.len()],
            rises: vec![0.0; bank.len()],
            bank,
            level: 0.0,
            level_weight: 0.0,
            envelope: OnsetEnvelope::default(),
        }
    }

    /// Takes the next samples; blocks of any length give the same result.
    pub fn push(&mut self, samples: &[f32]) {
        self.n_samples += samples.len() as u64;
        self.pending.extend_from_slice(samples);
        self.consume();
    }

    /// The envelope of everything pushed.
    pub fn finish(mut self) -> OnsetEnvelope {
        self.pending.resize(self.pending.len() + self.n_fft, 0.0);
        self.consume();
        // The padding must not make frames beyond the last sample.
        let n_frames = (self.n_samples as f64 / self.hop).ceil() as usize;
        let OnsetEnvelope { low, mid, high, rise, .. } = &mut self.envelope;
        for band in [low, mid, high, rise] {
            band.truncate(n_frames);
        }
        self.envelope
    }

    fn consume(&mut self) {
        loop {
            let start = (self.frame as f64 * self.hop).round() as u64;
            let offset = (start - self.first) as usize;
            if offset + self.n_fft > self.pending.len() {
                // Drop what no later frame reads.
                let used = offset.min(self.pending.len());
                self.pending.drain(..used);
                self.first += used as u64;
                return;
            }
            self.analyse(offset);
            self.frame += 1;
        }
    }

    fn analyse(&mut self, offset: usize) {
        let samples = &self.pending[offset..offset + self.n_fft];
        for ((x, &s), &w) in self.input.iter_mut().zip(samples).zip(&self.window) {
            *x = s * w;
        }
        let energy = dot(samples, samples);
        self.fft
            .process_with_scratch(&mut self.input, &mut self.spectrum, &mut self.scratch)
            .expect("the buffers were made by the same plan");
        let read = self.bank.n_bins;
        for (m, c) in self.magnitude[..read].iter_mut().zip(&self.spectrum) {
            *m = (c.re * c.re + c.im * c.im).sqrt();
        }
        self.bank.apply(&self.magnitude, &mut self.bands);

        if (energy / self.n_fft as f32).sqrt() > GATE_RMS {
            self.envelope.n_loud_frames += 1;
            let keep = (-1.0 / (LEVEL_S * ONSET_FPS)).exp();
            let mean = sum(&self.bands) / self.bands.len() as f32;
            self.level = self.level * keep + f64::from(mean) * (1.0 - keep);
            self.level_weight = self.level_weight * keep + (1.0 - keep);
        }
        let gain = if self.level > 0.0 {
            COMPRESSION * (self.level_weight / self.level) as f32
        } else {
            0.0
        };
        for ((rise, &now), &before) in self.rises.iter_mut().zip(&self.bands).zip(&self.linear) {
            *rise = larger(now - before, 0.0);
        }
        self.envelope.rise.push(if self.frame > 0 { gain * sum(&self.rises) } else { 0.0 });
        self.linear.copy_from_slice(&self.bands);
        for band in &mut self.bands {
            *band = log2_1p(gain * *band);
        }
        for ((rise, &band), before) in
            self.rises.iter_mut().zip(&self.bands).zip(self.previous.windows(3))
        {
            *rise = larger(band - larger(before[0], larger(before[1], before[2])), 0.0);
        }
        let (a, b, n) = (self.bank.borders.0, self.bank.borders.1, self.bands.len());
        // There is nothing to compare the first frame with.
        let flux = |rises: &[f32]| if self.frame > 0 { sum(rises) } else { 0.0 };
        self.envelope.low.push(flux(&self.rises[..a]));
        self.envelope.mid.push(flux(&self.rises[a..b]));
        self.envelope.high.push(flux(&self.rises[b..]));
        self.previous[1..=n].copy_from_slice(&self.bands);
    }
}

/// Sparse bank of triangular filters with logarithmically spaced centres.
struct FilterBank {
    /// First bin, first weight and number of weights of each filter.
    filters: Vec<(usize, usize, usize)>,
    weights: Vec<f32>,
    /// Index of the first filter of the middle and of the high band.
    borders: (usize, usize),
    /// Bins from 0 that any filter reads.
    n_bins: usize,
}

impl FilterBank {
    fn new(rate_hz: f64, n_fft: usize) -> Self {
        let bin_hz = rate_hz / n_fft as f64;
        let mut centres: Vec<usize> = Vec::new();
        let top_hz = RANGE_HZ.1.min(rate_hz / 2.0 - bin_hz);
        for step in 0.. {
            let hz = RANGE_HZ.0 * 2_f64.powf(f64::from(step) / f64::from(BANDS_PER_OCTAVE));
            if hz > top_hz {
                break;
            }
            let bin = (hz / bin_hz).round() as usize;
            // Low filters share a bin: one of them is enough.
            if bin > 0 && centres.last() != Some(&bin) {
                centres.push(bin);
            }
        }
        let (mut filters, mut weights) = (Vec::new(), Vec::new());
        for w in centres.windows(3) {
            let (left, centre, right) = (w[0], w[1], w[2]);
            let first_weight = weights.len();
            for bin in left + 1..right {
                let weight = if bin <= centre {
                    (bin - left) as f32 / (centre - left) as f32
                } else {
                    (right - bin) as f32 / (right - centre) as f32
                };
                weights.push(weight);
            }
            filters.push((left + 1, first_weight, weights.len() - first_weight));
        }
        let border = |hz: f64| {
            centres[1..centres.len() - 1].iter().filter(|&&bin| (bin as f64) * bin_hz < hz).count()
        };
        let borders = (border(BORDERS_HZ.0), border(BORDERS_HZ.1));
        let n_bins = filters.last().map_or(0, |&(bin, _, n)| bin + n);
        Self { filters, weights, borders, n_bins }
    }

    fn len(&self) -> usize {
        self.filters.len()
    }

    fn apply(&self, magnitude: &[f32], bands: &mut [f32]) {
        for (band, &(bin, weight, n)) in bands.iter_mut().zip(&self.filters) {
            *band = dot(&magnitude[bin..bin + n], &self.weights[weight..weight + n]);
        }
    }
}

/// Sum of products in eight interleaved parts: one running sum would wait for itself.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut parts = [0.0_f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for ((part, a), b) in parts.iter_mut().zip(a).zip(b) {
            *part += a * b;
        }
    }
    parts.iter().sum::<f32>() + rest
}

/// Sum in eight interleaved parts.
fn sum(values: &[f32]) -> f32 {
    let mut parts = [0.0_f32; 8];
    let chunks = values.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (part, v) in parts.iter_mut().zip(chunk) {
            *part += v;
        }
    }
    parts.iter().sum::<f32>() + rest
}

/// The larger of two numbers; without the care of `f32::max` for NaN, which costs three instructions.
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// `log2(1 + x)` for `x >= 0` within 2e-5: the logarithm of the library costs more than the transform.
fn log2_1p(x: f32) -> f32 {
    let y = 1.0 + x;
    let bits = y.to_bits();
    let exponent = (bits >> 23).cast_signed() - 127;
    let t = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000) - 1.0;
    // Minimax fit of log2(1 + t) on 0..1 that is exact at both ends.
    let p = 0.441_916_87 + t * (-0.267_178 + t * (0.148_423_54 - t * 0.045_147_04));
    exponent as f32 + t + t * (1.0 - t) * p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_logarithm_is_close() {
        for i in 0..20_000 {
            let x = i as f32 * 0.01;
            assert!((log2_1p(x) - (1.0 + x).log2()).abs() < 4e-5, "at {x}");
        }
        assert!(log2_1p(0.0).abs() < 1e-9);
    }

    #[test]
    fn click_is_one_onset_at_its_time() {
        let mut samples = vec![0.0; 22_050];
        samples[11_025] = 0.5;
        let mut stage = OnsetStage::new(22_050);
        stage.push(&samples);
        let envelope = stage.finish();
        assert_eq!(envelope.len(), 100);
        let loudest =
            (0..100).max_by(|&a, &b| envelope.mid[a].total_cmp(&envelope.mid[b])).unwrap();
        assert!((47..=51).contains(&loudest), "at frame {loudest}");
    }

    #[test]
    fn nothing_and_silence_have_no_onsets() {
        assert!(OnsetStage::new(22_050).finish().is_empty());
        let mut stage = OnsetStage::new(22_050);
        stage.push(&vec![0.0; 22_050]);
        let envelope = stage.finish();
        assert_eq!(envelope.n_loud_frames, 0);
        assert!(envelope.mid.iter().all(|&v| v.abs() < 1e-9));
    }
}
