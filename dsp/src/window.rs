//! Window functions.
//!
//! Periodic forms (one period of a sequence of length `n`, as spectral analysis wants them), peak 1,
//! computed in double precision.

use std::f64::consts::TAU;

/// Periodic Hann window: `0.5 − 0.5·cos(2πi/n)`.
///
/// Mean 1/2, mean square 3/8. Agrees with `scipy.signal.get_window("hann", n, fftbins=True)`.
///
/// ```
/// assert_eq!(dsp::window::hann(4), [0.0, 0.5, 1.0, 0.5]);
/// ```
pub fn hann(n: usize) -> Vec<f32> {
    cosine_sum(n, &[0.5, 0.5])
}

/// Periodic Hamming window: `0.54 − 0.46·cos(2πi/n)`.
pub fn hamming(n: usize) -> Vec<f32> {
    cosine_sum(n, &[0.54, 0.46])
}

/// Periodic four-term Blackman–Harris window, side lobes below −92 dB.
///
/// Harris (1978), "On the use of windows for harmonic analysis with the discrete Fourier transform",
/// table 1.
pub fn blackman_harris(n: usize) -> Vec<f32> {
    cosine_sum(n, &[0.35875, 0.48829, 0.14128, 0.01168])
}

/// One point of the Kaiser window, `x` in −1..=1 from edge to edge, 0 outside.
///
/// Kaiser (1974): `I0(β·√(1−x²)) / I0(β)`.
pub fn kaiser(x: f64, beta: f64) -> f64 {
    if x.abs() > 1.0 {
        return 0.0;
    }
    bessel_i0(beta * (1.0 - x * x).sqrt()) / bessel_i0(beta)
}

/// Shape parameter of the Kaiser window whose low-pass has the given stop-band attenuation.
///
/// Kaiser (1974), valid above 50 dB: `0.1102·(A − 8.7)`.
pub fn kaiser_beta(attenuation_db: f64) -> f64 {
    0.1102 * (attenuation_db - 8.7)
}

/// Modified Bessel function of the first kind, order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut k = 1.0;
    while term > sum * 1e-17 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

/// `Σ (−1)^k · a_k · cos(2πki/n)`.
fn cosine_sum(n: usize, coefficients: &[f64]) -> Vec<f32> {
    (0..n)
        .map(|i| {
            let mut sign = 1.0;
            let mut sum = 0.0;
            for (k, a) in coefficients.iter().enumerate() {
                // The product is reduced first, so that the window is exactly symmetric.
                let turn = (k * i % n) as f64 / n as f64;
                sum += sign * a * (TAU * turn).cos();
                sign = -sign;
            }
            sum as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hann_has_its_closed_form_sums() {
        let window = hann(2048);
        let sum: f64 = window.iter().map(|&w| f64::from(w)).sum();
        let squares: f64 = window.iter().map(|&w| f64::from(w).powi(2)).sum();
        assert!((sum - 1024.0).abs() < 1e-3);
        assert!((squares - 768.0).abs() < 1e-3);
    }

    #[test]
    fn windows_are_symmetric_about_the_middle() {
        for window in [hann(64), hamming(64), blackman_harris(64)] {
            for i in 1..32 {
                assert!((window[i] - window[64 - i]).abs() < 1e-7);
            }
            assert!((window[32] - 1.0).abs() < 1e-7);
        }
    }

    #[test]
    fn an_empty_window_is_empty() {
        assert!(hann(0).is_empty());
    }

    #[test]
    fn bessel_agrees_with_tables() {
        // Abramowitz and Stegun, table 9.8: I0(1), I0(5).
        assert!((bessel_i0(1.0) - 1.2660658777520084).abs() < 1e-14);
        assert!((bessel_i0(5.0) - 27.23987182360444).abs() < 1e-12);
        assert!((kaiser(0.0, 8.0) - 1.0).abs() < 1e-15);
        assert!(kaiser(1.5, 8.0) <= 0.0);
    }
}
