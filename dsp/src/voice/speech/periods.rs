//! Single periods of the voice: how much their length and height vary.

use multiversion::multiversion;

use crate::lanes::{LANES, inner_product, inner_products, larger};
use crate::spectral::Moments;

/// How far a period may differ from the one that the frame has (Eyben et al. 2016).
const SEARCH: f64 = 0.1;
/// Correlation of two periods below which they do not belong together (Eyben et al. 2016).
const MIN_CORRELATION: f32 = 0.5;
/// Lags from one that is looked at in the search to the next; formants, which make the waveform turn, are slower than that.
const STRIDE: usize = 2;
/// Lags that are compared side by side.
const TOGETHER: usize = 4;
/// Periods that differ by more than this are a break of the voice, not jitter (Boersma's factor, Praat's manual).
const MAX_PERIOD_FACTOR: f64 = 1.3;
/// Amplitudes that differ by more than this are none either (as above).
const MAX_AMPLITUDE_FACTOR: f64 = 1.6;

/// Follows a voice period by period.
///
/// A period is the lag, within 10 % of that of the frame, at which the waveform of the length of one is most like what follows it,
/// read between the samples by a parabola. Every other lag is looked at, and then those beside the best one.
#[derive(Debug, Clone, Default)]
pub(super) struct PeriodFollower {
    /// Where the next period begins, samples from the start of the stream; 0 before a voice.
    at: u64,
    latest: Option<Period>,
    /// Sums of squares from each lag on.
    energies: Vec<f32>,
    products: Vec<f32>,
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
        self.energies.resize(high - low + 1, 0.0);
        energies(samples, width, low, &mut self.energies);
        self.products.resize((high - low) / STRIDE + 1, 0.0);
        correlate(samples, width, low, &mut self.products);
        let first = &samples[..width];
        let own = dot(first, first);
        let normalised = |lag: usize, product: f32| {
            let norm = (own * self.energies[lag - low]).sqrt();
            if norm > f32::MIN_POSITIVE { product / norm } else { 0.0 }
        };
        let (mut best, mut here) = (low, f32::NEG_INFINITY);
        for (i, &product) in self.products.iter().enumerate() {
            let value = normalised(low + STRIDE * i, product);
            if value > here {
                (best, here) = (low + STRIDE * i, value);
            }
        }
        let at = |lag: usize| normalised(lag, dot(first, &samples[lag..]));
        let (mut before, mut after) = (at((best - 1).max(low)), at((best + 1).min(high)));
        if before > here && best > low {
            best -= 1;
            (before, here, after) = (at((best - 1).max(low)), before, here);
        } else if after > here && best < high {
            best += 1;
            (before, here, after) = (here, after, at((best + 1).min(high)));
        }
        let mut length = best as f64;
        let curvature = before - 2.0 * here + after;
        if best > low && best < high && curvature < 0.0 {
            length += f64::from((0.5 * (before - after) / curvature).clamp(-0.5, 0.5));
        }
        let height = f64::from(height(first));
        Some((Period { length, height }, here))
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

/// Inner products of the first `width` samples and those `low`, `low` + [`STRIDE`], … later.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn correlate(samples: &[f32], width: usize, low: usize, products: &mut [f32]) {
    let first = &samples[..width];
    let later = |i: usize| &samples[low + STRIDE * i..];
    let (groups, rest) = products.as_chunks_mut::<TOGETHER>();
    let n_grouped = TOGETHER * groups.len();
    for (group, products) in groups.iter_mut().enumerate() {
        let rows = std::array::from_fn(|i| &later(TOGETHER * group + i)[..width]);
        *products = inner_products(rows, first);
    }
    for (i, product) in rest.iter_mut().enumerate() {
        *product = inner_product(first, later(n_grouped + i));
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    inner_product(a, b)
}

/// Sums of the squares of the `width` samples from `low`, `low + 1`, … on.
fn energies(samples: &[f32], width: usize, low: usize, energies: &mut [f32]) {
    let mut sum = dot(&samples[low..low + width], &samples[low..low + width]);
    // Both sums are of the same samples but for the two ends.
    let (leaving, entering) = (&samples[low..], &samples[low + width..]);
    let ends = leaving.iter().zip(entering.iter().chain([&0.0]));
    for (energy, (leaving, entering)) in energies.iter_mut().zip(ends) {
        *energy = sum.max(0.0);
        sum += entering * entering - leaving * leaving;
    }
}

/// Highest less lowest value.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn height(values: &[f32]) -> f32 {
    let (mut high, mut low) = ([f32::MIN; LANES], [f32::MAX; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut last = [values[0]; LANES];
    last[..rest.len()].copy_from_slice(rest);
    for chunk in chunks.iter().chain([&last]) {
        for i in 0..LANES {
            high[i] = larger(high[i], chunk[i]);
            low[i] = -larger(-low[i], -chunk[i]);
        }
    }
    high.into_iter().fold(f32::MIN, larger) + low.map(|x| -x).into_iter().fold(f32::MIN, larger)
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
