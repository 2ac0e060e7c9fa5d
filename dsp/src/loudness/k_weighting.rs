//! The K-weighting filters of BS.1770 at any sample rate.

use std::f64::consts::PI;

use multiversion::multiversion;

/// High shelf that stands for the head: corner Hz, gain dB, quality (BS.1770-5, annex 1, table 1, as an analogue
/// prototype that gives the table's coefficients at 48 kHz).
const SHELF_HZ: f64 = 1681.974450955533;
const SHELF_DB: f64 = 3.999843853973347;
const SHELF_Q: f64 = 0.7071752369554196;
/// Exponent of the shelf's gain at its corner in the same prototype.
const SHELF_MIDDLE: f64 = 0.4996667741545416;
/// High pass (annex 1, table 2), likewise.
const HIGH_PASS_HZ: f64 = 38.13547087602444;
const HIGH_PASS_Q: f64 = 0.5003270373238773;

/// Channels that are filtered together.
pub(super) const LANES: usize = 2;

/// Coefficients of one second-order section, `a0` = 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Biquad {
    /// Feed-forward coefficients.
    pub b: [f64; 3],
    /// Feedback coefficients 1 and 2.
    pub a: [f64; 2],
}

/// The two sections of the K-weighting at `rate_hz`: head shelf, then high pass.
///
/// The gain of the pair is +0.698 dB at 1 kHz and 48 kHz.
///
/// # Source
///
/// ITU-R BS.1770-5, annex 1, tables 1 and 2, re-derived for other rates by the bilinear transform; equal to the
/// tables within 1e-13 at 48 kHz.
///
/// # Examples
///
/// ```
/// let [shelf, high_pass] = dsp::loudness::k_weighting::coefficients(48000);
/// assert!((shelf.b[0] - 1.53512485958697).abs() < 1e-13);
/// assert!((high_pass.a[1] - 0.99007225036621).abs() < 1e-13);
/// ```
pub fn coefficients(rate_hz: u32) -> [Biquad; 2] {
    let rate = f64::from(rate_hz);
    // A corner above the Nyquist frequency (rates below 3.4 kHz do not occur) would have no bilinear image.
    let k = (PI * SHELF_HZ / rate).tan();
    let high = 10f64.powf(SHELF_DB / 20.0);
    let middle = high.powf(SHELF_MIDDLE);
    let a0 = 1.0 + k / SHELF_Q + k * k;
    let shelf = Biquad {
        b: [
            (high + middle * k / SHELF_Q + k * k) / a0,
            2.0 * (k * k - high) / a0,
            (high - middle * k / SHELF_Q + k * k) / a0,
        ],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / SHELF_Q + k * k) / a0],
    };
    let k = (PI * HIGH_PASS_HZ / rate).tan();
    let a0 = 1.0 + k / HIGH_PASS_Q + k * k;
    let high_pass = Biquad {
        // The standard does not normalise the gain of this section.
        b: [1.0, -2.0, 1.0],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / HIGH_PASS_Q + k * k) / a0],
    };
    [shelf, high_pass]
}

/// The last two samples, the last two outputs of the shelf and the last two of the high pass, each by lane, later first.
type State = [[f64; LANES]; 6];

/// Running K-weighting of [`LANES`] channels side by side.
#[derive(Debug, Clone)]
pub(super) struct KWeighting {
    sections: [Biquad; 2],
    state: State,
}

impl KWeighting {
    pub(super) fn new(rate_hz: u32) -> Self {
        Self { sections: coefficients(rate_hz), state: [[0.0; LANES]; 6] }
    }

    /// Filters the next block of all lanes; returns the sum of the squares of each.
    pub(super) fn energy(&mut self, channels: [&[f32]; LANES]) -> [f64; LANES] {
        energy(&self.sections, &mut self.state, channels)
    }
}

/// One pass over a block. Direct form I: its feedback path is the shortest, which is what limits the speed.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn energy(sections: &[Biquad; 2], state: &mut State, channels: [&[f32]; LANES]) -> [f64; LANES] {
    let [shelf, high] = sections;
    // A variable each: compilers keep arrays of states in memory and store them for every sample.
    let [mut x1, mut x2, mut v1, mut v2, mut y1, mut y2] = *state;
    let mut sums = [0.0; LANES];
    for (&left, &right) in channels[0].iter().zip(channels[1]) {
        let x = [f64::from(left), f64::from(right)];
        let (mut v, mut y) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            let forward = shelf.b[0] * x[i] + shelf.b[1] * x1[i] + shelf.b[2] * x2[i];
            v[i] = forward - shelf.a[1] * v2[i] - shelf.a[0] * v1[i];
            let forward = (v[i] + v2[i]) - 2.0 * v1[i];
            y[i] = forward - high.a[1] * y2[i] - high.a[0] * y1[i];
            sums[i] += y[i] * y[i];
        }
        (x2, x1) = (x1, x);
        (v2, v1) = (v1, v);
        (y2, y1) = (y1, y);
    }
    *state = [x1, x2, v1, v2, y1, y2];
    // Far below any sample: a decaying state would otherwise become denormal and slow.
    for value in state.iter_mut().flatten() {
        if value.abs() < 1e-30 {
            *value = 0.0;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain of both sections at a frequency, dB.
    fn gain_db(rate_hz: u32, hz: f64) -> f64 {
        let w = std::f64::consts::TAU * hz / f64::from(rate_hz);
        let magnitude = |c: [f64; 3]| {
            let re = c[0] + c[1] * w.cos() + c[2] * (2.0 * w).cos();
            let im = c[1] * w.sin() + c[2] * (2.0 * w).sin();
            re.hypot(im)
        };
        coefficients(rate_hz)
            .iter()
            .map(|s| 20.0 * (magnitude(s.b) / magnitude([1.0, s.a[0], s.a[1]])).log10())
            .sum()
    }

    #[test]
    fn coefficients_at_48_khz_are_those_of_the_standard() {
        let [shelf, high_pass] = coefficients(48000);
        let expected = [
            (shelf.b[0], 1.53512485958697),
            (shelf.b[1], -2.69169618940638),
            (shelf.b[2], 1.19839281085285),
            (shelf.a[0], -1.69065929318241),
            (shelf.a[1], 0.73248077421585),
            (high_pass.a[0], -1.99004745483398),
            (high_pass.a[1], 0.99007225036621),
        ];
        for (actual, standard) in expected {
            assert!((actual - standard).abs() < 1e-13, "{actual} is not {standard}");
        }
    }

    #[test]
    fn gain_at_1_khz_hardly_depends_on_the_rate() {
        for (rate_hz, db) in [(48000, 0.698), (44100, 0.700), (22050, 0.727), (16000, 0.738)] {
            assert!((gain_db(rate_hz, 1000.0) - db).abs() < 1e-3, "{}", gain_db(rate_hz, 1000.0));
        }
    }

    /// The sections one after the other, sample by sample, as the standard draws them.
    fn slow_energy(rate_hz: u32, samples: &[f32]) -> f64 {
        let mut signal: Vec<f64> = samples.iter().map(|&x| f64::from(x)).collect();
        for Biquad { b, a } in coefficients(rate_hz) {
            let (mut x, mut y) = ([0.0; 2], [0.0; 2]);
            for value in &mut signal {
                let out = b[0] * *value + b[1] * x[0] + b[2] * x[1] - a[0] * y[0] - a[1] * y[1];
                (x, y) = ([*value, x[0]], [out, y[0]]);
                *value = out;
            }
        }
        signal.iter().map(|y| y * y).sum()
    }

    #[test]
    fn equals_the_sections_one_after_the_other() {
        let mut state = 1u32;
        let noise: Vec<f32> = (0..20_000)
            .map(|_| {
                state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                // Off the middle, because what stands still is what the high pass has to take away.
                state as f32 / 2f32.powi(32)
            })
            .collect();
        let silence = vec![0.0; noise.len()];
        for rate_hz in [4_000, 44_100, 384_000] {
            for block in [1, 2, 7, 441, 20_000] {
                let mut filter = KWeighting::new(rate_hz);
                let mut sums = [0.0; LANES];
                for (noise, silence) in noise.chunks(block).zip(silence.chunks(block)) {
                    let energies = filter.energy([noise, silence]);
                    sums.iter_mut().zip(energies).for_each(|(sum, energy)| *sum += energy);
                }
                let expected = slow_energy(rate_hz, &noise);
                let error = (sums[0] / expected - 1.0).abs();
                assert!(error < 1e-9, "{rate_hz} Hz, blocks of {block}: {error}");
                assert!(sums[1].abs() < f64::MIN_POSITIVE);
            }
        }
    }

    #[test]
    fn filtered_sine_has_the_gain_of_the_formula() {
        let sine: Vec<f32> = (0..48000)
            .map(|i| (std::f64::consts::TAU * f64::from(i) / 48.0).sin() as f32)
            .collect();
        let mut filter = KWeighting::new(48000);
        filter.energy([&sine, &sine]);
        let [left, right] = filter.energy([&sine, &sine]);
        let db = 10.0 * (left / 24000.0).log10();
        assert!((db - gain_db(48000, 1000.0)).abs() < 1e-4, "{db}");
        assert_eq!(left.to_bits(), right.to_bits());
    }
}
