//! Linear prediction: the resonances of the vocal tract in a few coefficients.

use multiversion::multiversion;

use crate::lanes::inner_products;
use crate::window;

/// Coefficients (Eyben et al. 2016): five resonances up to 5.5 kHz, and the slope.
pub(super) const ORDER: usize = 11;
/// Lags that are computed side by side; they divide the number of lags.
const TOGETHER: usize = 4;
/// Samples of a frame at 11 025 Hz: 25 ms.
pub(super) const FRAME: usize = 276;
/// Share of the sample before that is taken off: 6 dB per octave from 50 Hz on, against the slope of the voice.
const PRE_EMPHASIS: f32 = 0.9719;
/// Noise that is added, over the power of the frame, so that pure tones have an answer: −50 dB.
const WHITE_NOISE: f64 = 1e-5;

/// Predictor of frames by the autocorrelation method.
#[derive(Debug)]
pub(super) struct Predictor {
    window: Vec<f32>,
    frame: Vec<f32>,
}

impl Predictor {
    pub(super) fn new() -> Self {
        Self { window: window::hamming(FRAME), frame: vec![0.0; FRAME + ORDER] }
    }

    /// Coefficients `1, a1, …, a11` of the filter that whitens a frame of [`FRAME`] + 1 samples, the first of which is only
    /// looked back at; `None` for silence.
    ///
    /// # Source
    ///
    /// Makhoul (1975), "Linear prediction: a tutorial review", *Proceedings of the IEEE* 63(4), with Durbin's recursion.
    pub(super) fn coefficients(&mut self, samples: &[f32]) -> Option<[f64; ORDER + 1]> {
        emphasise(samples, &self.window, &mut self.frame[..FRAME]);
        let lags = correlate(&self.frame);
        (lags[0] > 1e-12).then_some(())?;
        let mut lags = lags.map(f64::from);
        lags[0] *= 1.0 + WHITE_NOISE;
        let (mut all, mut error) = ([0f64; ORDER + 1], lags[0]);
        all[0] = 1.0;
        for order in 1..=ORDER {
            let sum: f64 = (0..order).map(|i| all[i] * lags[order - i]).sum();
            let reflection = -sum / error;
            let before = all;
            for i in 1..=order {
                all[i] = before[i] + reflection * before[order - i];
            }
            error *= 1.0 - reflection * reflection;
            // Rounding can make a frame look as if it could be foretold without error.
            (error > 0.0).then_some(())?;
        }
        Some(all)
    }
}

/// Windows samples less a share of those before.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn emphasise(samples: &[f32], window: &[f32], frame: &mut [f32]) {
    let later = &samples[1..];
    for ((out, weight), (before, x)) in frame.iter_mut().zip(window).zip(samples.iter().zip(later))
    {
        *out = weight * (x - PRE_EMPHASIS * before);
    }
}

/// Autocorrelation of a frame with [`ORDER`] zeros after it.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn correlate(frame: &[f32]) -> [f32; ORDER + 1] {
    let mut lags = [0.0; ORDER + 1];
    for (group, lags) in lags.as_chunks_mut::<TOGETHER>().0.iter_mut().enumerate() {
        let rows = std::array::from_fn(|i| &frame[TOGETHER * group + i..]);
        *lags = inner_products(rows, &frame[..FRAME]);
    }
    lags
}

#[cfg(test)]
mod tests {
    use super::*;

    // An autoregressive process has its own coefficients; those of one windowed frame of 25 ms err by some percent.
    #[test]
    fn finds_the_resonance_of_filtered_noise() {
        let (radius, angle) = (0.95f64, 0.6f64);
        let (a1, a2) = (-2.0 * radius * angle.cos(), radius * radius);
        let noise = fixtures::noise(1, 60 * FRAME);
        let (mut samples, mut before) = (Vec::new(), (0.0, 0.0));
        for x in noise {
            let y = f64::from(x) - a1 * before.0 - a2 * before.1;
            before = (y, before.0);
            samples.push(y as f32);
        }
        // Undo the emphasis that the predictor puts on.
        let mut flat = vec![0f32];
        for x in &samples {
            flat.push(x + PRE_EMPHASIS * flat.last().unwrap());
        }
        let mut predictor = Predictor::new();
        let mut mean = [0.0; 2];
        for frame in 1..50 {
            let all = predictor.coefficients(&flat[frame * FRAME..][..=FRAME]).unwrap();
            mean[0] += all[1] / 49.0;
            mean[1] += all[2] / 49.0;
        }
        assert!((mean[0] - a1).abs() < 0.05 && (mean[1] - a2).abs() < 0.05, "{mean:?} {a1} {a2}");
    }

    #[test]
    fn silence_has_no_resonance() {
        assert_eq!(Predictor::new().coefficients(&[0.0; FRAME + 1]), None);
    }
}
