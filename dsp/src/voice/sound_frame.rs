//! What the spectral analysis tells of each of its frames.

/// Groups of mel bands whose levels are followed.
pub(crate) const N_GROUPS: usize = 8;
/// Bins of magnitudes that are compared with those of earlier frames: up to 4 kHz.
pub(crate) const N_COMPARED: usize = 368;
/// Frames after which a frame of 93 ms every 23 ms shares no sample with this one.
pub(crate) const APART: usize = 4;

/// One frame of 93 ms every 23 ms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct SoundFrame {
    /// Whether it lies above −70 dBFS, and at most 60 dB below the loudest so far. If not, only the level means anything.
    pub(crate) is_heard: bool,
    /// Root mean square.
    pub(crate) rms: f32,
    /// Mean rise of the mel bands, dB.
    pub(crate) flux_db: f32,
    /// Centroid, bins.
    pub(crate) centroid_bins: f32,
    /// Geometric over arithmetic mean of the powers.
    pub(crate) flatness: f32,
    /// Mean over octaves of peaks over valleys, dB.
    pub(crate) contrast_db: f32,
    /// Mean levels of groups of mel bands, dB.
    pub(crate) groups_db: [f32; N_GROUPS],
    /// Cosine of the magnitudes up to 4 kHz with those of the last frame that shares no sample with this one, 0..=1.
    pub(crate) steadiness: f32,
    /// Strength of the pitch classes.
    pub(crate) chroma: [f32; 12],
}

/// Compares spectra with those [`APART`] frames earlier.
#[derive(Debug, Clone)]
pub(crate) struct Steadiness {
    /// Magnitudes of the last frames, each with its norm; 0 where nothing was heard.
    before: [(Vec<f32>, f32); APART],
    at: usize,
}

impl Default for Steadiness {
    fn default() -> Self {
        Self { before: std::array::from_fn(|_| (vec![0.0; N_COMPARED], 0.0)), at: 0 }
    }
}

impl Steadiness {
    /// Takes a frame in which nothing is heard.
    pub(crate) fn skip(&mut self) {
        self.before[self.at].1 = 0.0;
        self.at = (self.at + 1) % APART;
    }

    /// Cosine of this spectrum with that of [`APART`] frames before; 0 if that was not heard.
    pub(crate) fn of(&mut self, magnitude: &[f32]) -> f32 {
        let n = N_COMPARED.min(magnitude.len());
        let (before, norm_before) = &mut self.before[self.at];
        let [product, square] = products(&magnitude[..n], &before[..n]);
        let norm = square.sqrt();
        let both = norm * *norm_before;
        let cosine = if both > f32::MIN_POSITIVE { (product / both).min(1.0) } else { 0.0 };
        before[..n].copy_from_slice(&magnitude[..n]);
        *norm_before = norm;
        self.at = (self.at + 1) % APART;
        cosine
    }
}

#[multiversion::multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn products(now: &[f32], before: &[f32]) -> [f32; 2] {
    crate::lanes::inner_products([before, now], now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrum_is_compared_with_the_one_four_frames_before() {
        let mut steadiness = Steadiness::default();
        let one = |bin: usize| {
            let mut magnitude = vec![0f32; 1025];
            magnitude[bin] = 0.5;
            magnitude
        };
        // 10, 11, 12, 13, 10, 99, silence, 13
        let found: Vec<f32> = [10, 11, 12, 13, 10, 99].map(|bin| steadiness.of(&one(bin))).into();
        assert_eq!(found, [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        steadiness.skip();
        assert!((steadiness.of(&one(13)) - 1.0).abs() < 1e-6);
        assert!((steadiness.of(&one(10)) - 1.0).abs() < 1e-6);
        assert!(steadiness.of(&one(99)) > 0.99);
        // What four frames ago was silence is nothing to compare with.
        assert!(steadiness.of(&one(99)) <= 0.0);
    }
}
