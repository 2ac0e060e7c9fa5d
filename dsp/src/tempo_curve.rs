//! How the tempo goes on through a recording.

/// Distance between two points, seconds.
const STEP_S: f64 = 5.0;
/// Beats this close to a point are heard in it, seconds; those nearer count for more.
const REACH_S: f64 = 6.0;
/// Fewest intervals that are heard in a point: a slow piece is averaged over a longer time.
const MIN_INTERVALS: usize = 5;
/// Intervals further than this from the local median are slips of the tracker, not of the player.
const SLIP: f64 = 0.15;

/// Tempo at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TempoPoint {
    /// Seconds from the first decoded sample; a multiple of 5.
    pub time_s: f64,
    /// Beats per minute around that time, > 0.
    pub bpm: f64,
}

/// Local tempo every 5 s between the first and the last beat; empty for fewer than two beats.
///
/// Each point is the weighted mean of the intervals between beats within 6 s (at least five of them), those
/// left out that are more than 15 % off their median. The weights fall like a Hann window, so that a tempo
/// that changes evenly is read where it is, and the mean, unlike a median, averages the rounding of single
/// beats away.
pub(crate) fn tempo_curve(beats_s: &[f64]) -> Vec<TempoPoint> {
    let (Some(&first_s), Some(&last_s)) = (beats_s.first(), beats_s.last()) else {
        return Vec::new();
    };
    let intervals: Vec<(f64, f64)> =
        beats_s.windows(2).map(|w| (0.5 * (w[0] + w[1]), w[1] - w[0])).collect();
    let first_step = (first_s / STEP_S).ceil().max(0.0) as usize;
    let last_step = (last_s / STEP_S).floor().max(0.0) as usize;
    (first_step..=last_step)
        .map(|step| step as f64 * STEP_S)
        .filter_map(|time_s| {
            Some(TempoPoint { time_s, bpm: 60.0 / local_interval_s(&intervals, time_s)? })
        })
        .collect()
}

/// Mean of the intervals (centre and length, seconds) around `time_s`.
fn local_interval_s(intervals: &[(f64, f64)], time_s: f64) -> Option<f64> {
    let from = intervals.partition_point(|i| i.0 < time_s - REACH_S);
    let to = intervals.partition_point(|i| i.0 <= time_s + REACH_S);
    let missing = MIN_INTERVALS.saturating_sub(to - from);
    let to = (to + missing.div_ceil(2)).min(intervals.len());
    let from = to.saturating_sub(MIN_INTERVALS.max(to - from + missing / 2)).min(from);
    let near = &intervals[from..to];

    let mut lengths: Vec<f64> = near.iter().map(|i| i.1).collect();
    lengths.sort_by(f64::total_cmp);
    let median = *lengths.get(lengths.len() / 2)?;
    let reach_s = near.iter().map(|i| (i.0 - time_s).abs()).fold(REACH_S, f64::max) * 1.05;
    let (mut sum, mut weights) = (0.0, 0.0);
    for &(centre_s, length_s) in near {
        if (length_s / median - 1.0).abs() <= SLIP {
            let weight = 1.0 + (std::f64::consts::PI * (centre_s - time_s) / reach_s).cos();
            sum += weight * length_s;
            weights += weight;
        }
    }
    (weights > 0.0 && sum > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_beats_have_a_flat_curve() {
        let beats: Vec<f64> = (0..100).map(|k| 0.3 + f64::from(k) * 0.5).collect();
        let curve = tempo_curve(&beats);
        assert_eq!(curve.len(), 9);
        assert!(curve.iter().all(|p| (p.bpm - 120.0).abs() < 1e-6), "{curve:?}");
        assert!((curve[0].time_s - 5.0).abs() < 1e-9);
    }

    #[test]
    fn even_change_is_read_where_it_is() {
        // From 100 to 140 BPM in 60 s: the integral of the tempo counts the beats.
        let mut beats = Vec::new();
        let mut k = 0.0_f64;
        loop {
            // k = (100 t + t²/3) / 60, solved for t.
            let t = (-100.0 + (10_000.0 + 80.0 * k).sqrt()) * 1.5;
            if t > 60.0 {
                break;
            }
            beats.push(t);
            k += 1.0;
        }
        for point in &tempo_curve(&beats)[2..11] {
            let expected = 100.0 + point.time_s * 40.0 / 60.0;
            assert!((point.bpm / expected - 1.0).abs() < 0.01, "{point:?}, not {expected}");
        }
    }

    #[test]
    fn a_lost_beat_is_passed_over() {
        let beats: Vec<f64> = (0..80).filter(|&k| k != 40).map(|k| f64::from(k) * 0.6).collect();
        assert!(tempo_curve(&beats).iter().all(|p| (p.bpm - 100.0).abs() < 1e-6));
    }

    #[test]
    fn few_beats_have_a_short_curve() {
        assert!(tempo_curve(&[]).is_empty());
        assert!(tempo_curve(&[1.0]).is_empty());
        // Nine beats in half a minute.
        let curve = tempo_curve(&(0..9).map(|k| f64::from(k) * 4.0).collect::<Vec<f64>>());
        assert!(curve.len() == 7 && curve.iter().all(|p| (p.bpm - 15.0).abs() < 1e-9), "{curve:?}");
    }
}
