//! Bars as vectors: what sounds at each place of each bar.

use super::course::{Course, N_TIMBRE};

/// Places in a bar.
const PLACES: usize = 8;
/// Values at each place.
const N_VALUES: usize = N_TIMBRE + 12;
/// Values of a bar.
pub(crate) const N_BAR: usize = PLACES * N_VALUES;
/// Most bars; of longer recordings, several make one.
const MAX_BARS: usize = 1000;
/// Length of a bar where there are no beats, seconds.
const USUAL_BAR_S: f64 = 2.0;
/// Fewest beats on which bars are built.
const MIN_BEATS: usize = 16;
/// Quietest mean level of the bands below the recording's own, dB: silence is not further away than that.
const RANGE_DB: f32 = 30.0;
/// Weight of the pitch classes against the timbre.
const CHROMA_WEIGHT: f64 = 0.5;

/// Decibels that a full difference of one pitch class counts as where borders are set on beats.
const CHROMA_DB: f32 = 4.0;

/// What sounds in a bar: timbre and chroma at each place.
pub(crate) type Bar = [f32; N_BAR];

/// Edges of bars of `beats_per_bar` beats, the first of which begins with beat `first`; they go on evenly before the
/// first beat and behind the last, and cover the recording. Bars of two seconds if there are too few beats.
pub(crate) fn bar_edges_s(
    beats_s: &[f64],
    beats_per_bar: usize,
    first: usize,
    duration_s: f64,
) -> Vec<f64> {
    let mut edges: Vec<f64> = if beats_s.len() < MIN_BEATS.max(2 * beats_per_bar + first) {
        (0..=(duration_s / USUAL_BAR_S) as usize).map(|bar| bar as f64 * USUAL_BAR_S).collect()
    } else {
        beats_s.iter().skip(first).step_by(beats_per_bar.max(1)).copied().collect()
    };
    let n = edges.len();
    if n >= 2 {
        let (bar_before, bar_behind) = (edges[1] - edges[0], edges[n - 1] - edges[n - 2]);
        while edges[edges.len() - 1] + bar_behind < duration_s - 0.5 * bar_behind {
            edges.push(edges[edges.len() - 1] + bar_behind);
        }
        let mut before: Vec<f64> = Vec::new();
        let mut start = edges[0] - bar_before;
        while start > 0.5 * bar_before {
            before.push(start);
            start -= bar_before;
        }
        before.reverse();
        edges.splice(0..0, before);
    }
    // What is left at either end belongs to the bar beside it.
    if let Some(edge) = edges.first_mut()
        && n >= 2
    {
        *edge = 0.0;
    }
    if let Some(edge) = edges.last()
        && (duration_s - edge) < 0.5 * USUAL_BAR_S
        && edges.len() > 2
    {
        edges.pop();
    }
    edges.push(duration_s);
    thinned(edges)
}

/// At most [`MAX_BARS`] bars, by taking several together.
fn thinned(edges: Vec<f64>) -> Vec<f64> {
    let step = (edges.len() - 1).div_ceil(MAX_BARS).max(1);
    if step == 1 {
        return edges;
    }
    let last = edges[edges.len() - 1];
    let mut thin: Vec<f64> = edges[..edges.len() - 1].iter().step_by(step).copied().collect();
    thin.push(last);
    thin
}

/// The beat within half a bar of a border at which the sound of the bar before differs most from that of the bar after;
/// the border itself if there is no beat.
///
/// Bars may be laid over the beats without knowing which beat begins one, and parts may begin with an upbeat; a border that
/// is a beat off is set right here.
pub(crate) fn nearest_change_s(
    course: &Course,
    beats_s: &[f64],
    border_s: f64,
    bar_s: f64,
    duration_s: f64,
) -> f64 {
    let change = |time_s: f64| {
        let before = mean_moment(course, (time_s - bar_s).max(0.0), time_s);
        let after = mean_moment(course, time_s, (time_s + bar_s).min(duration_s));
        let apart = |values: std::ops::Range<usize>| -> f32 {
            values.map(|i| (after[i] - before[i]).powi(2)).sum()
        };
        apart(0..N_TIMBRE) + CHROMA_DB * CHROMA_DB * apart(N_TIMBRE..N_VALUES)
    };
    let reach_s = 0.55 * bar_s;
    let near = beats_s.iter().copied().filter(|beat_s| (beat_s - border_s).abs() < reach_s);
    near.map(|beat_s| (change(beat_s), beat_s))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map_or(border_s, |(_, beat_s)| beat_s)
}

/// Vectors of the bars between successive edges, scaled so that two bars of the recording are a squared distance of 1
/// apart on average.
pub(crate) fn bars(course: &Course, edges_s: &[f64]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = edges_s.windows(2).map(|edge| bar(course, edge[0], edge[1])).collect();
    let n = (bars.len() * PLACES).max(1) as f32;
    let level = bars.iter().flat_map(|bar| bar.iter().step_by(N_VALUES)).sum::<f32>() / n;
    for value in bars.iter_mut().flat_map(|bar| bar.iter_mut().step_by(N_VALUES)) {
        *value = value.max(level - RANGE_DB);
    }
    let is_timbre = |i: usize| i % N_VALUES < N_TIMBRE;
    let (timbre, chroma) = variances(&bars, is_timbre);
    // The mean squared distance of two vectors is twice the sum of the variances of their values.
    let scale = |variance: f64, weight: f64| {
        if variance > 1e-9 { (0.5 * weight / variance).sqrt() as f32 } else { 0.0 }
    };
    let timbre_scale = scale(timbre, 1.0 / (1.0 + CHROMA_WEIGHT));
    let chroma_scale = scale(chroma, CHROMA_WEIGHT / (1.0 + CHROMA_WEIGHT));
    for bar in &mut bars {
        for (i, value) in bar.iter_mut().enumerate() {
            *value *= if is_timbre(i) { timbre_scale } else { chroma_scale };
        }
    }
    bars
}

fn bar(course: &Course, start_s: f64, end_s: f64) -> Bar {
    let mut bar = [0f32; N_BAR];
    let step_s = (end_s - start_s) / PLACES as f64;
    for (place, values) in bar.chunks_exact_mut(N_VALUES).enumerate() {
        let from_s = start_s + place as f64 * step_s;
        values.copy_from_slice(&mean_moment(course, from_s, from_s + step_s));
    }
    bar
}

/// Mean timbre and chroma of a stretch of time; of the nearest moment if it is shorter than one.
fn mean_moment(course: &Course, start_s: f64, end_s: f64) -> [f32; N_VALUES] {
    let first = course.moment_at(start_s + 0.5 * course.frame_s());
    let last = course.moment_at(end_s - 1.5 * course.frame_s()).max(first);
    let mut sums = [0f32; N_VALUES];
    for moment in first..=last {
        let sounds = course.timbre(moment).into_iter().chain(course.chroma(moment));
        for (sum, value) in sums.iter_mut().zip(sounds) {
            *sum += value;
        }
    }
    let n = (last - first + 1) as f32;
    sums.map(|sum| sum / n)
}

/// Sums of the variances of the timbre and of the chroma.
fn variances(bars: &[Bar], is_timbre: impl Fn(usize) -> bool) -> (f64, f64) {
    let n = bars.len().max(1) as f64;
    let (mut timbre, mut chroma) = (0.0, 0.0);
    for i in 0..N_BAR {
        let mean = bars.iter().map(|bar| f64::from(bar[i])).sum::<f64>() / n;
        let variance = bars.iter().map(|bar| (f64::from(bar[i]) - mean).powi(2)).sum::<f64>() / n;
        *(if is_timbre(i) { &mut timbre } else { &mut chroma }) += variance;
    }
    (timbre, chroma)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_on_to_both_ends() {
        let beats: Vec<f64> = (0..40).map(|beat| 5.0 + 0.5 * f64::from(beat)).collect();
        let edges = bar_edges_s(&beats, 4, 1, 30.0);
        assert!(edges.windows(2).all(|pair| pair[1] > pair[0]), "{edges:?}");
        assert!(edges[0].abs() < 1e-9 && (edges[edges.len() - 1] - 30.0).abs() < 1e-9);
        for edge in &edges[1..edges.len() - 1] {
            assert!(((edge - 5.5) / 2.0).fract().abs() < 1e-9, "{edges:?}");
        }
    }

    #[test]
    fn without_beats_bars_have_two_seconds() {
        assert_eq!(bar_edges_s(&[], 4, 0, 5.0), [0.0, 2.0, 4.0, 5.0]);
        assert_eq!(bar_edges_s(&[], 4, 0, 1.0), [0.0, 1.0]);
    }

    #[test]
    fn hours_have_a_thousand_bars_at_most() {
        let edges = bar_edges_s(&[], 4, 0, 10_800.0);
        assert!(edges.len() <= MAX_BARS + 1, "{}", edges.len());
        assert!((edges[edges.len() - 1] - 10_800.0).abs() < 1e-9);
    }
}
