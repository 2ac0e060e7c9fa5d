//! Sums in lanes.
//!
//! Written so that compilers turn them into vector instructions, and added up in one order on every machine.
//! Meant to be inlined into functions that are compiled for several instruction sets.

#![expect(clippy::inline_always, reason = "takes on the instruction set of its caller")]

use multiversion::multiversion;

/// Values that are handled side by side.
pub(crate) const LANES: usize = 16;

/// Inner product; of the longer slice, the rest is not read.
#[inline(always)]
pub(crate) fn inner_product(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len());
    let (a, a_rest) = a[..n].as_chunks::<LANES>();
    let (b, b_rest) = b[..n].as_chunks::<LANES>();
    let mut lanes = [0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            lanes[i] += a[i] * b[i];
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane += a * b;
    }
    // One by one: compilers that see a tree here give up the wide lanes above.
    lanes.iter().sum()
}

/// [`inner_product`] of each row with the same values: rows side by side do not wait for one another's sums.
#[inline(always)]
pub(crate) fn inner_products<const ROWS: usize>(rows: [&[f32]; ROWS], b: &[f32]) -> [f32; ROWS] {
    let n = rows.iter().fold(b.len(), |n, row| n.min(row.len()));
    let rows = rows.map(|row| row[..n].as_chunks::<LANES>());
    let (b, b_rest) = b[..n].as_chunks::<LANES>();
    let mut lanes = [[0f32; LANES]; ROWS];
    for (chunk, b) in b.iter().enumerate() {
        for (lanes, row) in lanes.iter_mut().zip(&rows) {
            let a = &row.0[chunk];
            for i in 0..LANES {
                lanes[i] += a[i] * b[i];
            }
        }
    }
    for (lanes, row) in lanes.iter_mut().zip(&rows) {
        for (lane, (a, b)) in lanes.iter_mut().zip(row.1.iter().zip(b_rest)) {
            *lane += a * b;
        }
    }
    lanes.map(|lanes| lanes.iter().sum())
}

/// Sum.
#[inline(always)]
pub(crate) fn sum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0f32; LANES];
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] += chunk[i];
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += value;
    }
    lanes.iter().sum()
}

/// Binary logarithm of a positive, normal number; errs by less than 2e-7 of the larger of 1 and the result.
///
/// A polynomial, because the library's logarithm takes one value at a time and differs between systems.
#[inline(always)]
#[expect(clippy::cast_possible_wrap, reason = "the bits of a float are taken apart as an integer")]
pub(crate) fn log2(x: f32) -> f32 {
    /// Bits of √½: mantissas are brought to √½..√2, where the series converges fastest.
    const ROOT_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let exponent = (bits - ROOT_HALF) >> 23;
    let mantissa = f32::from_bits((bits - (exponent << 23)) as u32);
    // ln m = 2·artanh((m − 1) / (m + 1)).
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0 + square / 9.0)));
    exponent as f32 + s * series * (2.0 * std::f32::consts::LOG2_E)
}

/// 2 to the power of a number from −126 to 127; errs by less than 3e-7 of the result.
///
/// A polynomial, for the reasons of [`log2`].
#[inline(always)]
pub(crate) fn exp2(x: f32) -> f32 {
    /// Added and taken off, it rounds to a whole number, which its lowest bits then hold.
    const ROUNDER: f32 = 12_582_912.0;
    let rounded = x + ROUNDER;
    let t = std::f32::consts::LN_2 * (x - (rounded - ROUNDER));
    // e^t for |t| up to ln 2 / 2.
    let series = 1.0
        + t * (1.0
            + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0 + t / 720.0)))));
    let exponent = rounded.to_bits().wrapping_sub(ROUNDER.to_bits()).wrapping_add(127);
    series * f32::from_bits(exponent << 23)
}

/// `a` if it is larger, else `b`: `f32::max` without its care for NaN, in one instruction.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The largest value, −∞ of none; values are numbers.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] = larger(lanes[i], chunk[i]);
        }
    }
    lanes.into_iter().chain(rest.iter().copied()).fold(f32::NEG_INFINITY, larger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_agrees_with_the_library() {
        for i in -1000..1000i16 {
            let x = (f32::from(i) * 0.1234).exp2();
            if x.is_normal() {
                let (ours, exact) = (log2(x), f64::from(x).log2());
                assert!(
                    (f64::from(ours) - exact).abs() < 2e-7 * exact.abs().max(1.0),
                    "{x}: {ours}"
                );
            }
        }
        assert!(log2(1.0).abs() < f32::MIN_POSITIVE);
    }

    #[test]
    fn powers_of_two_agree_with_the_library() {
        for i in -12_600..=12_700i16 {
            let x = f32::from(i) * 0.01;
            let (ours, exact) = (f64::from(exp2(x)), f64::from(x).exp2());
            assert!((ours / exact - 1.0).abs() < 3e-7, "{x}: {ours} {exact}");
        }
        assert!((exp2(0.0) - 1.0).abs() < f32::MIN_POSITIVE);
    }

    #[test]
    fn rows_side_by_side_have_the_bits_of_rows_alone() {
        let wave = |k: u16| (0..101u16).map(move |i| f32::from(3 * i + 10 * k).sin());
        let [a, b, c] = [1, 2, 3].map(|k| wave(k).collect::<Vec<f32>>());
        for n in [0, 15, 16, 50, 101] {
            let together = inner_products([&a[..n], &b], &c);
            let alone = [inner_product(&a[..n], &c), inner_product(&b[..n], &c[..n])];
            assert_eq!(together.map(f32::to_bits), alone.map(f32::to_bits), "{n}");
        }
    }

    #[test]
    fn the_largest_is_found_wherever_it_is() {
        for n in [1, 15, 16, 17, 100] {
            for place in 0..n {
                let values: Vec<f32> =
                    (0..n).map(|i| if i == place { -1.0 } else { -2.0 }).collect();
                assert!((largest(&values) + 1.0).abs() < f32::MIN_POSITIVE, "{place} of {n}");
            }
        }
        assert!(largest(&[]).is_infinite());
    }

    #[test]
    fn agree_with_the_closed_forms() {
        for n in [0u16, 1, 15, 16, 17, 100] {
            let ramp: Vec<f32> = (0..n).map(f32::from).collect();
            let n = f32::from(n);
            assert!((sum(&ramp) - n * (n - 1.0).max(0.0) / 2.0).abs() < 1e-3);
            let squares = (n - 1.0).max(0.0) * n * (2.0 * n - 1.0) / 6.0;
            assert!((inner_product(&ramp, &ramp) - squares).abs() < 1e-1);
        }
    }
}
