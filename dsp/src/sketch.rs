//! A coarse sketch of the spectrum over time: enough to hear where the harmony changes.

/// Onset frames that make one frame of the sketch.
const FRAMES: usize = 8;
/// Sketch frames per second.
pub(crate) const SKETCH_FPS: f64 = crate::onset::ONSET_FPS / FRAMES as f64;
/// Bands of the bass, each a bin of the transform, and pitch classes above them.
pub(crate) const N_BASS: usize = 10;
/// Values of one sketch frame.
pub(crate) const N_BANDS: usize = N_BASS + 12;
/// Highest frequency that belongs to a pitch class, Hz. Above it are cymbals and consonants.
const TOP_HZ: f64 = 4_000.0;
/// Steps of the stored numbers per unit of the compressed spectrum.
const STEPS: f32 = 24.0;

/// Mean compressed spectrum of each eight onset frames: ten bass bands, then twelve pitch classes (C first).
///
/// 275 bytes per second of audio.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sketch {
    values: Vec<u8>,
    /// Which value each filter adds to, and what part of it.
    targets: Vec<(usize, f32)>,
    sums: [f32; N_BANDS],
    n_summed: usize,
    /// What is told is told from here on, seconds.
    start_s: f64,
}

impl Sketch {
    /// A sketch of spectra whose bands have these centres, ascending.
    pub(crate) fn new(centres_hz: &[f64]) -> Self {
        let class = |hz: f64| (12.0 * (hz / 440.0).log2() + 9.0).round().rem_euclid(12.0) as usize;
        let target = |(i, &hz): (usize, &f64)| if i < N_BASS { i } else { N_BASS + class(hz) };
        let pitched = centres_hz.iter().take_while(|&&hz| hz < TOP_HZ).enumerate();
        let targets: Vec<usize> = pitched.map(target).collect();
        let weight = |t: usize| 1.0 / targets.iter().filter(|&&other| other == t).count() as f32;
        Self { targets: targets.iter().map(|&t| (t, weight(t))).collect(), ..Self::default() }
    }

    /// Adds the compressed bands of one onset frame.
    pub(crate) fn push(&mut self, bands: &[f32]) {
        for (&band, &(target, weight)) in bands.iter().zip(&self.targets) {
            self.sums[target] += weight * band;
        }
        self.n_summed += 1;
        if self.n_summed == FRAMES {
            let scale = STEPS / FRAMES as f32;
            // The cast saturates, which only a band far above the mean level ever needs.
            self.values.extend(self.sums.map(|sum| (scale * sum + 0.5) as u8));
            self.sums = [0.0; N_BANDS];
            self.n_summed = 0;
        }
    }

    /// Length, seconds.
    pub(crate) fn duration_s(&self) -> f64 {
        (self.values.len() / N_BANDS) as f64 / SKETCH_FPS - self.start_s
    }

    /// Leaves out the first `seconds`; all times count from there.
    pub(crate) fn drop_start(&mut self, seconds: f64) {
        self.start_s += seconds.min(self.duration_s());
    }

    /// Mean of the frames from `from_s` to `to_s`, those at the ends by their part; of the nearest frame when that is
    /// less than one, all zero without frames.
    pub(crate) fn mean(&self, from_s: f64, to_s: f64) -> [f32; N_BANDS] {
        let n = self.values.len() / N_BANDS;
        let (from, to) = ((from_s + self.start_s) * SKETCH_FPS, (to_s + self.start_s) * SKETCH_FPS);
        let mut sums = [0.0; N_BANDS];
        let mut weights = 0.0;
        if n > 0 {
            let first = (from.max(0.0) as usize).min(n - 1);
            let last = (to.ceil().max(0.0) as usize).clamp(first + 1, n);
            for frame in first..last {
                let at = frame as f64;
                let part = ((at + 1.0).min(to) - at.max(from)).clamp(1e-3, 1.0) as f32;
                let values = &self.values[frame * N_BANDS..(frame + 1) * N_BANDS];
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum += part * f32::from(value);
                }
                weights += part;
            }
        }
        if weights > 0.0 { sums.map(|sum| sum / (weights * STEPS)) } else { sums }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten bass bands, then semitones from 262 Hz (C) on.
    fn centres() -> Vec<f64> {
        let bass = (2..12).map(|bin| f64::from(bin) * 21.5);
        bass.chain((0..36).map(|k| 261.63 * 2_f64.powf(f64::from(k) / 12.0))).collect()
    }

    #[test]
    fn octaves_share_a_pitch_class() {
        let mut sketch = Sketch::new(&centres());
        let mut bands = vec![0.0; 46];
        bands[N_BASS + 4] = 3.0;
        bands[N_BASS + 16] = 3.0;
        for _ in 0..40 {
            sketch.push(&bands);
        }
        assert!((sketch.duration_s() - 0.4).abs() < 1e-9);
        let mean = sketch.mean(0.0, 0.4);
        // Two octaves of three.
        assert!((mean[N_BASS + 4] - 2.0).abs() < 0.03, "{mean:?}");
        assert!(mean.iter().enumerate().all(|(i, v)| i == N_BASS + 4 || *v < 1e-6), "{mean:?}");
    }

    #[test]
    fn mean_weighs_frames_by_their_part() {
        let mut sketch = Sketch::new(&centres());
        for frame in 0..16 {
            sketch.push(&[if frame < 8 { 1.0 } else { 2.0 }; 46]);
        }
        // Half of the first frame and a quarter of the second.
        let mean = sketch.mean(0.04, 0.1);
        assert!((mean[0] - 4.0 / 3.0).abs() < 0.02, "{mean:?}");
        assert!((sketch.mean(5.0, 6.0)[3] - 2.0).abs() < 0.02);
        assert!(Sketch::default().mean(0.0, 1.0).iter().all(|v| v.abs() < 1e-9));
    }
}
