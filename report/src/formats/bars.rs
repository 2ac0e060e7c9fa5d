//! Places of beats in their bars.

use crate::Rhythm;

/// Place of each beat in its bar, 1 is the downbeat; `None` of each beat where the metre is not known.
///
/// Beats in front of the first downbeat end the bar before it.
pub(crate) fn positions(rhythm: &Rhythm) -> Vec<Option<u32>> {
    let downbeats = &rhythm.meter.downbeats;
    let Some((bar, &first)) = rhythm.meter.beats_per_bar.zip(downbeats.first()) else {
        return vec![None; rhythm.beats.len()];
    };
    let bar = i64::from(bar.max(1));
    // Beats and downbeats are rounded alike, so that a downbeat is equal to its beat.
    let n_before = rhythm.beats.iter().take_while(|&&time_s| time_s < first).count();
    let mut position = -i64::try_from(n_before).unwrap_or(0);
    let mut next = downbeats.iter().peekable();
    let places = rhythm.beats.iter().map(|&time_s| {
        if next.next_if(|&&downbeat_s| downbeat_s <= time_s).is_some() {
            position = 0;
        }
        let place = u32::try_from(position.rem_euclid(bar) + 1).ok();
        position += 1;
        place
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Meter, Pattern};

    fn places(n_beats: u32, beats_per_bar: Option<u8>, downbeats: &[f64]) -> Vec<Option<u32>> {
        positions(&Rhythm {
            beats: (0..n_beats).map(|k| 0.5 * f64::from(k)).collect(),
            beat_strengths: Vec::new(),
            tatums_per_beat: None,
            confidence: None,
            onset_rate_hz: None,
            pulse_clarity: None,
            meter: Meter { beats_per_bar, downbeats: downbeats.to_vec(), ..Meter::default() },
            pattern: Pattern::default(),
            reason: None,
        })
    }

    #[test]
    fn counts_from_downbeats_and_back_before_the_first() {
        let known = |places: &[u32]| places.iter().map(|&place| Some(place)).collect::<Vec<_>>();
        assert_eq!(places(6, Some(3), &[1.0, 2.5]), known(&[2, 3, 1, 2, 3, 1]));
        // The bar at the beginning was cut short.
        assert_eq!(places(5, Some(4), &[0.0, 1.0]), known(&[1, 2, 1, 2, 3]));
        assert_eq!(places(2, None, &[]), [None, None]);
        assert_eq!(places(2, Some(4), &[]), [None, None]);
        assert!(places(0, Some(4), &[0.5]).is_empty());
    }
}
