//! Conversion of a mono stream to another rate, most of all the analysis rate.

use multiversion::multiversion;

use crate::lanes::{LANES, inner_product};
use crate::planes::take_plane;
use crate::{Error, Result, window};

/// Rate of every analysis except loudness, Hz.
pub const ANALYSIS_RATE_HZ: u32 = 22050;
/// Lowest source rate, Hz.
pub const MIN_RATE_HZ: u32 = 4_000;
/// Highest source rate, Hz.
pub const MAX_RATE_HZ: u32 = 384_000;

/// Edge of the pass band as a share of the lower Nyquist frequency: 9 592 Hz at the analysis rate.
const PASS_BAND: f64 = 0.87;
/// Edge of the stop band in the same unit. Slightly above 1: what folds lands above 10.35 kHz, where the filter
/// already falls, and the filter is a third shorter (112 taps at 44.1 kHz).
const STOP_BAND: f64 = 1.0615;
/// Stop-band attenuation of the design, dB; a little above the 80 dB that are promised.
const ATTENUATION_DB: f64 = 84.0;
/// Most phases that are tabulated exactly.
const MAX_EXACT_PHASES: usize = 512;
/// Phases of the interpolated table: linear interpolation errs by less than (π/512)²/8, −106 dB.
const INTERPOLATED_PHASES: usize = 512;
/// Outputs of a whole-numbered decimation that are computed side by side.
pub(crate) const DECIMATED_TOGETHER: usize = 64;
/// Input samples that are handled at once; bounds the buffer for pushes of any length.
const CHUNK_SAMPLES: usize = 8192;

/// Streaming rational resampler to [`ANALYSIS_RATE_HZ`], or another rate: polyphase windowed sinc, zero delay.
///
/// Output sample `i` is the signal at time `i / target` s. A stream of `n` samples gives
/// `⌈n · target / rate⌉`; before its start and after its end it counts as zero. A constant stays exactly as
/// loud in every phase. The bits of the output do not depend on how the stream is cut into pushes.
///
/// Flat within 0.01 dB up to 0.87 of the lower Nyquist frequency (9.5 kHz at the analysis rate), stop band below −80 dB from 1.062 of
/// it on.
///
/// # Source
///
/// Kaiser-windowed sinc (Kaiser, 1974) in the polyphase form of Crochiere and Rabiner (1983), *Multirate digital
/// signal processing*, chapter 4.
///
/// # Examples
///
/// ```
/// let mut resampler = dsp::resample::Resampler::new(44100)?;
/// let mut output = Vec::new();
/// resampler.push(&[0.5; 44100], &mut output);
/// resampler.finish(&mut output);
/// assert_eq!(output.len(), 22050);
/// assert!((output[11025] - 0.5).abs() < 1e-6);
/// # Ok::<(), dsp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Resampler {
    /// Output samples per `down` input samples, in lowest terms.
    up: u64,
    down: u64,
    /// Rows of `n_taps`: one per phase, or one more than there are phases for interpolation.
    filters: Vec<f32>,
    n_taps: usize,
    is_interpolated: bool,
    /// Whole-numbered decimation: the taps of one residue lie together.
    is_decimating: bool,
    /// Input from `first` on, `n_taps / 2 − 1` zeros before the stream included.
    buffer: Vec<f32>,
    /// Index in the padded stream of the first sample in `buffer`.
    first: u64,
    n_in: u64,
    n_out: u64,
    /// Samples in `buffer` by residue, for whole-numbered decimation.
    planes: Vec<Vec<f32>>,
}

impl Resampler {
    /// Converter from `rate_hz` to the analysis rate.
    ///
    /// # Errors
    ///
    /// [`Error::SampleRateOutOfRange`] outside of 4 000..=384 000 Hz.
    pub fn new(rate_hz: u32) -> Result<Self> {
        Self::between(rate_hz, ANALYSIS_RATE_HZ)
    }

    /// Converter from `rate_hz` to `target_hz`.
    ///
    /// # Errors
    ///
    /// [`Error::SampleRateOutOfRange`] when either is outside of 4 000..=384 000 Hz.
    pub fn between(rate_hz: u32, target_hz: u32) -> Result<Self> {
        for actual in [rate_hz, target_hz] {
            if !(MIN_RATE_HZ..=MAX_RATE_HZ).contains(&actual) {
                let (min, max) = (MIN_RATE_HZ, MAX_RATE_HZ);
                return Err(Error::SampleRateOutOfRange { actual, min, max });
            }
        }
        let divisor = greatest_common_divisor(rate_hz, target_hz);
        let (up, down) = (target_hz / divisor, rate_hz / divisor);
        let is_interpolated = up as usize > MAX_EXACT_PHASES;
        let n_phases = if is_interpolated { INTERPOLATED_PHASES } else { up as usize };
        let (mut filters, n_taps) = if up == down {
            (Vec::new(), 0)
        } else {
            let n_rows = n_phases + usize::from(is_interpolated);
            filter_table(f64::from(target_hz) / f64::from(rate_hz), n_phases, n_rows)
        };
        let is_decimating = up == 1 && down > 1 && n_taps.is_multiple_of(down as usize);
        if is_decimating {
            filters = (0..down as usize)
                .flat_map(|residue| filters.iter().skip(residue).step_by(down as usize).copied())
                .collect();
        }
        let buffer = vec![0.0; (n_taps / 2).saturating_sub(1)];
        Ok(Self {
            up: up.into(),
            down: down.into(),
            filters,
            n_taps,
            is_interpolated,
            is_decimating,
            buffer,
            first: 0,
            n_in: 0,
            n_out: 0,
            planes: Vec::new(),
        })
    }

    /// Takes the next samples and appends every output sample that they complete.
    pub fn push(&mut self, samples: &[f32], output: &mut Vec<f32>) {
        self.n_in += samples.len() as u64;
        if self.n_taps == 0 {
            output.extend_from_slice(samples);
            return;
        }
        for chunk in samples.chunks(CHUNK_SAMPLES) {
            self.buffer.extend_from_slice(chunk);
            self.emit(u64::MAX, output);
        }
    }

    /// Ends the stream: appends the output samples that reach into the zeros after it.
    pub fn finish(mut self, output: &mut Vec<f32>) {
        if self.n_taps > 0 {
            let n_out = (self.n_in * self.up).div_ceil(self.down);
            self.buffer.resize(self.buffer.len() + self.n_taps, 0.0);
            self.emit(n_out, output);
        }
    }

    /// Appends all output samples below `limit` whose input is in the buffer.
    fn emit(&mut self, limit: u64, output: &mut Vec<f32>) {
        let start = |n_out: u64| n_out * self.down / self.up;
        let end = self.first + self.buffer.len() as u64;
        // The first output whose taps reach beyond the buffer: ⌈(end − taps + 1) · up / down⌉.
        let available = (end + 1).saturating_sub(self.n_taps as u64);
        let stop = (available * self.up).div_ceil(self.down).min(limit);
        if stop <= self.n_out {
            return;
        }
        let at = output.len();
        output.resize(at + (stop - self.n_out) as usize, 0.0);
        let output = &mut output[at..];
        if self.is_interpolated {
            let row = |phase: usize| &self.filters[phase * self.n_taps..][..self.n_taps];
            for (i, y) in output.iter_mut().enumerate() {
                let n_out = self.n_out + i as u64;
                let input = &self.buffer[(start(n_out) - self.first) as usize..][..self.n_taps];
                let phase = (n_out * self.down % self.up) as f64 / self.up as f64
                    * INTERPOLATED_PHASES as f64;
                let (low, share) = (phase as usize, phase.fract() as f32);
                let (a, b) = (inner_product(input, row(low)), inner_product(input, row(low + 1)));
                *y = a + share * (b - a);
            }
        } else if self.is_decimating {
            let input = &self.buffer[(start(self.n_out) - self.first) as usize..];
            let length = output.len() + self.n_taps / self.down as usize + DECIMATED_TOGETHER;
            self.planes.resize_with(self.down as usize, Vec::new);
            for (residue, plane) in self.planes.iter_mut().enumerate() {
                take_plane(plane, input, residue, self.down as usize);
                // Taps that the last block does not use.
                plane.resize(length.max(plane.len()), 0.0);
            }
            decimate(&self.planes, &self.filters, output);
        } else {
            let first = (start(self.n_out) - self.first) as usize;
            let phase = self.n_out * self.down % self.up;
            filter(
                &self.buffer[first..],
                &self.filters,
                self.n_taps,
                [self.up, self.down, phase],
                output,
            );
        }
        self.n_out = stop;
        let dropped = (start(stop) - self.first).min(self.buffer.len() as u64);
        self.buffer.drain(..dropped as usize);
        self.first += dropped;
    }
}

/// Rows of windowed-sinc taps for phases `0/n_phases ..`, oldest input first, and the length of a row; `ratio` is the
/// new rate over the old.
fn filter_table(ratio: f64, n_phases: usize, n_rows: usize) -> (Vec<f32>, usize) {
    // Everything in units of one input sample.
    let nyquist = 0.5 * ratio.min(1.0);
    let cutoff = nyquist * f64::midpoint(PASS_BAND, STOP_BAND);
    let transition = nyquist * (STOP_BAND - PASS_BAND);
    // Kaiser's length: (A − 8) / (2.285 · Δω).
    let length = (ATTENUATION_DB - 8.0) / (2.285 * std::f64::consts::TAU * transition);
    let half = length / 2.0;
    let n_taps = (length.ceil() as usize + 1).next_multiple_of(LANES);
    let beta = window::kaiser_beta(ATTENUATION_DB);
    let middle = (n_taps / 2 - 1) as f64;
    let mut table = Vec::with_capacity(n_rows * n_taps);
    for row in 0..n_rows {
        let offset = middle + row as f64 / n_phases as f64;
        let taps: Vec<f64> = (0..n_taps)
            .map(|tap| {
                let t = tap as f64 - offset;
                sinc(2.0 * cutoff * t) * window::kaiser(t / half, beta)
            })
            .collect();
        let sum: f64 = taps.iter().sum();
        table.extend(taps.iter().map(|tap| (tap / sum) as f32));
    }
    (table, n_taps)
}

fn sinc(x: f64) -> f64 {
    let angle = std::f64::consts::PI * x;
    if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle }
}

/// One output sample per element of `output`, with tabulated phases; `ratio` is up, down and first phase.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2", "aarch64+neon"))]
fn filter(input: &[f32], filters: &[f32], n_taps: usize, ratio: [u64; 3], output: &mut [f32]) {
    let [up, down, mut phase] = ratio.map(|x| x as usize);
    let mut start = 0;
    for y in output {
        *y = inner_product(&input[start..start + n_taps], &filters[phase * n_taps..][..n_taps]);
        phase += down;
        start += phase / up;
        phase %= up;
    }
}

/// One output sample per element of `output` where every `planes.len()`-th input gives one.
///
/// `planes` are the input samples of each residue, `taps` likewise; 64 outputs are computed side by side, each as one sum from the
/// first tap to the last.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn decimate(planes: &[Vec<f32>], taps: &[f32], output: &mut [f32]) {
    let n_taps = taps.len() / planes.len();
    for (block, output) in output.chunks_mut(DECIMATED_TOGETHER).enumerate() {
        let mut sums = [0f32; DECIMATED_TOGETHER];
        for (plane, taps) in planes.iter().zip(taps.chunks_exact(n_taps)) {
            let inputs = plane[block * DECIMATED_TOGETHER..].windows(DECIMATED_TOGETHER);
            for (input, tap) in inputs.zip(taps) {
                for (sum, x) in sums.iter_mut().zip(input) {
                    *sum += tap * x;
                }
            }
        }
        output.copy_from_slice(&sums[..output.len()]);
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Level of the designed filter at a frequency, dB; the oracle of the tests.
#[cfg(test)]
fn response_db(rate_hz: u32, hz: f64) -> f64 {
    // The prototype at 64 phases, seen as one long filter.
    let ratio = f64::from(ANALYSIS_RATE_HZ) / f64::from(rate_hz);
    let (table, n_taps) = filter_table(ratio, 64, 64);
    let middle = (n_taps / 2 - 1) as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (i, &tap) in table.iter().enumerate() {
        let t = (i % n_taps) as f64 - middle - (i / n_taps) as f64 / 64.0;
        let angle = std::f64::consts::TAU * hz / f64::from(rate_hz) * t;
        re += f64::from(tap) * angle.cos() / 64.0;
        im += f64::from(tap) * angle.sin() / 64.0;
    }
    crate::scale::power_to_db(re * re + im * im)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: [u32; 13] = [
        4000, 8000, 11025, 16000, 22049, 22050, 44056, 44100, 48000, 88200, 96000, 192_000, 384_000,
    ];

    fn resample(rate_hz: u32, input: &[f32], block: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(rate_hz).unwrap();
        let mut output = Vec::new();
        for block in input.chunks(block) {
            resampler.push(block, &mut output);
        }
        resampler.finish(&mut output);
        output
    }

    fn sine(rate_hz: u32, hz: f64, n: usize) -> Vec<f32> {
        (0..n)
            .map(|i| (std::f64::consts::TAU * hz * i as f64 / f64::from(rate_hz)).sin() as f32)
            .collect()
    }

    #[test]
    fn a_sine_keeps_its_phase_and_level_at_every_rate() {
        for rate_hz in RATES {
            let hz = 0.4 * f64::from(rate_hz.min(22050)) / 2.0;
            let output = resample(rate_hz, &sine(rate_hz, hz, rate_hz as usize), usize::MAX);
            let expected = sine(22050, hz, output.len());
            // The ends hold the transients of a sine that starts and stops.
            for i in 2000..20000 {
                let error = (output[i] - expected[i]).abs();
                assert!(error < 3e-5, "{rate_hz} Hz: error {error} at {i}");
            }
        }
    }

    #[test]
    fn any_rate_can_be_the_target() {
        // What models want: 44.1 and 48 kHz to 16, 32 and 48 kHz; the phase is kept, so 3e-5 as above.
        for (rate_hz, target_hz) in
            [(44_100, 16_000), (48_000, 16_000), (44_100, 32_000), (22_050, 48_000)]
        {
            let hz = 0.4 * f64::from(rate_hz.min(target_hz)) / 2.0;
            let mut resampler = Resampler::between(rate_hz, target_hz).unwrap();
            let mut output = Vec::new();
            resampler.push(&sine(rate_hz, hz, rate_hz as usize), &mut output);
            resampler.finish(&mut output);
            assert_eq!(output.len(), target_hz as usize, "one second");
            let expected = sine(target_hz, hz, output.len());
            for i in 2000..target_hz as usize - 2000 {
                let error = (output[i] - expected[i]).abs();
                assert!(error < 3e-5, "{rate_hz} to {target_hz} Hz: error {error} at {i}");
            }
        }
        assert!(Resampler::between(44_100, 100).is_err());
    }

    #[test]
    fn the_length_is_the_duration() {
        for rate_hz in RATES {
            for n in [0, 1, 2, 3, 999, 10_000] {
                let n_out = resample(rate_hz, &vec![0.1; n], 77).len() as u64;
                assert_eq!(n_out, (n as u64 * 22050).div_ceil(rate_hz.into()), "{rate_hz} Hz, {n}");
            }
        }
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        for rate_hz in [8000, 22049, 44100, 48000, 176_400, 192_000] {
            let input = sine(rate_hz, 700.0, 30_000);
            let whole = resample(rate_hz, &input, usize::MAX);
            for block in [1, 5, 1024, 8193] {
                assert_eq!(resample(rate_hz, &input, block), whole, "{rate_hz} Hz by {block}");
            }
        }
    }

    #[test]
    fn the_pass_band_is_flat_and_the_stop_band_silent() {
        for rate_hz in [16000, 44100, 48000, 96000] {
            let nyquist = 0.5 * f64::from(rate_hz.min(22050));
            for step in 0..=20 {
                let pass = response_db(rate_hz, nyquist * 0.87 * f64::from(step) / 20.0);
                assert!(pass.abs() < 0.01, "{rate_hz} Hz: pass band is {pass} dB");
                let stop = response_db(rate_hz, nyquist * (1.062 + 0.1 * f64::from(step)));
                assert!(stop < -80.0, "{rate_hz} Hz: stop band is {stop} dB at step {step}");
            }
        }
    }

    #[test]
    fn a_tone_in_the_stop_band_vanishes() {
        for (rate_hz, hz) in
            [(44100, 12_000.0), (44100, 15_000.0), (48000, 20_000.0), (44056, 13_000.0)]
        {
            let output = resample(rate_hz, &sine(rate_hz, hz, 2 * rate_hz as usize), usize::MAX);
            let peak = output[1000..40_000].iter().fold(0f32, |peak, y| peak.max(y.abs()));
            assert!(peak < 1e-4, "{hz} Hz at {rate_hz} Hz leaves {peak}");
        }
    }

    #[test]
    fn the_analysis_rate_passes_untouched() {
        let input = sine(22050, 5000.0, 1000);
        assert_eq!(resample(22050, &input, 10), input);
    }

    #[test]
    fn a_constant_stays_constant() {
        for rate_hz in RATES {
            let output = resample(rate_hz, &vec![0.5; rate_hz as usize], usize::MAX);
            for y in &output[2000..20000] {
                assert!((y - 0.5).abs() < 1e-6, "{rate_hz} Hz gives {y}");
            }
        }
    }

    #[test]
    fn rejects_rates_out_of_range() {
        assert!(Resampler::new(3999).is_err());
        assert!(Resampler::new(384_001).is_err());
    }
}
