//! Single periods of the voice: how much their length and height vary.

use multiversion::multiversion;

use crate::lanes::inner_product;
use crate::spectral::Moments;

/// How far a period may differ from the one that the frame has (Eyben et al. 2016).
const SEARCH: f64 = 0.1;
/// Correlation of two periods below which they do not belong together (Eyben et al. 2016).
const MIN_CORRELATION: f32 = 0.5;
/// Periods that differ by more than this are a break of the voice, not jitter (Boersma's factor, Praat's manual).
const MAX_PERIOD_FACTOR: f64 = 1.3;
/// Amplitudes that differ by more than this are none either (as above).
const MAX_AMPLITUDE_FACTOR: f64 = 1.6;

/// Follows a voice period by period.
///
/// A period is the lag, within 10 % of that of the frame, at which the waveform of the length of one is most like what follows it,
/// read between the samples by a parabola.
#[derive(Debug, Clone, Default)]
pub(super) struct PeriodFollower {
    /// Where the next period begins, samples from the start of the stream; 0 before a voice.
    at: u64,
    latest: Option<Period>,
    correlations: Vec<f32>,
}

#[derive(Debug, Clone, Copy)]
struct Period {
    /// Samples.
    length: f64,
    /// Highest less lowest sample.
    height: f64,
}

/// Differences of successive periods.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Perturbation {
    /// |difference| of the lengths of two periods over their mean.
    pub(super) jitter: Moments,
    /// |difference| of their heights, dB.
    pub(super) shimmer_db: Moments,
}

impl PeriodFollower {
    /// The voice pauses.
    pub(super) fn rest(&mut self) {
        (self.at, self.latest) = (0, None);
    }

    /// Takes the periods that begin before `until`; `buffer` begins at sample `first` of the stream.
    pub(super) fn follow(
        &mut self,
        (buffer, first): (&[f32], u64),
        (from, until): (u64, u64),
        period: f64,
        found: &mut Perturbation,
    ) {
        if self.at < from.max(first) {
            // Periods that were lost break the row.
            (self.at, self.latest) = (from.max(first), None);
        }
        while self.at < until {
            let Some(rest) = buffer.get((self.at - first) as usize..) else { return };
            let Some((next, correlation)) = self.next(rest, period) else { return };
            self.at += next.length.round().max(1.0) as u64;
            if correlation < MIN_CORRELATION {
                self.latest = None;
                continue;
            }
            if let Some(latest) = self.latest {
                compare(latest, next, found);
            }
            self.latest = Some(next);
        }
    }

    /// The period at the start of `samples`, about `expected` samples long, and how like it the next one is; `None` where
    /// the samples end.
    fn next(&mut self, samples: &[f32], expected: f64) -> Option<(Period, f32)> {
        let width = expected.round() as usize;
        let low = ((1.0 - SEARCH) * expected).floor() as usize;
        let high = ((1.0 + SEARCH) * expected).ceil() as usize;
        let samples = samples.get(..high + width)?;
        self.correlations.resize(high - low + 1, 0.0);
        correlate(samples, width, low, &mut self.correlations);
        let values = &self.correlations;
        let best =
            (0..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best });
        let mut length = (low + best) as f64;
        if best > 0 && best + 1 < values.len() {
            let (before, here, after) = (values[best - 1], values[best], values[best + 1]);
            let curvature = before - 2.0 * here + after;
            if curvature < 0.0 {
                length += f64::from((0.5 * (before - after) / curvature).clamp(-0.5, 0.5));
            }
        }
        let (lowest, highest) = samples[..width]
            .iter()
            .fold((f32::MAX, f32::MIN), |(low, high), &x| (low.min(x), high.max(x)));
        Some((Period { length, height: f64::from(highest - lowest) }, values[best]))
    }
}

fn compare(a: Period, b: Period, found: &mut Perturbation) {
    let ratio = |a: f64, b: f64| a.max(b) / a.min(b).max(f64::MIN_POSITIVE);
    if ratio(a.length, b.length) < MAX_PERIOD_FACTOR {
        let mean = f64::midpoint(a.length, b.length);
        found.jitter.add(((a.length - b.length).abs() / mean) as f32);
    }
    let heights = ratio(a.height, b.height);
    if heights < MAX_AMPLITUDE_FACTOR {
        found.shimmer_db.add((20.0 * heights.log10()) as f32);
    }
}

/// Normalised correlation of the first `width` samples with those `low`, `low + 1`, … later.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn correlate(samples: &[f32], width: usize, low: usize, correlations: &mut [f32]) {
    let first = &samples[..width];
    let power = inner_product(first, first);
    // Both sums are of the same samples but for the two ends.
    let mut other = inner_product(&samples[low..low + width], &samples[low..low + width]);
    for (i, correlation) in correlations.iter_mut().enumerate() {
        let start = low + i;
        let product = inner_product(first, &samples[start..start + width]);
        let norm = (power * other.max(0.0)).sqrt();
        *correlation = if norm > f32::MIN_POSITIVE { product / norm } else { 0.0 };
        if let Some(&next) = samples.get(start + width) {
            other += next * next - samples[start] * samples[start];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 22_050.0;

    /// Decaying tones of 700 Hz that begin after the given periods, with the given amplitudes.
    fn pulses(period: impl Fn(usize) -> f64, height: impl Fn(usize) -> f64) -> Vec<f32> {
        let (mut samples, mut at) = (vec![0f64; 22_050], 100.0);
        for n in 0.. {
            let first = f64::ceil(at) as usize;
            if first >= samples.len() {
                break;
            }
            for (i, x) in samples.iter_mut().enumerate().skip(first).take(600) {
                let t = (i as f64 - at) / RATE_HZ;
                *x += height(n) * (-300.0 * t).exp() * (std::f64::consts::TAU * 700.0 * t).sin();
            }
            at += period(n);
        }
        samples.iter().map(|&x| 0.3 * x as f32).collect()
    }

    fn perturbation(samples: &[f32], period: f64) -> Perturbation {
        let (mut follower, mut found) = (PeriodFollower::default(), Perturbation::default());
        for frame in 1..95 {
            follower.follow((samples, 0), (220 * frame, 220 * (frame + 1)), period, &mut found);
        }
        found
    }

    // Periods of 180·(1 ± d) in turn: |difference| over mean is 2d. What is left without any is the rounding of the lag.
    #[test]
    fn periods_in_turn_have_the_jitter_of_their_difference() {
        for d in [0.0, 0.005, 0.01, 0.02] {
            let sign = |n: usize| if n.is_multiple_of(2) { 1.0 } else { -1.0 };
            let found = perturbation(&pulses(|n| 180.0 * (1.0 + d * sign(n)), |_| 1.0), 180.0);
            assert!(found.jitter.n() > 80);
            let error = found.jitter.mean() - 2.0 * d;
            assert!(error.abs() < 0.001 + 0.3 * d, "{d}: {}", found.jitter.mean());
        }
    }

    #[test]
    fn heights_in_turn_have_the_shimmer_of_their_ratio() {
        for db in [0.0, 0.5, 1.0, 2.0] {
            let gain = 10f64.powf(db / 20.0);
            let height = |n: usize| if n.is_multiple_of(2) { gain } else { 1.0 };
            let found = perturbation(&pulses(|_| 150.0, height), 150.0);
            // A little of each period rings on in the next one.
            assert!((found.shimmer_db.mean() - db).abs() < 0.05 + 0.1 * db, "{db}: {found:?}");
        }
    }

    #[test]
    fn noise_has_no_periods() {
        let found = perturbation(&fixtures::noise(5, 22_050), 180.0);
        assert!(found.jitter.n() < 3, "{found:?}");
    }
}
