//! All loudness measures of one recording in one pass.

use super::gating::{ABSOLUTE_GATE_LUFS, integrated_lufs, median_lufs, range_lu};
use super::k_weighting::{KWeighting, LANES};
use super::true_peak::TruePeak;
use crate::analysis::{Estimate, Loudness, Reason};
use crate::curves::QUIETEST_LUFS;
use crate::planes::take_plane;
use crate::scale::{amplitude_to_db, mean_square_to_lufs};

/// Blocks whose energies are added up to every longer window, per second.
const BLOCKS_PER_SECOND: u64 = 100;
/// Blocks in a momentary window of 400 ms.
const MOMENTARY_BLOCKS: usize = 40;
/// Blocks in a step of the gating windows.
const STEP_BLOCKS: usize = 10;
/// Steps of 100 ms in a gating window of 400 ms (BS.1770-5, annex 1: 75 % overlap).
const GATING_STEPS: usize = 4;
/// Steps of 100 ms in a short-term window of 3 s.
const SHORT_TERM_STEPS: usize = 30;
/// Loudness that ReplayGain aims at (ReplayGain 2.0 specification, section "Reference level").
const REPLAY_GAIN_REFERENCE_LUFS: f64 = -18.0;
/// Gain of surround channels, +1.5 dB (BS.1770-5, annex 1, table 4).
const SURROUND: f64 = 1.41;

/// Streaming loudness meter: interleaved samples at the source rate, all channels.
///
/// Channels are in WAV order: mono; L R; L R C; L R Ls Rs; L R C Ls Rs; L R C LFE Ls Rs; L R C LFE Cs Ls Rs;
/// L R C LFE Lrs Rrs Lss Rss. The low-frequency channel does not count; channels between 60° and 120° to the side
/// count 1.41, those further back 1. A mono file is one channel, 3 LU below the same sound in two.
///
/// Memory grows by 80 bytes per second.
///
/// # Source
///
/// ITU-R BS.1770-5; EBU Tech 3341 (2023), with the momentary loudness evaluated every 10 ms and the short-term
/// loudness every 100 ms; EBU Tech 3342 (2023). All cases of both that can be synthesised are tested at their
/// tolerance (`tests/it/standards.rs`).
///
/// # Examples
///
/// ```
/// let mut stage = dsp::LoudnessStage::new(48000, 2);
/// let sine = (0..96000).map(|i| 0.1 * (f64::from(i / 2) * std::f64::consts::TAU / 48.0).sin());
/// stage.push(&sine.map(|x| x as f32).collect::<Vec<_>>());
/// let loudness = stage.finish().expect("it is neither silent nor short");
/// assert!((loudness.integrated_lufs - -20.0).abs() < 0.05);
/// ```
#[derive(Debug, Clone)]
pub struct LoudnessStage {
    rate_hz: u64,
    n_channels: usize,
    weights: Vec<f64>,
    filters: Vec<KWeighting>,
    peaks: Vec<TruePeak>,
    /// Interleaved samples of the block that has begun.
    pending: Vec<f32>,
    /// One block of each channel; a silent one follows if their number is odd.
    planes: Vec<Vec<f32>>,
    n_blocks: u64,
    n_frames: u64,
    /// Weighted sums of squares and lengths of the last [`MOMENTARY_BLOCKS`] blocks, as a ring.
    recent: [(f64, u64); MOMENTARY_BLOCKS],
    momentary_max: f64,
    /// The step that has begun: sum and length.
    step: (f64, u64),
    /// Mean squares of all complete steps.
    steps: Vec<f64>,
    total: f64,
}

impl LoudnessStage {
    /// A meter for interleaved samples; channels beyond the eighth count like the first.
    pub fn new(rate_hz: u32, n_channels: u32) -> Self {
        let n_channels = n_channels.max(1) as usize;
        let n_groups = n_channels.div_ceil(LANES);
        Self {
            rate_hz: rate_hz.into(),
            n_channels,
            weights: (0..n_channels).map(|channel| weight(channel, n_channels)).collect(),
            filters: vec![KWeighting::new(rate_hz); n_groups],
            peaks: vec![TruePeak::new(rate_hz); n_channels],
            pending: Vec::new(),
            planes: vec![Vec::new(); n_groups * LANES],
            n_blocks: 0,
            n_frames: 0,
            recent: [(0.0, 0); MOMENTARY_BLOCKS],
            momentary_max: 0.0,
            step: (0.0, 0),
            steps: Vec::new(),
            total: 0.0,
        }
    }

    /// Takes the next samples; blocks of any length give the same bits. NaN and infinities must have been replaced.
    pub fn push(&mut self, interleaved: &[f32]) {
        let mut rest = interleaved;
        while !rest.is_empty() {
            let wanted = self.block_frames() as usize * self.n_channels - self.pending.len();
            let (now, later) = rest.split_at(wanted.min(rest.len()));
            rest = later;
            if now.len() < wanted {
                self.pending.extend_from_slice(now);
            } else if self.pending.is_empty() {
                self.block(now);
            } else {
                let mut pending = std::mem::take(&mut self.pending);
                pending.extend_from_slice(now);
                self.block(&pending);
                pending.clear();
                self.pending = pending;
            }
        }
    }

    /// Momentary loudness of everything pushed so far, every 100 ms; see [`Curves::momentary_lufs`](crate::Curves::momentary_lufs).
    pub fn momentary_lufs(&self) -> Vec<f32> {
        windows(&self.steps, GATING_STEPS)
            .map(|mean_square| (mean_square_to_lufs(mean_square) as f32).max(QUIETEST_LUFS))
            .collect()
    }

    /// Loudness of everything pushed.
    ///
    /// # Errors
    ///
    /// [`Reason::Silence`] if nothing passes the absolute gate; [`Reason::TooShort`] below 400 ms.
    pub fn finish(mut self) -> Estimate<Loudness> {
        let pending = std::mem::take(&mut self.pending);
        let n_left = (pending.len() / self.n_channels) as u64;
        self.total += self.weighted_squares(&pending);
        self.n_frames += n_left;
        if mean_square_to_lufs(self.total / self.n_frames.max(1) as f64) <= ABSOLUTE_GATE_LUFS
            && self.steps.len() < GATING_STEPS
        {
            return Err(Reason::Silence);
        }
        if self.steps.len() < GATING_STEPS {
            return Err(Reason::TooShort);
        }
        let integrated =
            integrated_lufs(windows(&self.steps, GATING_STEPS)).ok_or(Reason::Silence)?;
        let short_term = windows(&self.steps, SHORT_TERM_STEPS);
        let long = |lufs: Option<f64>| {
            let reason = if self.steps.len() < SHORT_TERM_STEPS {
                Reason::TooShort
            } else {
                Reason::Silence
            };
            lufs.ok_or(reason)
        };
        let loudest = short_term.clone().fold(0.0, f64::max);
        let peaks = self.peaks.into_iter().map(TruePeak::finish);
        let (sample_peak, true_peak) =
            peaks.fold((0f32, 0f32), |(sample, between), (s, t)| (sample.max(s), between.max(t)));
        Ok(Loudness {
            integrated_lufs: integrated,
            replay_gain_db: REPLAY_GAIN_REFERENCE_LUFS - integrated,
            range_lu: long(range_lu(short_term.clone())),
            momentary_max_lufs: mean_square_to_lufs(self.momentary_max),
            short_term_max_lufs: long((loudest > 0.0).then(|| mean_square_to_lufs(loudest))),
            short_term_median_lufs: long(median_lufs(short_term)),
            true_peak_dbtp: amplitude_to_db(true_peak.into()),
            sample_peak_dbfs: amplitude_to_db(sample_peak.into()),
        })
    }

    /// Sample frames in the next block; they differ by one where 10 ms are no whole number.
    fn block_frames(&self) -> u64 {
        let boundary = |block: u64| block * self.rate_hz / BLOCKS_PER_SECOND;
        boundary(self.n_blocks + 1) - boundary(self.n_blocks)
    }

    fn block(&mut self, interleaved: &[f32]) {
        let n_frames = (interleaved.len() / self.n_channels) as u64;
        let sum = self.weighted_squares(interleaved);
        self.n_frames += n_frames;
        self.total += sum;
        self.recent[(self.n_blocks % MOMENTARY_BLOCKS as u64) as usize] = (sum, n_frames);
        self.n_blocks += 1;
        if self.n_blocks >= MOMENTARY_BLOCKS as u64 {
            let (sum, n) =
                self.recent.iter().fold((0.0, 0), |(sum, n), (s, count)| (sum + s, n + count));
            self.momentary_max = self.momentary_max.max(sum / n as f64);
        }
        self.step = (self.step.0 + sum, self.step.1 + n_frames);
        if self.n_blocks.is_multiple_of(STEP_BLOCKS as u64) {
            self.steps.push(self.step.0 / self.step.1 as f64);
            self.step = (0.0, 0);
        }
    }

    /// Sum over channels of weight times K-weighted energy; feeds the peak meters as well.
    fn weighted_squares(&mut self, interleaved: &[f32]) -> f64 {
        let n_frames = interleaved.len() / self.n_channels;
        for (channel, plane) in self.planes.iter_mut().enumerate() {
            if channel < self.n_channels {
                take_plane(plane, interleaved, channel, self.n_channels);
            } else {
                plane.clear();
                plane.resize(n_frames, 0.0);
            }
        }
        for (meter, plane) in self.peaks.iter_mut().zip(&self.planes) {
            meter.push(plane);
        }
        let mut sum = 0.0;
        for (group, filter) in self.filters.iter_mut().enumerate() {
            let planes = &self.planes[group * LANES..][..LANES];
            let energies = filter.energy(std::array::from_fn(|lane| planes[lane].as_slice()));
            for (weight, energy) in self.weights[group * LANES..].iter().zip(energies) {
                sum += weight * energy;
            }
        }
        sum
    }
}

/// Means of every run of `length` steps.
fn windows(steps: &[f64], length: usize) -> impl Iterator<Item = f64> + Clone {
    steps.windows(length).map(move |window| window.iter().sum::<f64>() / length as f64)
}

/// Gain of the power of a channel (BS.1770-5, annex 1, table 4, for the usual loudspeaker of each WAV channel).
fn weight(channel: usize, n_channels: usize) -> f64 {
    match (n_channels, channel) {
        (6..=8, 3) => 0.0,
        (4, 2 | 3) | (5, 3 | 4) | (6, 4 | 5) | (7, 5 | 6) | (8, 6 | 7) => SURROUND,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(rate_hz: u32, n_channels: u32, samples: &[f32], block: usize) -> Estimate<Loudness> {
        let mut stage = LoudnessStage::new(rate_hz, n_channels);
        samples.chunks(block * n_channels as usize).for_each(|block| stage.push(block));
        stage.finish()
    }

    fn sine(rate_hz: u32, amplitude: f64, seconds: f64) -> Vec<f32> {
        let rate = f64::from(rate_hz);
        (0..(seconds * rate) as u32)
            .map(|i| {
                (amplitude * (std::f64::consts::TAU * 997.0 * f64::from(i) / rate).sin()) as f32
            })
            .collect()
    }

    #[test]
    fn silence_and_shortness_are_told_apart() {
        assert_eq!(measure(48000, 1, &[], 1), Err(Reason::Silence));
        assert_eq!(measure(48000, 1, &[0.0; 1000], 100), Err(Reason::Silence));
        assert_eq!(measure(48000, 1, &vec![0.0; 480_000], 1000), Err(Reason::Silence));
        assert_eq!(measure(48000, 1, &sine(48000, 1e-4, 5.0), 1000), Err(Reason::Silence));
        assert_eq!(measure(48000, 1, &sine(48000, 0.5, 0.39), 1000), Err(Reason::TooShort));
        let short = measure(48000, 1, &sine(48000, 0.5, 0.41), 1000).unwrap();
        assert_eq!(short.range_lu, Err(Reason::TooShort));
        assert_eq!(short.short_term_max_lufs, Err(Reason::TooShort));
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let samples = sine(44100, 0.4, 4.0);
        let whole = measure(44100, 2, &samples, 1 << 20);
        for block in [1, 3, 441, 1000, 4096] {
            assert_eq!(measure(44100, 2, &samples, block), whole);
        }
    }

    #[test]
    fn every_rate_reads_the_same() {
        for rate_hz in [8000, 11025, 22050, 44100, 96000, 192_000] {
            let loudness = measure(rate_hz, 1, &sine(rate_hz, 0.1, 5.0), 4096).unwrap();
            // −23.01 dB of a sine of −20 dBFS; the shelf differs by up to 0.1 dB at the lowest rate.
            assert!((loudness.integrated_lufs - -23.0).abs() < 0.15, "{rate_hz} Hz: {loudness:?}");
            assert!(loudness.range_lu.unwrap() < 0.01);
        }
    }

    #[test]
    fn the_momentary_curve_has_the_level_of_each_window() {
        let mut samples = vec![0.0; 48_000];
        samples.extend(sine(48000, 0.1, 1.0));
        let mut stage = LoudnessStage::new(48000, 1);
        stage.push(&samples);
        let curve = stage.momentary_lufs();
        assert_eq!(curve.len(), 17);
        assert!(curve[..7].iter().all(|lufs| *lufs <= QUIETEST_LUFS), "{curve:?}");
        // Window 8 holds 0.2 s of the tone: half of its energy, 3.01 LU less.
        assert!((curve[8] - curve[12] + 3.01).abs() < 0.1, "{curve:?}");
        assert!(curve[10..].iter().all(|lufs| (lufs + 23.0).abs() < 0.1), "{curve:?}");
    }

    #[test]
    fn channels_count_as_the_table_says() {
        let tone = sine(48000, 0.1, 1.0);
        let alone = |channel: usize, n_channels: usize| {
            let samples: Vec<f32> = tone
                .iter()
                .flat_map(|&x| (0..n_channels).map(move |c| if c == channel { x } else { 0.0 }))
                .collect();
            measure(48000, n_channels as u32, &samples, 4096).map(|l| l.integrated_lufs)
        };
        let front = alone(0, 1).unwrap();
        for (n_channels, channel) in [(2, 1), (3, 2), (5, 2), (6, 0), (8, 4)] {
            assert!((alone(channel, n_channels).unwrap() - front).abs() < 1e-9);
        }
        for (n_channels, channel) in [(4, 2), (5, 4), (6, 5), (7, 6), (8, 7)] {
            let gain = alone(channel, n_channels).unwrap() - front;
            assert!((gain - 1.4922).abs() < 1e-4, "{n_channels} channels: {gain}");
        }
        assert_eq!(alone(3, 6), Err(Reason::Silence));
    }
}
