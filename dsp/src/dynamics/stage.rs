//! Everything about level and feel of one recording.

use super::complexity::ComplexityStage;
use super::danceability::danceability;
use super::energy::energy;
use super::level::Level;
use crate::Result;
use crate::analysis::{Estimate, Loudness, Reason, Rhythm, Spectral};
use crate::scale::{db_to_power, power_to_db};

/// Level and feel in a few indices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dynamics {
    /// Mean distance of the level, read every 0.2 s behind a high pass, from its average in which loud readings count
    /// more, dB, 0..=60; 0 is steady (Streich 2007).
    pub dynamic_complexity_db: f64,
    /// Largest sample over the root mean square of everything that sounds, dB: 3.01 for a sine, 0 for a square wave. What
    /// lies 50 dB below the mean power does not count as sounding.
    pub crest_db: f64,
    /// Inverse of the exponent with which fluctuations of the level grow with the time watched, 0..=3: 2 for a level of
    /// white noise, 3 for a metronome; unknown below 5 s (Streich and Herrera 2005).
    pub danceability: Estimate<f64>,
    /// Mean rank of density, onsets, flux, brightness and lack of range among reference recordings, 0..=1.
    pub energy: Estimate<f64>,
}

/// Streaming part of [`Dynamics`]: what has to be measured in the samples. Memory grows by 20 bytes per second.
#[derive(Debug, Clone)]
pub struct DynamicsStage {
    complexity: ComplexityStage,
}

impl DynamicsStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    ///
    /// # Errors
    ///
    /// None for rates of 40 Hz and more; the type is that of the framing.
    pub fn new(rate_hz: u32) -> Result<Self> {
        Ok(Self { complexity: ComplexityStage::new(rate_hz)? })
    }

    /// Takes the next samples; blocks of any length give the same bits.
    pub fn push(&mut self, samples: &[f32]) {
        self.complexity.push(samples);
    }

    /// Dynamics of everything pushed, with what the other stages found.
    ///
    /// # Errors
    ///
    /// [`Reason::Silence`] if nothing is above −70 dBFS, [`Reason::TooShort`] below 0.2 s.
    pub fn finish(
        self,
        level: &Level,
        spectral: &Estimate<Spectral>,
        loudness: &Estimate<Loudness>,
        rhythm: &Estimate<Rhythm>,
    ) -> Estimate<Dynamics> {
        let is_short = self.complexity.is_empty();
        let crest_db = crest_db(level).ok_or(Reason::Silence)?;
        let complexity = self.complexity.finish();
        let unknown = if is_short { Reason::TooShort } else { Reason::Silence };
        Ok(Dynamics {
            dynamic_complexity_db: complexity.ok_or(unknown)?,
            crest_db,
            danceability: danceability(&level.deviations),
            energy: energy(spectral, loudness, rhythm),
        })
    }
}

/// What lies this far below the mean power of the recording is not part of the sound, dB.
const RANGE_DB: f64 = 50.0;

/// Peak over root mean square, the latter over the blocks that sound; `None` for silence.
fn crest_db(level: &Level) -> Option<f64> {
    if level.n_sounding() == 0 {
        return None;
    }
    let n_blocks = level.deviations.len() as f64;
    let power = |deviation: &f32| f64::from(*deviation).powi(2);
    // Relative to the recording, so that gain does not decide what counts.
    let gate = level.deviations.iter().map(power).sum::<f64>() / n_blocks * db_to_power(-RANGE_DB);
    let n_above = level.deviations.iter().filter(|deviation| power(deviation) > gate).count();
    let sounding = n_above as f64 / n_blocks;
    let mean_square = level.squares / (level.n_samples as f64 * sounding);
    let peak = f64::from(level.peak);
    (sounding > 0.0 && mean_square > 0.0).then(|| power_to_db(peak * peak / mean_square))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::LevelStage;

    fn level(samples: &[f32]) -> Level {
        let mut stage = LevelStage::new(22_050, 1);
        stage.push(samples);
        stage.finish()
    }

    #[test]
    fn crest_of_a_sine_and_of_a_square_wave() {
        let sine = fixtures::sine(551.25, 22_050, 44_100);
        assert!((crest_db(&level(&sine)).unwrap() - 3.0103).abs() < 1e-3);
        let square: Vec<f32> = sine.iter().map(|x| if *x < 0.0 { -0.5 } else { 0.5 }).collect();
        assert!(crest_db(&level(&square)).unwrap().abs() < 1e-6);
        assert_eq!(crest_db(&level(&[0.0; 4000])), None);
        assert_eq!(crest_db(&level(&[])), None);
    }

    #[test]
    fn silence_around_does_not_move_the_crest() {
        let mut samples = fixtures::silence(22_050);
        samples.extend(fixtures::sine(551.25, 22_050, 44_100));
        assert!((crest_db(&level(&samples)).unwrap() - 3.0103).abs() < 1e-3);
    }
}
