//! All roots of a polynomial at once.

use multiversion::multiversion;

use super::linear_prediction::ORDER;

/// Roots that are kept in lanes; the last is unused.
const N_LANES: usize = 12;
/// Steps after which the roots are taken as they are.
const MAX_STEPS: usize = 60;
/// Largest last step of a root that has been found: what is left after it is its cube or so. 1e-4 is 0.2 Hz at 11 025 Hz.
const TOLERANCE: f64 = 1e-4;

/// Roots in the plane, real and imaginary parts; those of index [`ORDER`] and above mean nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Roots {
    pub(super) re: [f64; N_LANES],
    pub(super) im: [f64; N_LANES],
}

impl Roots {
    /// Places on a circle, none of them on the axes or mirrored in another, where a search can begin.
    pub(super) fn start() -> Self {
        let place = |i: usize| {
            (0.8 * (i as f64 * 0.571_2 + 0.4).cos(), 0.8 * (i as f64 * 0.571_2 + 0.4).sin())
        };
        Self { re: std::array::from_fn(|i| place(i).0), im: std::array::from_fn(|i| place(i).1) }
    }
}

/// Roots of `z^n + c[1]·z^(n−1) + … + c[n]` with n = [`ORDER`] and `c[0] = 1`; `None` if the search does not end.
///
/// # Source
///
/// Ehrlich (1967), Aberth (1973), "Iteration methods for finding all zeros of a polynomial simultaneously", *Mathematics
/// of Computation* 27(122). All roots step at once, side by side in the lanes of vector instructions.
pub(super) fn roots(coefficients: &[f64; ORDER + 1]) -> Option<Roots> {
    coefficients.iter().all(|c| c.is_finite()).then_some(())?;
    let mut roots = Roots::start();
    for _ in 0..MAX_STEPS {
        if step(coefficients, &mut roots) < TOLERANCE {
            return Some(roots);
        }
    }
    None
}

/// One step of all roots; returns the largest, squared distance.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn step(coefficients: &[f64; ORDER + 1], roots: &mut Roots) -> f64 {
    let Roots { re, im } = roots;
    // Value and derivative by Horner's scheme.
    let (mut value_re, mut value_im) = ([1f64; N_LANES], [0f64; N_LANES]);
    let (mut slope_re, mut slope_im) = ([0f64; N_LANES], [0f64; N_LANES]);
    for &c in &coefficients[1..] {
        for i in 0..N_LANES {
            let (x, y) = (slope_re[i], slope_im[i]);
            slope_re[i] = x * re[i] - y * im[i] + value_re[i];
            slope_im[i] = x * im[i] + y * re[i] + value_im[i];
            let (x, y) = (value_re[i], value_im[i]);
            value_re[i] = x * re[i] - y * im[i] + c;
            value_im[i] = x * im[i] + y * re[i];
        }
    }
    // Σ 1 / (z − other), which pushes the roots apart.
    let (mut push_re, mut push_im) = ([0f64; N_LANES], [0f64; N_LANES]);
    for other in 0..ORDER {
        for i in 0..N_LANES {
            let (x, y) = (re[i] - re[other], im[i] - im[other]);
            let square = x * x + y * y;
            let inverse = if square > 1e-18 { 1.0 / square } else { 0.0 };
            push_re[i] += x * inverse;
            push_im[i] -= y * inverse;
        }
    }
    let mut largest = 0.0;
    for i in 0..ORDER {
        // Newton's step w = value / slope, and w / (1 − w·push) = value / (slope − value·push).
        let x = slope_re[i] - (value_re[i] * push_re[i] - value_im[i] * push_im[i]);
        let y = slope_im[i] - (value_re[i] * push_im[i] + value_im[i] * push_re[i]);
        let square = x * x + y * y;
        if square > 1e-200 {
            let step_re = (value_re[i] * x + value_im[i] * y) / square;
            let step_im = (value_im[i] * x - value_re[i] * y) / square;
            re[i] -= step_re;
            im[i] -= step_im;
            largest = f64::max(largest, step_re * step_re + step_im * step_im);
        }
    }
    largest.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coefficients of the polynomial with these roots in the upper half plane and one real root.
    fn polynomial(pairs: &[(f64, f64)], real: f64) -> [f64; ORDER + 1] {
        let mut all = vec![1.0];
        let mut times = |factor: &[f64]| {
            let mut product = vec![0.0; all.len() + factor.len() - 1];
            for (i, a) in all.iter().enumerate() {
                for (j, b) in factor.iter().enumerate() {
                    product[i + j] += a * b;
                }
            }
            all = product;
        };
        for &(radius, angle) in pairs {
            times(&[1.0, -2.0 * radius * angle.cos(), radius * radius]);
        }
        times(&[1.0, -real]);
        all.try_into().unwrap()
    }

    #[test]
    fn finds_the_roots_that_a_polynomial_was_made_of() {
        let pairs = [(0.97, 0.4), (0.95, 0.7), (0.9, 1.4), (0.93, 2.0), (0.6, 2.6)];
        let found = roots(&polynomial(&pairs, 0.5)).unwrap();
        for (radius, angle) in pairs {
            let (x, y) = (radius * angle.cos(), radius * angle.sin());
            let nearest = (0..ORDER)
                .map(|i| (found.re[i] - x).hypot(found.im[i] - y))
                .fold(f64::MAX, f64::min);
            assert!(nearest < 1e-9, "{radius} {angle}: {nearest}");
        }
    }

    #[test]
    fn close_and_double_roots_are_found_nearly() {
        let pairs = [(0.95, 0.5), (0.95, 0.51), (0.9, 1.4), (0.9, 1.4), (0.6, 2.6)];
        let found = roots(&polynomial(&pairs, 0.5)).unwrap();
        let n_near = (0..ORDER).filter(|&i| {
            (found.re[i] - 0.9 * 1.4f64.cos()).hypot(found.im[i] - 0.9 * 1.4f64.sin()) < 1e-3
        });
        assert_eq!(n_near.count(), 2);
    }

    #[test]
    fn what_is_not_finite_has_no_roots() {
        assert_eq!(roots(&[f64::NAN; ORDER + 1]), None);
        let zeros = std::array::from_fn(|i| if i == 0 { 1.0 } else { 0.0 });
        // A root of order 11 at 0 is come near slowly; whatever is said is finite.
        assert!(roots(&zeros).is_none_or(|found| found.re.iter().all(|x| x.abs() < 0.8)));
    }
}
