//! Timbre and pitch classes over time, small enough to keep.

use crate::spectral::stage::{HOP, MEL_BANDS};

/// Cepstral coefficients that are kept.
pub(crate) const N_TIMBRE: usize = 12;
/// Frames of spectra that share one [`Moment`].
const POOL: usize = 2;
/// Decibels in a step of the first coefficient and of the others.
const STEPS_DB: (f32, f32) = (1.0, 0.3);
/// Steps of the flux in a decibel.
const FLUX_STEPS: f32 = 8.0;
/// First coefficient of silence, dB.
const SILENCE_DB: f32 = -100.0;

/// Timbre and chroma of 46 ms in 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment {
    timbre: [i8; N_TIMBRE],
    chroma: [u8; 12],
}

/// Timbre, chroma and flux over time; [`SpectralStage::finish_over_time`](crate::SpectralStage::finish_over_time) gives it.
///
/// Memory grows by 560 bytes per second.
#[derive(Debug, Clone)]
pub struct Course {
    frame_s: f64,
    moments: Vec<Moment>,
    /// Rise of the mel spectrum from frame to frame, steps of 1/8 dB.
    flux: Vec<u8>,
    /// Sums over the frames of the moment that has begun.
    timbre: [f32; N_TIMBRE],
    chroma: [f32; 12],
    n_pooled: usize,
}

impl Course {
    /// The course of frames that are [`HOP`] samples at `rate_hz` apart.
    pub(crate) fn new(rate_hz: u32) -> Self {
        Self {
            frame_s: HOP as f64 / f64::from(rate_hz),
            moments: Vec::new(),
            flux: Vec::new(),
            timbre: [0.0; N_TIMBRE],
            chroma: [0.0; 12],
            n_pooled: 0,
        }
    }

    /// Adds a frame: its cepstrum (orthonormal, of [`MEL_BANDS`] decibels), its chroma (largest 1) and its flux, dB.
    pub(crate) fn add(&mut self, cepstrum: &[f32], chroma: &[f32; 12], flux_db: f32) {
        // Divided by the root of the number of bands, the first coefficient is the mean of the decibels.
        let scale = (MEL_BANDS as f32).sqrt().recip();
        for (sum, c) in self.timbre.iter_mut().zip(cepstrum) {
            *sum += c * scale;
        }
        for (sum, c) in self.chroma.iter_mut().zip(chroma) {
            *sum += c;
        }
        self.close(flux_db);
    }

    /// Adds a frame in which nothing sounds.
    pub(crate) fn add_silence(&mut self) {
        self.timbre[0] += SILENCE_DB;
        self.close(0.0);
    }

    fn close(&mut self, flux_db: f32) {
        self.flux.push((flux_db * FLUX_STEPS).round() as u8);
        self.n_pooled += 1;
        if self.n_pooled == POOL {
            self.keep();
        }
    }

    /// Keeps the moment that has begun.
    fn keep(&mut self) {
        let n = self.n_pooled as f32;
        let timbre = std::array::from_fn(|k| (self.timbre[k] / n / step_db(k)).round() as i8);
        let chroma = std::array::from_fn(|class| (self.chroma[class] / n * 255.0).round() as u8);
        self.moments.push(Moment { timbre, chroma });
        self.timbre = [0.0; N_TIMBRE];
        self.chroma = [0.0; 12];
        self.n_pooled = 0;
    }

    /// Ends the course.
    pub(crate) fn finish(mut self) -> Self {
        if self.n_pooled > 0 {
            self.keep();
        }
        self
    }

    /// Seconds from frame to frame; the middle of the first one is at 0.
    pub(crate) fn frame_s(&self) -> f64 {
        self.frame_s
    }

    /// Rise of the mel spectrum over the frame before, dB, for each frame.
    pub(crate) fn flux_db(&self) -> Vec<f32> {
        self.flux.iter().map(|&steps| f32::from(steps) / FLUX_STEPS).collect()
    }

    /// Number of moments.
    pub(crate) fn n_moments(&self) -> usize {
        self.moments.len()
    }

    /// Moment that lies nearest to a time.
    pub(crate) fn moment_at(&self, time_s: f64) -> usize {
        let middle = 0.5 * (POOL - 1) as f64;
        let moment = ((time_s / self.frame_s - middle) / POOL as f64).round().max(0.0);
        (moment as usize).min(self.moments.len().saturating_sub(1))
    }

    /// Timbre of a moment, dB.
    pub(crate) fn timbre(&self, moment: usize) -> [f32; N_TIMBRE] {
        let steps = self.moments[moment].timbre;
        std::array::from_fn(|k| f32::from(steps[k]) * step_db(k))
    }

    /// Chroma of a moment, 0..=1; all 0 for silence.
    pub(crate) fn chroma(&self, moment: usize) -> [f32; 12] {
        self.moments[moment].chroma.map(|steps| f32::from(steps) / 255.0)
    }
}

fn step_db(coefficient: usize) -> f32 {
    if coefficient == 0 { STEPS_DB.0 } else { STEPS_DB.1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_mean_of_two_frames_within_half_a_step() {
        let mut course = Course::new(22_050);
        let scale = (MEL_BANDS as f32).sqrt();
        let cepstrum =
            |a: f32| -> Vec<f32> { (0..20u8).map(|k| scale * (a - f32::from(k))).collect() };
        course.add(&cepstrum(-30.0), &[0.25; 12], 1.5);
        course.add(&cepstrum(-10.0), &[0.75; 12], 100.0);
        course.add_silence();
        let course = course.finish();
        assert_eq!(course.n_moments(), 2);
        for (k, value) in course.timbre(0).into_iter().enumerate() {
            let half = 0.51 * step_db(k);
            assert!((value - (-20.0 - k as f32)).abs() < half, "{k}: {value}");
        }
        assert!(course.chroma(0).iter().all(|c| (c - 0.5).abs() < 0.003));
        assert!((course.timbre(1)[0] - SILENCE_DB).abs() < 0.6);
        assert!(course.chroma(1).iter().all(|&c| c <= 0.0));
        let flux = course.flux_db();
        assert!((flux[0] - 1.5).abs() < 0.07 && flux[1] > 31.0 && flux[2] <= 0.0);
    }

    #[test]
    fn moments_are_found_by_time() {
        let mut course = Course::new(22_050);
        (0..100).for_each(|_| course.add_silence());
        let course = course.finish();
        // Frames 10 and 11 make moment 5; their middles are at 10 and 11 hops.
        assert_eq!(course.moment_at(10.5 * course.frame_s()), 5);
        assert_eq!(course.moment_at(0.0), 0);
        assert_eq!(course.moment_at(1e9), 49);
    }
}
