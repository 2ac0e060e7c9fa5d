//! Hints: impressions that were not checked against listeners.

use super::features::{FeatureName, Known, N_ALL, Sources, place, standardised};
use crate::voice::{SoundKind, Voice};

/// Values between these say nothing, and are unknown.
const MIDDLE: (f64, f64) = (0.35, 0.65);
/// Seconds of noise-like sound that are as good as applause.
const APPLAUSE_S: f64 = 2.0;

/// Impressions, 0..=1; `None` in the middle, where they say nothing. None was validated.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hints {
    /// Dark, sparse and uneven sounds without a strict pulse, as of unamplified instruments.
    pub acousticness: Option<f64>,
    /// No level that comes and goes like syllables.
    pub instrumentalness: Option<f64>,
    /// Noise like applause, and a tempo that drifts.
    pub liveness: Option<f64>,
    /// Share of the sound that is likely to be speech.
    pub speechiness: Option<f64>,
}

/// Weights of features by name, and what is added to their sum.
type Leaning = (&'static [(FeatureName, f64)], f64);

const ACOUSTICNESS: Leaning = (
    &[
        ("density", -0.6),
        ("brightness", -0.5),
        ("spectral_flux", -0.3),
        ("entropy", -0.4),
        ("pulse_clarity", -0.4),
        ("loudness_range", 0.3),
    ],
    0.0,
);
const INSTRUMENTALNESS: Leaning =
    (&[("syllabic_share", -0.6), ("soft_share", -0.4), ("key_clarity", 0.3)], 0.0);
/// What the logistic function starts from without applause and with a steady tempo.
const STUDIO: f64 = -1.2;

/// The hints of a recording.
pub(crate) fn hints(values: &[Option<Known>; N_ALL], sources: &Sources<'_>) -> Hints {
    let noise = (sources.expression.longest_noise_s() / APPLAUSE_S).min(2.0);
    let drift = sources.tempo.map_or(0.0, |tempo| (1.0 - tempo.stability).min(0.2) * 10.0);
    Hints {
        acousticness: leaning(ACOUSTICNESS, values),
        instrumentalness: leaning(INSTRUMENTALNESS, values),
        liveness: outside_the_middle(logistic(STUDIO + 2.0 * noise + drift)),
        speechiness: sources.voice.and_then(|voice| outside_the_middle(likely_speech(voice))),
    }
}

/// `None` unless every feature but the pulse is known, which some recordings have none of.
fn leaning((weights, offset): Leaning, values: &[Option<Known>; N_ALL]) -> Option<f64> {
    let mut sum = offset;
    for &(name, weight) in weights {
        let place = place(name);
        // No pulse is the least clear one.
        let lowest = (name == "pulse_clarity").then_some(0.0);
        let value = values[place].map(|known| known.value).or(lowest)?;
        sum += weight * standardised(place, value);
    }
    outside_the_middle(logistic(sum))
}

/// Mean probability of speech over what sounds.
fn likely_speech(voice: &Voice) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for range in &voice.ranges {
        let length = range.end_s - range.start_s;
        total += length;
        sum += length
            * match range.kind {
                SoundKind::Speech => range.confidence,
                SoundKind::Music => 1.0 - range.confidence,
                SoundKind::Noise => 0.0,
            };
    }
    sum / f64::max(total, f64::MIN_POSITIVE)
}

fn logistic(x: f64) -> f64 {
    (1.0 + (-x).exp()).recip()
}

fn outside_the_middle(value: f64) -> Option<f64> {
    (value <= MIDDLE.0 || value >= MIDDLE.1).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Reason;
    use crate::voice::SoundRange;

    /// Features that lie this many deviations up and down, as the leaning has them.
    fn towards((weights, _): Leaning, z: f64) -> [Option<Known>; N_ALL] {
        std::array::from_fn(|i| {
            let (mean, deviation) = super::super::reference::REFERENCE[i];
            let sign = weights.iter().find(|(name, _)| place(name) == i);
            let sign = sign.map_or(0.0, |(_, weight)| weight.signum());
            Some(Known { value: mean + sign * z * deviation, trust: 1.0 })
        })
    }

    #[test]
    fn the_middle_is_unknown_and_the_ends_are_not() {
        for rule in [ACOUSTICNESS, INSTRUMENTALNESS] {
            assert_eq!(leaning(rule, &towards(rule, 0.0)), None);
            assert!(leaning(rule, &towards(rule, 2.0)).unwrap() > 0.8);
            assert!(leaning(rule, &towards(rule, -2.0)).unwrap() < 0.2);
        }
    }

    #[test]
    fn speech_counts_by_its_length_and_probability() {
        let range =
            |start_s, end_s, kind, confidence| SoundRange { start_s, end_s, kind, confidence };
        let ranges = vec![
            range(0.0, 10.0, SoundKind::Music, 0.9),
            range(10.0, 15.0, SoundKind::Speech, 0.8),
            range(15.0, 20.0, SoundKind::Noise, 1.0),
        ];
        let voice = Voice { ranges, speech_share: 0.25, speech: Err(Reason::TooShort) };
        assert!((likely_speech(&voice) - (10.0 * 0.1 + 5.0 * 0.8) / 20.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_not_measured_is_unknown() {
        assert_eq!(leaning(ACOUSTICNESS, &[None; N_ALL]), None);
    }
}
