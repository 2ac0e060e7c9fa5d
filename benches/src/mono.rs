//! A recording as the stages hear it that follow voices: one channel at 22 050 Hz.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use dsp::resample::Resampler;

use crate::sounds::Pcm;

/// The mean of the channels of a file at 22 050 Hz.
///
/// # Errors
///
/// When it cannot be read or decoded.
pub fn mono(path: &Path) -> Result<Vec<f32>> {
    let place = || path.display().to_string();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let bytes: Arc<[u8]> = std::fs::read(path).with_context(place)?.into();
    let pcm = Pcm::decoded(&bytes, extension).with_context(place)?;
    let mut resampler = Resampler::new(pcm.rate_hz)?;
    let mut samples = Vec::new();
    resampler.push(&pcm.mono(), &mut samples);
    resampler.finish(&mut samples);
    Ok(samples)
}

/// The same with a root mean square of −20 dBFS; silence stays silent.
pub fn normalised(samples: &[f32]) -> Vec<f32> {
    let power: f64 = samples.iter().map(|x| f64::from(x * x)).sum();
    let mean_square = power / samples.len().max(1) as f64;
    let gain = if mean_square > 0.0 { (0.01 / mean_square).sqrt() as f32 } else { 0.0 };
    samples.iter().map(|x| gain * x).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_heard_at_the_rate_of_the_stages_and_at_one_level() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tone.wav");
        let tone: Vec<f32> =
            fixtures::sine(440.0, 44_100, 44_100).iter().map(|x| 0.01 * x).collect();
        std::fs::write(&path, fixtures::wav_f32(&tone, 44_100, 1)).unwrap();
        let heard = normalised(&mono(&path).unwrap());
        assert_eq!(heard.len(), 22_050);
        // A sine with a mean square of 0.01 has an amplitude of √0.02.
        let peak = heard[1_000..21_000].iter().copied().fold(0.0, f32::max);
        assert!((peak - 0.02f32.sqrt()).abs() < 1e-3, "{peak}");
        assert!(normalised(&[0.0; 5]).iter().all(|x| x.abs() < f32::MIN_POSITIVE));
    }
}
