//! How likely each moment is a beat, for the decoder of beats.

use crate::evidence::Evidence;

/// Accent height that is certainly an onset.
pub(crate) const FULL_ACCENT: f32 = 4.0;
/// Accents below that count for less than their share.
const EXPONENT: f32 = 1.2;
/// Repetition of the pulse below which the music is soft: its notes begin slowly and at different times, and the changes
/// of its harmony say more.
const SOFT: f64 = 0.1;
/// Height of an accent for each mean change of bass and harmony above the mean, where nothing at all repeats.
const CHANGE_WEIGHT: f64 = 3.0;
/// Mean change of bass and harmony.
const MEAN_CHANGE: f32 = 2.0;
/// A change is greatest this long after the note begins, which takes a while to sound, frames.
const ATTACK: f64 = 4.0;
/// Share of a beat that belongs to its onset, as a divisor: Krebs, Böck & Widmer's 16, and more of the beat in soft music.
const BEAT_SHARE: usize = 16;
const SOFT_BEAT_SHARE: usize = 10;

/// Likelihood of a beat over time.
pub(crate) struct Activation {
    /// Inside 0..1, one for each onset frame.
    pub(crate) values: Vec<f32>,
    /// The onset of a beat takes one part in this many of it.
    pub(crate) beat_share: usize,
}

impl Activation {
    pub(crate) fn new(evidence: &Evidence<'_>) -> Self {
        let softness = (1.0 - evidence.pulse.strongest() / SOFT).max(0.0);
        let weight = (CHANGE_WEIGHT * softness) as f32;
        let change = |frame: usize| {
            let above = evidence.change.at(frame as f64 + ATTACK) - MEAN_CHANGE;
            if weight > 0.0 { weight * above.max(0.0) } else { 0.0 }
        };
        let accents = evidence.accents.beat.iter().enumerate();
        let values = accents
            .map(|(frame, accent)| ((accent + change(frame)) / FULL_ACCENT).min(1.0))
            .map(|height| 0.02 + 0.96 * height.powf(EXPONENT))
            .collect();
        Self { values, beat_share: if softness > 0.0 { SOFT_BEAT_SHARE } else { BEAT_SHARE } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accents::Accents;
    use crate::onset::OnsetEnvelope;
    use crate::sketch::Sketch;

    #[test]
    fn accents_are_likely_beats() {
        let train: Vec<f32> = (0..3_000).map(|n| f32::from(n % 50 == 7)).collect();
        let [low, mid, high, rise] = std::array::from_fn(|_| train.clone());
        let onsets = OnsetEnvelope { low, mid, high, rise, ..OnsetEnvelope::default() };
        let accents = Accents::new(&onsets);
        let activation = Activation::new(&Evidence::new(&accents, &onsets));
        assert_eq!(activation.beat_share, BEAT_SHARE);
        assert!((activation.values[1_507] - 0.98).abs() < 1e-6, "{}", activation.values[1_507]);
        assert!((activation.values[1_530] - 0.02).abs() < 1e-6, "{}", activation.values[1_530]);
    }

    /// Where nothing is struck, a change of the bass is the likeliest beat, at the time at which it begins.
    #[test]
    fn harmony_tells_where_accents_do_not() {
        let mut sketch = Sketch::new(&[60.0; 20]);
        for frame in 0..3_000 {
            let mut bands = [0.0; 20];
            bands[frame / 160 % 3] = 2.0;
            sketch.push(&bands);
        }
        let [low, mid, high, rise] = std::array::from_fn(|_| vec![0.0; 3_000]);
        let onsets = OnsetEnvelope { low, mid, high, rise, sketch, ..OnsetEnvelope::default() };
        let accents = Accents::new(&onsets);
        let activation = Activation::new(&Evidence::new(&accents, &onsets));
        assert_eq!(activation.beat_share, SOFT_BEAT_SHARE);
        let change = 1_600 - ATTACK as usize;
        let near = activation.values[change - 70..change + 70].iter().copied().fold(0.0, f32::max);
        assert!(
            (activation.values[change] - near).abs() < 1e-6,
            "{} of {near}",
            activation.values[change]
        );
        assert!(near > 0.1 && (activation.values[change + 70] - 0.02).abs() < 1e-6);
    }
}
