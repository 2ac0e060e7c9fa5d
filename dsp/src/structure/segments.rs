//! Segments: what sounds from one onset to the next.

use super::course::{Course, N_TIMBRE};
use super::outline::Segment;
use crate::dynamics::{LEVEL_FPS, Level};

/// Half width of the window whose mean rise an onset must exceed, seconds.
const NEIGHBOURHOOD_S: f64 = 0.6;
/// How many times the mean rise it must be.
const PROMINENCE: f32 = 1.4;
/// By how much it must exceed that, dB.
const THRESHOLD_DB: f32 = 0.3;
/// Frames on either side that an onset must not fall below (93 ms).
const REACH: usize = 4;
/// Excess over the threshold that makes a confidence of 0.63, dB.
const SURE_DB: f32 = 3.0;
/// Shortest segment, values of the level (0.1 s).
const MIN_VALUES: usize = 10;
/// Values of the level around a frame in which its onset lies: a window meets a sound before its middle does.
const EARLIER: usize = 2;
const LATER: usize = 7;
/// Values of the level after the middle of a frame where its onset lies if the level does not tell.
const USUAL: usize = 3;
/// Least rise of the level that tells, dB.
const LEAST_RISE_DB: f64 = 1.0;

/// An onset on the grid of the level.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Onset {
    value: usize,
    confidence: f32,
}

/// Segments of a recording; they tile it, are at least 0.1 s long (a shorter recording is one) and start where the mel
/// spectrum rises far more than around. None if it has no length.
pub(crate) fn segments(course: &Course, level: &Level, duration_s: f64) -> Vec<Segment> {
    let n = level.deviations.len();
    if n == 0 || course.n_moments() == 0 {
        return Vec::new();
    }
    let mut starts = vec![Onset { value: 0, confidence: 0.0 }];
    for onset in onsets(course, level) {
        let Some(last) = starts.last_mut() else { continue };
        if onset.value + MIN_VALUES > n {
            break;
        }
        if onset.value >= last.value + MIN_VALUES {
            starts.push(onset);
        } else if onset.confidence > last.confidence {
            // Too near to the one before, which gives way; but the first segment starts with the recording.
            *last = if last.value == 0 { Onset { value: 0, ..onset } } else { onset };
        }
    }
    let ends = starts.iter().skip(1).map(|next| next.value).chain([n]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| segment(course, level, *start, end, duration_s))
        .collect()
}

/// Places where the spectrum rises far more than around, ascending.
fn onsets(course: &Course, level: &Level) -> Vec<Onset> {
    let flux = course.flux_db();
    let half = (NEIGHBOURHOOD_S / course.frame_s()) as usize;
    let mut sums = vec![0f32];
    for &rise in &flux {
        // Exact: the rises are whole eighths.
        sums.push(sums[sums.len() - 1] + rise);
    }
    let mut onsets = Vec::new();
    for (i, &rise) in flux.iter().enumerate() {
        let (from, to) = (i.saturating_sub(half), (i + half + 1).min(flux.len()));
        let mean = (sums[to] - sums[from]) / (to - from) as f32;
        let excess = rise - PROMINENCE * mean - THRESHOLD_DB;
        let before = &flux[i.saturating_sub(REACH)..i];
        let after = &flux[i + 1..(i + 1 + REACH).min(flux.len())];
        let is_peak = before.iter().all(|&r| r < rise) && after.iter().all(|&r| r <= rise);
        if excess > 0.0 && is_peak {
            let value = rise_of_level(level, i as f64 * course.frame_s());
            onsets.push(Onset { value, confidence: 1.0 - (-excess / SURE_DB).exp() });
        }
    }
    onsets
}

/// The value near a time at which the level rises most.
fn rise_of_level(level: &Level, time_s: f64) -> usize {
    let n = level.deviations.len();
    let middle = (time_s * LEVEL_FPS).round() as usize;
    let near = middle.saturating_sub(EARLIER).max(1)..(middle + LATER + 1).min(n);
    let rise = |value: usize| level.db(value) - level.db(value - 1);
    near.map(|value| (rise(value), value))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .filter(|&(rise, _)| rise > LEAST_RISE_DB)
        .map_or((middle + USUAL).min(n - 1), |(_, value)| value)
}

fn segment(course: &Course, level: &Level, start: Onset, end: usize, duration_s: f64) -> Segment {
    let start_s = start.value as f64 / LEVEL_FPS;
    let end_s = if end == level.deviations.len() { duration_s } else { end as f64 / LEVEL_FPS };
    let (mut loudest, mut loudest_db) = (start.value, f64::NEG_INFINITY);
    for value in start.value..end {
        let db = level.db(value);
        if db > loudest_db {
            (loudest, loudest_db) = (value, db);
        }
    }
    let first = course.moment_at(start_s + 0.5 / LEVEL_FPS);
    let last = course.moment_at(end_s - course.frame_s()).max(first);
    let (mut timbre, mut chroma) = ([0f32; N_TIMBRE], [0f32; 12]);
    for moment in first..=last {
        for (sum, value) in timbre.iter_mut().zip(course.timbre(moment)) {
            *sum += value;
        }
        for (sum, value) in chroma.iter_mut().zip(course.chroma(moment)) {
            *sum += value;
        }
    }
    let n = (last - first + 1) as f32;
    let largest = chroma.iter().copied().fold(0.0, f32::max);
    Segment {
        start_s,
        end_s,
        confidence: start.confidence.into(),
        loudness_start_db: level.db(start.value),
        loudness_max_db: loudest_db,
        loudness_max_time_s: (loudest - start.value) as f64 / LEVEL_FPS,
        pitches: chroma.map(|value| if largest > 0.0 { value / largest } else { 0.0 }),
        timbre: timbre.map(|sum| sum / n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SpectralStage;
    use crate::dynamics::LevelStage;

    fn of(samples: &[f32]) -> Vec<Segment> {
        let mut spectral = SpectralStage::new(22_050).unwrap();
        spectral.push(samples);
        let mut level = LevelStage::new(22_050, 1);
        level.push(samples);
        let course = spectral.finish_over_time().1.course;
        segments(&course, &level.finish(), samples.len() as f64 / 22_050.0)
    }

    fn check(segments: &[Segment], duration_s: f64) {
        let mut end_s = 0.0;
        for segment in segments {
            assert!((segment.start_s - end_s).abs() < 1e-9, "{segment:?} starts at {end_s}");
            end_s = segment.end_s;
            assert!(segment.end_s - segment.start_s > 0.099, "{segment:?}");
            assert!((0.0..=1.0).contains(&segment.confidence));
            assert!(segment.loudness_start_db <= segment.loudness_max_db);
            assert!(segment.loudness_max_time_s < segment.end_s - segment.start_s);
            assert!(segment.pitches.iter().all(|p| (0.0..=1.0).contains(p)));
            assert!(segment.timbre.iter().all(|t| t.is_finite()));
        }
        assert!((end_s - duration_s).abs() < 1e-9);
    }

    #[test]
    fn notes_are_segments_with_their_pitch_and_time() {
        // Plucked notes, C to E to G, every 0.4 s.
        let notes = [(0, 523.25), (4, 659.26), (7, 783.99)];
        let samples: Vec<f32> = (0..22_050 * 6)
            .map(|i| {
                let t = f64::from(i) / 22_050.0;
                let (_, hz) = notes[(t / 0.4) as usize % 3];
                let gain = 0.5 * (-3.0 * (t % 0.4)).exp();
                (gain * (std::f64::consts::TAU * hz * t).sin()) as f32
            })
            .collect();
        let segments = of(&samples);
        check(&segments, 6.0);
        assert_eq!(segments.len(), 15, "{segments:?}");
        for (i, segment) in segments.iter().enumerate() {
            // Half a frame of the spectra at most, and mostly one value of the level.
            assert!((segment.start_s - 0.4 * i as f64).abs() < 0.025, "{i}: {}", segment.start_s);
            let (class, _) = notes[i % 3];
            assert!((segment.pitches[class] - 1.0).abs() < 1e-6, "{i}: {:?}", segment.pitches);
            assert!(segment.loudness_max_time_s < 0.06, "{segment:?}");
            assert!((segment.loudness_max_db - -9.2).abs() < 1.0, "{segment:?}");
        }
    }

    #[test]
    fn metronome_and_its_rate_bound() {
        let clicks = fixtures::clicks(150.0, 22_050, 8.0);
        let segments = of(&clicks);
        check(&segments, 8.0);
        assert_eq!(segments.len(), 20);
        let fast = of(&fixtures::clicks(1500.0, 22_050, 8.0));
        check(&fast, 8.0);
        assert!(fast.len() <= 80, "{} in 8 s", fast.len());
    }

    #[test]
    fn steady_sounds_are_one_segment_and_nothing_is_none() {
        for samples in [fixtures::sine(440.0, 22_050, 66_150), fixtures::silence(66_150)] {
            let segments = of(&samples);
            check(&segments, 3.0);
            assert_eq!(segments.len(), 1, "{segments:?}");
        }
        assert!(of(&[]).is_empty());
        assert_eq!(of(&[0.5; 100]).len(), 1);
    }

    #[test]
    fn gain_moves_the_levels_and_the_first_coefficient_alone() {
        let loud = fixtures::clicks(100.0, 22_050, 4.0);
        let quiet: Vec<f32> = loud.iter().map(|x| -0.25 * x).collect();
        for (a, b) in of(&loud).iter().zip(of(&quiet)) {
            assert!((a.start_s - b.start_s).abs() < 1e-9);
            assert!((a.loudness_max_db - b.loudness_max_db - 12.04).abs() < 0.1);
            for k in 1..12 {
                assert!((a.timbre[k] - b.timbre[k]).abs() < 1.0, "{k}: {a:?} {b:?}");
            }
        }
    }
}
