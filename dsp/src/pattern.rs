//! What happens between the beats, and how steady the beats are.

use crate::accents::Accents;
use crate::analysis::RHYTHM_PATTERN_BINS;
use crate::onset::{ONSET_FPS, OnsetEnvelope};

/// Bins of the pattern per band.
const PHASES: usize = RHYTHM_PATTERN_BINS / 3;
/// An onset is seen this long before it happens, because the frame ends after its centre, seconds.
pub(crate) const LOOK_AHEAD_S: f64 = 0.004;
/// Frames on either side in which a beat belongs to the same onset.
const REACH: usize = 2;
/// Largest difference of the regression from the expected period before the usual interval is used.
const MAX_DEVIATION: f64 = 0.03;
/// Root mean square of the distances of the beats from the regression from which on they have no one tempo, beats.
const MAX_STRAY: f64 = 0.1;

/// Times of the onsets at `frames`, seconds: the top of the accent nearby, between frames where a
/// parabola puts it.
pub(crate) fn beat_times_s(accents: &Accents, frames: &[usize]) -> Vec<f64> {
    let e = &accents.beat;
    frames
        .iter()
        .map(|&frame| {
            let near = frame..(frame + REACH + 1).min(e.len());
            let top = near.max_by(|&a, &b| e[a].total_cmp(&e[b])).unwrap_or(frame);
            let offset = if top > 0 && top + 1 < e.len() && e[top] > 0.0 {
                let (a, b, c) = (e[top - 1], e[top], e[top + 1]);
                let bend = a - 2.0 * b + c;
                if bend < 0.0 { f64::from(0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 }
            } else {
                0.0
            };
            (top as f64 + offset) / ONSET_FPS + LOOK_AHEAD_S
        })
        .collect()
}

/// Beats per minute from beat times: the slope of time over beat number, which averages the rounding of
/// single beats away. Where a slip of the phase or a stretch without beats has spoilt the slope, the usual interval.
pub(crate) fn refined_bpm(times_s: &[f64], expected_period_s: f64) -> f64 {
    let n = times_s.len() as f64;
    let mean_index = (n - 1.0) / 2.0;
    let mean_time = times_s.iter().sum::<f64>() / n;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (i, t) in times_s.iter().enumerate() {
        let x = i as f64 - mean_index;
        xy += x * (t - mean_time);
        xx += x * x;
        yy += (t - mean_time).powi(2);
    }
    let slope = if xx > 0.0 { xy / xx } else { expected_period_s };
    let near = |period: f64| (period / expected_period_s - 1.0).abs() < MAX_DEVIATION;
    let stray_s = ((yy - slope * xy).max(0.0) / n).sqrt();
    let period = if near(slope) && stray_s < MAX_STRAY * expected_period_s {
        slope
    } else {
        let usual = densest_half_mean(&mut intervals(times_s));
        if near(usual) { usual } else { expected_period_s }
    };
    60.0 / period
}

/// 1 − median absolute deviation of the inter-beat intervals over their median, 0..=1.
pub(crate) fn stability(times_s: &[f64]) -> f64 {
    let mut intervals = intervals(times_s);
    let centre = median(&mut intervals);
    let mut deviations: Vec<f64> = intervals.iter().map(|i| (i - centre).abs()).collect();
    if centre > 0.0 { (1.0 - median(&mut deviations) / centre).clamp(0.0, 1.0) } else { 0.0 }
}

/// How far the accents on the beats stand out of the others: 0 when beats are placed anywhere, 1 when
/// there is nothing between them.
pub(crate) fn beat_contrast(accents: &Accents, frames: &[usize]) -> f64 {
    let e = &accents.beat;
    let top = |i: usize| {
        e[i.saturating_sub(1)..(i + REACH + 1).min(e.len())].iter().copied().fold(0.0, f32::max)
    };
    let on = frames.iter().map(|&f| f64::from(top(f))).sum::<f64>() / frames.len().max(1) as f64;
    let all = (0..e.len()).map(|i| f64::from(top(i))).sum::<f64>() / e.len().max(1) as f64;
    if on + all > 0.0 { ((on - all) / (on + all)).clamp(0.0, 1.0) } else { 0.0 }
}

/// How clearly something begins at each beat: 0 when nothing does, 1 from `full` accent height on.
pub(crate) fn beat_strengths(accents: &Accents, times_s: &[f64], full: f32) -> Vec<f32> {
    let e = &accents.beat;
    let strength = |&time_s: &f64| {
        let frame = ((time_s - LOOK_AHEAD_S) * ONSET_FPS).round().max(0.0) as usize;
        let near = frame.saturating_sub(REACH).min(e.len())..(frame + REACH + 1).min(e.len());
        (e[near].iter().copied().fold(0.0, f32::max) / full).min(1.0)
    };
    times_s.iter().map(strength).collect()
}

/// Onset strength of the low, middle and high band by phase within one beat; each band sums to 1, or is
/// all zero when it is empty.
pub(crate) fn rhythm_pattern(
    onsets: &OnsetEnvelope,
    times_s: &[f64],
) -> [f32; RHYTHM_PATTERN_BINS] {
    let mut pattern = [0.0; RHYTHM_PATTERN_BINS];
    for (band, envelope) in [&onsets.low, &onsets.mid, &onsets.high].into_iter().enumerate() {
        let bins = &mut pattern[band * PHASES..(band + 1) * PHASES];
        for pair in times_s.windows(2) {
            let per_bin = (pair[1] - pair[0]) / PHASES as f64;
            // A bin is centred on its phase, so that a beat does not fall between the last and the first.
            let first = ((pair[0] - LOOK_AHEAD_S - 0.5 * per_bin) * ONSET_FPS).ceil().max(0.0);
            let last = ((pair[1] - LOOK_AHEAD_S - 0.5 * per_bin) * ONSET_FPS).ceil().max(0.0);
            let frames = first as usize..(last as usize).min(envelope.len());
            for (frame, strength) in frames.clone().zip(&envelope[frames]) {
                let seen_s = frame as f64 / ONSET_FPS + LOOK_AHEAD_S;
                let bin = ((seen_s - pair[0]) / per_bin).round().max(0.0);
                bins[bin as usize % PHASES] += strength;
            }
        }
        let sum: f32 = bins.iter().sum();
        if sum > 0.0 {
            for bin in bins {
                *bin /= sum;
            }
        }
    }
    pattern
}

fn intervals(times_s: &[f64]) -> Vec<f64> {
    times_s.windows(2).map(|w| w[1] - w[0]).collect()
}

/// Mean of the half of the values that lies closest together (the shorth), sorting in place; 0 of nothing. It is the value
/// of what is steady, however far the other half strays to one side.
fn densest_half_mean(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len().div_ceil(2);
    let spread = |from: usize| values[from + half - 1] - values[from];
    let from = (0..=values.len() - half).min_by(|&a, &b| spread(a).total_cmp(&spread(b)));
    match from {
        Some(from) if half > 0 => values[from..from + half].iter().sum::<f64>() / half as f64,
        _ => 0.0,
    }
}

/// Median, sorting in place; 0 of nothing.
fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regression_averages_rounding_away() {
        let times: Vec<f64> =
            (0..100).map(|k| (f64::from(k) * 0.3488 * 100.0).round() / 100.0).collect();
        assert!((refined_bpm(&times, 0.35) - 60.0 / 0.3488).abs() < 0.05);
    }

    #[test]
    fn phase_slip_falls_back_to_the_usual_interval() {
        let times: Vec<f64> =
            (0..40).map(|k| f64::from(k) * 0.5 + if k > 20 { 4.0 } else { 0.0 }).collect();
        assert!((refined_bpm(&times, 0.5) - 120.0).abs() < 1e-9);
    }

    #[test]
    fn a_stretch_without_beats_does_not_bend_the_tempo() {
        // 60 beats of 0.5 s, then 55 guesses that come later and later.
        let mut times = vec![0.0];
        for k in 0..115 {
            let late = if k < 60 { 0.0 } else { 0.001 * f64::from(k - 60) };
            times.push(times[times.len() - 1] + 0.5 + late);
        }
        assert!((refined_bpm(&times, 0.505) - 120.0).abs() < 1e-9);
        assert!(densest_half_mean(&mut []).abs() < 1e-9);
    }

    #[test]
    fn even_beats_are_stable() {
        let times: Vec<f64> = (0..40).map(|k| f64::from(k) * 0.5).collect();
        assert!(stability(&times) > 0.999);
        assert!(stability(&[]).abs() < 1e-9);
    }

    #[test]
    fn pattern_of_clicks_is_at_phase_zero() {
        let train: Vec<f32> = (0..1000).map(|n| f32::from(n % 50 == 0)).collect();
        let onsets = OnsetEnvelope { low: train.clone(), mid: train, ..OnsetEnvelope::default() };
        let onsets = OnsetEnvelope { high: vec![0.0; 1000], ..onsets };
        let times: Vec<f64> = (0..19).map(|k| f64::from(k) * 0.5 + LOOK_AHEAD_S).collect();
        let pattern = rhythm_pattern(&onsets, &times);
        assert!(pattern[0] > 0.99 && pattern[PHASES] > 0.99);
        assert!(pattern[2 * PHASES..].iter().all(|&p| p.abs() < 1e-9));
    }
}
