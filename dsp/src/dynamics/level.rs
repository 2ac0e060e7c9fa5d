//! The level of a recording over time, one value every 10 ms.

use multiversion::multiversion;

use crate::lanes::{LANES, larger};
use crate::scale::amplitude_to_db;

/// Values per second of a [`Level`].
pub const LEVEL_FPS: f64 = 100.0;
/// Blocks per second, as a whole number.
const BLOCKS_PER_SECOND: u64 = 100;
/// Lowest level that is told, dBFS; digital silence has it.
pub const LEVEL_FLOOR_DB: f64 = -100.0;
/// A block below this is no sound, dBFS: the gate of the spectra and of the loudness.
pub const GATE_DB: f64 = -70.0;

/// The level of one recording over time, and its extremes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Level {
    /// Standard deviation of the samples about their mean within each 10 ms, linear full scale, over all channels
    /// alike (root of the mean of their variances). A constant has none.
    pub deviations: Vec<f32>,
    /// Largest magnitude of a sample, linear full scale.
    pub peak: f32,
    /// Sum of the squares of all samples of all channels.
    pub squares: f64,
    /// Sample frames times channels.
    pub n_samples: u64,
}

impl Level {
    /// Level of one block, dBFS, not below [`LEVEL_FLOOR_DB`]: −3.01 for a sine of full scale.
    pub fn db(&self, block: usize) -> f64 {
        deviation_to_db(self.deviations.get(block).copied().unwrap_or(0.0))
    }

    /// Number of blocks above [`GATE_DB`].
    pub fn n_sounding(&self) -> usize {
        let gate = crate::scale::db_to_amplitude(GATE_DB) as f32;
        self.deviations.iter().filter(|&&deviation| deviation > gate).count()
    }
}

/// Decibels of a linear level, not below [`LEVEL_FLOOR_DB`].
pub(crate) fn deviation_to_db(deviation: f32) -> f64 {
    amplitude_to_db(deviation.into()).max(LEVEL_FLOOR_DB)
}

/// Streaming [`Level`] of interleaved samples at the source rate.
///
/// Memory grows by 400 bytes per second.
///
/// # Examples
///
/// ```
/// let mut stage = dsp::dynamics::LevelStage::new(48000, 1);
/// let sine = (0..48000).map(|i| (f64::from(i) * std::f64::consts::TAU / 48.0).sin() as f32);
/// stage.push(&sine.collect::<Vec<_>>());
/// let level = stage.finish();
/// assert_eq!(level.deviations.len(), 100);
/// assert!((level.db(50) - -3.0103).abs() < 1e-4);
/// ```
#[derive(Debug, Clone)]
pub struct LevelStage {
    rate_hz: u64,
    n_channels: usize,
    /// Interleaved samples of the block that has begun.
    pending: Vec<f32>,
    n_blocks: u64,
    level: Level,
}

impl LevelStage {
    /// A stage for interleaved samples; a block has at least one sample frame.
    pub fn new(rate_hz: u32, n_channels: u32) -> Self {
        Self {
            rate_hz: u64::from(rate_hz).max(BLOCKS_PER_SECOND),
            n_channels: n_channels.max(1) as usize,
            pending: Vec::new(),
            n_blocks: 0,
            level: Level::default(),
        }
    }

    /// Takes the next samples; blocks of any length give the same bits. NaN and infinities must have been replaced.
    pub fn push(&mut self, interleaved: &[f32]) {
        let mut rest = interleaved;
        while !rest.is_empty() {
            let wanted = self.block_frames() * self.n_channels - self.pending.len();
            let (now, later) = rest.split_at(wanted.min(rest.len()));
            rest = later;
            if now.len() == wanted && self.pending.is_empty() {
                self.block(now);
            } else {
                self.pending.extend_from_slice(now);
                if now.len() == wanted {
                    let mut pending = std::mem::take(&mut self.pending);
                    self.block(&pending);
                    pending.clear();
                    self.pending = pending;
                }
            }
        }
    }

    /// The level of everything pushed; a last block that is not complete counts as one.
    pub fn finish(mut self) -> Level {
        let pending = std::mem::take(&mut self.pending);
        if pending.len() >= self.n_channels {
            self.block(&pending);
        }
        self.level
    }

    /// Sample frames in the next block; they differ by one where 10 ms are no whole number.
    fn block_frames(&self) -> usize {
        let boundary = |block: u64| block * self.rate_hz / BLOCKS_PER_SECOND;
        (boundary(self.n_blocks + 1) - boundary(self.n_blocks)) as usize
    }

    fn block(&mut self, interleaved: &[f32]) {
        let n_frames = interleaved.len() / self.n_channels;
        let samples = &interleaved[..n_frames * self.n_channels];
        // Lanes hold one channel each if their number is a multiple of the channels'.
        let (lanes, peak) = if LANES.is_multiple_of(self.n_channels) {
            lane_sums(samples, self.n_channels)
        } else {
            channel_sums(samples, self.n_channels)
        };
        let n = n_frames as f64;
        let (mut variances, mut squares) = (0.0, 0.0);
        for (channel, &first) in samples.iter().take(self.n_channels).enumerate() {
            let mine = lanes.iter().skip(channel).step_by(self.n_channels);
            let (sum, square) = mine.fold((0.0, 0.0), |(sum, square), lane| {
                (sum + f64::from(lane[0]), square + f64::from(lane[1]))
            });
            let first = f64::from(first);
            variances += (square - sum * sum / n).max(0.0) / n;
            squares += (square + 2.0 * first * sum + n * first * first).max(0.0);
        }
        self.level.deviations.push((variances / self.n_channels as f64).sqrt() as f32);
        self.level.squares += squares;
        self.level.n_samples += samples.len() as u64;
        self.level.peak = larger(self.level.peak, peak);
        self.n_blocks += 1;
    }
}

/// Sum and sum of squares of the distances from the first sample of the same channel.
type Sums = [f32; 2];

/// [`Sums`] by lane, where lane `i` holds every 16th sample from `i` on; and the largest magnitude.
///
/// Distances from the first sample rather than the samples themselves: a constant would cancel to noise.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn lane_sums(samples: &[f32], n_channels: usize) -> ([Sums; LANES], f32) {
    let mut first = [0f32; LANES];
    for (i, first) in first.iter_mut().enumerate() {
        *first = samples[i % n_channels];
    }
    let (mut sum, mut square, mut peak) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
    let (chunks, rest) = samples.as_chunks::<LANES>();
    for chunk in chunks {
        for i in 0..LANES {
            let distance = chunk[i] - first[i];
            sum[i] += distance;
            square[i] += distance * distance;
            peak[i] = larger(peak[i], chunk[i].abs());
        }
    }
    for (i, x) in rest.iter().enumerate() {
        let distance = x - first[i];
        sum[i] += distance;
        square[i] += distance * distance;
        peak[i] = larger(peak[i], x.abs());
    }
    let mut sums = [[0f32; 2]; LANES];
    for i in 0..LANES {
        sums[i] = [sum[i], square[i]];
    }
    (sums, peak.into_iter().fold(0.0, larger))
}

/// As [`lane_sums`], for numbers of channels that do not divide the lanes; lane `i` holds channel `i`.
fn channel_sums(samples: &[f32], n_channels: usize) -> ([Sums; LANES], f32) {
    let (mut sums, mut peak) = ([[0f32; 2]; LANES], 0f32);
    for frame in samples.chunks_exact(n_channels) {
        for (([sum, square], x), first) in sums.iter_mut().zip(frame).zip(samples) {
            let distance = x - first;
            *sum += distance;
            *square += distance * distance;
            peak = larger(peak, x.abs());
        }
    }
    (sums, peak)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(rate_hz: u32, n_channels: u32, samples: &[f32], block: usize) -> Level {
        let mut stage = LevelStage::new(rate_hz, n_channels);
        samples.chunks(block).for_each(|block| stage.push(block));
        stage.finish()
    }

    fn sine(rate_hz: u32, hz: f64, n: u32) -> Vec<f32> {
        let step = std::f64::consts::TAU * hz / f64::from(rate_hz);
        (0..n).map(|i| (step * f64::from(i)).sin() as f32).collect()
    }

    #[test]
    fn a_sine_is_3_db_below_its_peak_in_any_number_of_channels() {
        // Whole periods in 10 ms, so that the closed form holds for each block.
        let mono = sine(48_000, 1_000.0, 48_000);
        for n_channels in 1..=8u32 {
            let samples: Vec<f32> =
                mono.iter().flat_map(|&x| (0..n_channels).map(move |_| x)).collect();
            let level = level(48_000, n_channels, &samples, 1000 * n_channels as usize);
            assert_eq!(level.deviations.len(), 100);
            for block in 0..100 {
                assert!(
                    (level.db(block) - -3.0103).abs() < 1e-4,
                    "{n_channels}: {}",
                    level.db(block)
                );
            }
            assert!((level.peak - 1.0).abs() < 1e-6);
            let rms = (level.squares / level.n_samples as f64).sqrt();
            assert!((rms - 0.5f64.sqrt()).abs() < 1e-6);
        }
    }

    #[test]
    fn a_constant_has_no_level_and_one_channel_is_half_of_two() {
        for value in [1.0, 0.3, -0.77] {
            let level = level(44_100, 2, &vec![value; 88_200], 4096);
            assert!(level.deviations.iter().all(|&d| d < 1e-9), "{value}");
            assert!((level.squares / 88_200.0 - f64::from(value * value)).abs() < 1e-6);
            assert_eq!(level.n_sounding(), 0);
        }
        let left: Vec<f32> = sine(44_100, 400.0, 44_100).iter().flat_map(|&x| [x, 0.0]).collect();
        assert!((level(44_100, 2, &left, 99).db(10) - -6.0206).abs() < 1e-3);
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let samples = sine(44_100, 333.0, 30_000);
        for n_channels in [1, 2, 3, 6] {
            let samples = &samples[..30_000 / n_channels as usize * n_channels as usize];
            let whole = level(22_050, n_channels, samples, usize::MAX);
            for block in [1, 5, 100, 4096] {
                let block = block * n_channels as usize;
                assert_eq!(level(22_050, n_channels, samples, block), whole);
            }
        }
    }

    #[test]
    fn nothing_has_no_blocks_and_silence_is_at_the_floor() {
        assert_eq!(level(44_100, 2, &[], 1), Level::default());
        let silence = level(8_000, 1, &[0.0; 801], 7);
        assert_eq!(silence.deviations.len(), 11);
        assert!((silence.db(3) - LEVEL_FLOOR_DB).abs() < 1e-12);
        assert!((silence.db(9999) - LEVEL_FLOOR_DB).abs() < 1e-12);
    }
}
