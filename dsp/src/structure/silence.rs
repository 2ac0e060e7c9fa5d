//! Stretches of silence.

use super::outline::Span;
use crate::dynamics::{LEVEL_FPS, Level};

/// Level below which it is silent, dBFS.
const FLOOR_DB: f64 = -60.0;
/// Shortest silence, values of the level (0.5 s).
const MIN_VALUES: usize = 50;

/// Stretches of at least 0.5 s in which every 10 ms lie below −60 dBFS; edges are exact to 10 ms.
pub(crate) fn silences(level: &Level, duration_s: f64) -> Vec<Span> {
    let floor = crate::scale::db_to_amplitude(FLOOR_DB) as f32;
    let mut silences = Vec::new();
    let mut start = 0;
    let ends = level.deviations.iter().map(|&deviation| deviation >= floor).chain([true]);
    for (i, is_end) in ends.enumerate() {
        if is_end {
            if i - start >= MIN_VALUES {
                let until_s = (i as f64 / LEVEL_FPS).min(duration_s);
                silences.push(Span { start_s: start as f64 / LEVEL_FPS, end_s: until_s });
            }
            start = i + 1;
        }
    }
    silences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(deviations: Vec<f32>) -> Level {
        Level { deviations, ..Level::default() }
    }

    #[test]
    fn half_a_second_is_enough_and_less_is_not() {
        for (n, expected) in [(49, 0), (50, 1), (200, 1)] {
            let mut deviations = vec![0.1; 100];
            deviations.extend(vec![0.9e-3; n]);
            deviations.extend(vec![0.1; 100]);
            let found = silences(&level(deviations), 9.0);
            assert_eq!(found.len(), expected, "{n} values");
            for span in found {
                assert!((span.start_s - 1.0).abs() < 1e-9);
                assert!((span.end_s - (1.0 + n as f64 / 100.0)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn silence_to_the_end_ends_with_the_recording() {
        let mut deviations = vec![0.0; 60];
        deviations.extend(vec![0.1; 10]);
        deviations.extend(vec![0.0; 61]);
        let found = silences(&level(deviations), 1.305);
        assert_eq!(found.len(), 2);
        assert!(found[0].start_s.abs() < 1e-9 && (found[0].end_s - 0.6).abs() < 1e-9);
        assert!((found[1].start_s - 0.7).abs() < 1e-9 && (found[1].end_s - 1.305).abs() < 1e-9);
        assert!(silences(&level(Vec::new()), 0.0).is_empty());
    }
}
