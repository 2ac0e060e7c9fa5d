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

/// Values of all lanes at one moment.
type Moment = [f64; LANES];
/// Two moments, the later one first.
type Pair = [Moment; 2];

/// Running K-weighting of [`LANES`] channels side by side.
#[derive(Debug, Clone)]
pub(super) struct KWeighting {
    sections: [Section; 2],
    /// The last two samples, outputs of the shelf and outputs of the high pass.
    state: [Pair; 3],
}

/// A filter in direct form I that gives two outputs at once. Its feedback takes most of the time, and here two samples
/// wait for it once: what the later output needs of the earlier one is put into its formula.
#[derive(Debug, Clone, Copy)]
struct Section {
    /// Weight of a sample, of the one before and of the one before that.
    b: [f64; 3],
    /// Weight in the earlier output of the output before it and of the one before that, both negative.
    earlier: [f64; 2],
    /// The same of the later output, whose neighbour is the earlier one.
    later: [f64; 2],
}

impl Section {
    fn new(Biquad { b, a: [a1, a2] }: Biquad) -> Self {
        // y₁ = f₁ − a₁·y₀ − a₂·y₋₁ with y₀ = f₀ − a₁·y₋₁ − a₂·y₋₂.
        Self { b, earlier: [-a1, -a2], later: [a1 * a1 - a2, a1 * a2] }
    }
}

impl KWeighting {
    pub(super) fn new(rate_hz: u32) -> Self {
        Self { sections: coefficients(rate_hz).map(Section::new), state: [[[0.0; LANES]; 2]; 3] }
    }

    /// Filters the next block of all lanes; returns the sum of the squares of each.
    pub(super) fn energy(&mut self, channels: [&[f32]; LANES]) -> [f64; LANES] {
        energy(&self.sections, &mut self.state, channels)
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn energy(
    sections: &[Section; 2],
    state: &mut [Pair; 3],
    channels: [&[f32]; LANES],
) -> [f64; LANES] {
    let [shelf, high_pass] = *sections;
    // A variable each: compilers keep arrays of states in memory and store them for every sample.
    let [mut x, mut v, mut y] = *state;
    let mut sums = [[0.0; LANES]; 2];
    let (left, left_rest) = channels[0].as_chunks::<2>();
    let (right, right_rest) = channels[1].as_chunks::<2>();
    for (left, right) in left.iter().zip(right) {
        let now = [[left[1], right[1]].map(f64::from), [left[0], right[0]].map(f64::from)];
        let shelved = filtered(&shelf, &x, &now, &v);
        let passed = filtered(&high_pass, &v, &shelved, &y);
        for i in 0..LANES {
            sums[0][i] += passed[0][i] * passed[0][i];
        }
        for i in 0..LANES {
            sums[1][i] += passed[1][i] * passed[1][i];
        }
        (x, v, y) = (now, shelved, passed);
    }
    if let ([left], [right]) = (left_rest, right_rest) {
        // The later moment is not there yet.
        let now = [[0.0; LANES], [*left, *right].map(f64::from)];
        let shelved = filtered(&shelf, &x, &now, &v);
        let passed = filtered(&high_pass, &v, &shelved, &y);
        for i in 0..LANES {
            sums[1][i] += passed[1][i] * passed[1][i];
        }
        (x, v, y) = ([now[1], x[0]], [shelved[1], v[0]], [passed[1], y[0]]);
    }
    *state = [x, v, y];
    // Far below any sample: a decaying state would otherwise become denormal and slow.
    for value in state.iter_mut().flatten().flatten() {
        if value.abs() < 1e-30 {
            *value = 0.0;
        }
    }
    std::array::from_fn(|lane| sums[0][lane] + sums[1][lane])
}

/// The next two outputs of a section from its samples now and before, and its outputs before.
#[inline(always)]
#[expect(clippy::inline_always, reason = "takes on the instruction set of its caller")]
fn filtered(section: &Section, before: &Pair, now: &Pair, outputs: &Pair) -> Pair {
    let Section { b, earlier, later } = section;
    let [late, early] = now;
    let [first, second] = outputs;
    // Each in a loop of its own, which compilers turn into one vector instruction per operation.
    let mut early_out = [0.0; LANES];
    let mut late_out = [0.0; LANES];
    let mut forward = [0.0; LANES];
    for i in 0..LANES {
        forward[i] = b[0] * early[i] + b[1] * before[0][i] + b[2] * before[1][i];
    }
    for i in 0..LANES {
        late_out[i] = b[0] * late[i] + b[1] * early[i] + b[2] * before[0][i];
    }
    for i in 0..LANES {
        late_out[i] += earlier[0] * forward[i] + later[1] * second[i];
    }
    for i in 0..LANES {
        late_out[i] += later[0] * first[i];
    }
    for i in 0..LANES {
        early_out[i] = forward[i] + earlier[1] * second[i] + earlier[0] * first[i];
    }
    [late_out, early_out]
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
