//! Another tempo at the same pitch: waveform similarity overlap-add.

use std::ops::RangeInclusive;

use crate::sounds::Pcm;

/// Length of a grain: two periods of 43 Hz.
const GRAIN_S: f64 = 0.046;
/// How far a grain may move to where it fits best, to either side.
const REACH_S: f64 = 0.012;
/// Step of the first look for that place, and of the samples that are compared.
const STRIDE: usize = 4;

/// The recording `ratio` times as long, at the same pitch. All channels are cut at the same places.
///
/// # Source
///
/// Verhelst and Roelands (1993), An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
/// modification of speech, ICASSP: grains under a Hann window, half of each over the one before, each taken where it is most like
/// what followed the one before.
pub fn stretched(source: &Pcm, ratio: f64) -> Pcm {
    let rate_hz = f64::from(source.rate_hz);
    let half = (GRAIN_S * rate_hz / 2.0) as usize;
    let grain = 2 * half;
    let reach = (REACH_S * rate_hz) as usize;
    let n_channels = source.n_channels as usize;
    let mono = source.mono();
    if half == 0 || mono.len() < 2 * (grain + reach) {
        return source.clone();
    }
    let n_out = (mono.len() as f64 * ratio) as usize;
    let window: Vec<f32> = (0..grain)
        .map(|i| {
            let turn = std::f64::consts::TAU * (i as f64 + 0.5) / grain as f64;
            (0.5 - 0.5 * turn.cos()) as f32
        })
        .collect();
    let last = mono.len() - grain - half;
    let mut samples = vec![0.0; (n_out + grain) * n_channels];
    let strides = Strides::of(&mono);
    let mut at = 0;
    for start in (0..n_out).step_by(half) {
        let wanted = ((start as f64 / ratio) as usize).min(last);
        if start > 0 {
            let near = wanted.saturating_sub(reach)..=(wanted + reach).min(last);
            at = strides.best(at + half, grain, near);
        }
        for (i, weight) in window.iter().enumerate() {
            // Nothing overlaps with the first half of the first grain.
            let weight = if start == 0 && i < half { 1.0 } else { *weight };
            for channel in 0..n_channels {
                samples[(start + i) * n_channels + channel] +=
                    weight * source.samples[(at + i) * n_channels + channel];
            }
        }
    }
    samples.truncate(n_out * n_channels);
    Pcm { samples, ..*source }
}

/// Every [`STRIDE`]th sample of a sound, from each of the first ones on.
struct Strides([Vec<f32>; STRIDE]);

impl Strides {
    fn of(sound: &[f32]) -> Self {
        let from = |first| sound.iter().skip(first).step_by(STRIDE).copied().collect();
        Self(std::array::from_fn(from))
    }

    /// Every [`STRIDE`]th of `n` samples from a place on.
    fn at(&self, place: usize, n: usize) -> &[f32] {
        &self.0[place % STRIDE][place / STRIDE..][..n / STRIDE]
    }

    /// The start in `places` of the `n` samples that are most like those from `wanted` on.
    fn best(&self, wanted: usize, n: usize, places: RangeInclusive<usize>) -> usize {
        let wanted = self.at(wanted, n);
        let alike = |place: usize| {
            let here = self.at(place, n);
            product(wanted, here) / product(here, here).max(f32::MIN_POSITIVE).sqrt()
        };
        let most = |places: &mut dyn Iterator<Item = usize>| {
            places.map(|place| (alike(place), place)).max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let (low, high) = (*places.start(), *places.end());
        let (_, coarse) = most(&mut places.step_by(STRIDE)).unwrap_or((0.0, low));
        let near = coarse.saturating_sub(STRIDE - 1).max(low)..=(coarse + STRIDE - 1).min(high);
        most(&mut near.into_iter()).map_or(coarse, |(_, place)| place)
    }
}

/// Inner product, in eight sums side by side.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pcm(samples: Vec<f32>, n_channels: u32) -> Pcm {
        Pcm { rate_hz: 8_000, n_channels, samples }
    }

    #[test]
    fn leaves_a_recording_as_it_is_at_its_own_length() {
        let source = pcm(fixtures::noise(3, 16_000), 2);
        let copy = stretched(&source, 1.0);
        assert_eq!(copy.samples.len(), source.samples.len());
        // The windows of both halves sum to one within rounding; the last grain and a half have nothing to follow.
        let n = source.samples.len() - 2 * 552;
        let apart = copy.samples[..n].iter().zip(&source.samples).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-5);
    }

    #[test]
    fn clicks_come_later_in_proportion() {
        let copy = stretched(&pcm(fixtures::clicks(60.0, 8_000, 4.0), 1), 1.25);
        let loudest = |from: usize| {
            let range = &copy.samples[from..from + 8_000];
            let peak = range.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            from + peak.unwrap().0
        };
        // Clicks at 1 s and 2 s come at 1.25 s and 2.5 s, within a grain.
        for (from, expected) in [(5_000, 10_000), (16_000, 20_000)] {
            assert!(loudest(from).abs_diff(expected) < 400, "{} {expected}", loudest(from));
        }
    }

    #[test]
    fn what_is_too_short_stays() {
        let source = pcm(fixtures::noise(3, 100), 1);
        assert_eq!(stretched(&source, 2.0), source);
    }
}
