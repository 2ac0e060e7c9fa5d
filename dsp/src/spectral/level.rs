//! Level and zero crossings of one frame.

use multiversion::multiversion;

use super::shape::mean_square;

/// Magnitudes up to this count as zero, as in librosa.
const ZERO: f32 = 1e-10;

/// Root mean square of a frame; 0 if it is empty.
///
/// Agrees with `librosa.feature.rms` 0.11.0 on the same frame.
///
/// ```
/// assert_eq!(dsp::spectral::level::rms(&[3.0, -3.0]), 3.0);
/// ```
pub fn rms(frame: &[f32]) -> f32 {
    mean_square(frame).sqrt()
}

/// Changes of sign per sample of a frame; zero counts as positive, the first sample never as a change.
///
/// Agrees with `librosa.feature.zero_crossing_rate` 0.11.0 on the same frame.
///
/// ```
/// assert_eq!(dsp::spectral::level::zero_crossing_rate(&[1.0, -1.0, 0.0, 1.0]), 0.5);
/// ```
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub fn zero_crossing_rate(frame: &[f32]) -> f32 {
    let Some((_, later)) = frame.split_first() else { return 0.0 };
    let pairs = frame.iter().zip(later);
    let crossings: u32 = pairs.map(|(a, b)| u32::from((*a < -ZERO) != (*b < -ZERO))).sum();
    crossings as f32 / frame.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternating_frame_crosses_at_every_sample() {
        let frame: Vec<f32> = (0..100).map(|i| if i % 2 == 0 { 0.3 } else { -0.3 }).collect();
        assert!((zero_crossing_rate(&frame) - 0.99).abs() < 1e-6);
        assert!((rms(&frame) - 0.3).abs() < 1e-6);
    }

    #[test]
    fn nothing_and_constants_do_not_cross() {
        for frame in [vec![], vec![1.0], vec![0.0; 50], vec![-0.5; 50]] {
            assert!(zero_crossing_rate(&frame) <= 0.0);
        }
        assert!(rms(&[]) <= 0.0);
    }
}
