//! Sections: the parts of the form.

use std::ops::Range;

use super::bars::{Bar, bar_edges_s, bars, nearest_change_s};
use super::blocks::{Cut, cut};
use super::course::Course;
use super::labels::{ALIKE, Group, labels};
use super::outline::Section;
use crate::analysis::{Estimate, Reason, Rhythm};

/// Shortest recording with sections, seconds.
const MIN_DURATION_S: f64 = 20.0;
/// Beats of a bar where the metre is not known.
const USUAL_BEATS: usize = 4;
/// Least confidence in a metre on which bars are built: below it, another metre may be as likely.
const MIN_METER_CONFIDENCE: f64 = 0.5;
/// Most labels.
const MAX_LABELS: usize = 26;

/// Sections of a recording: they tile it, neighbours have different labels, borders lie on beats where there are any.
///
/// Bars are compared by timbre and chroma at eight places each. They are those of the metre where its confidence is at
/// least 0.5; otherwise they have four beats, and the beat that makes the clearest stretches begins one.
///
/// # Errors
///
/// [`Reason::TooShort`] below 20 s.
///
/// # Source
///
/// Borders by correlation block matching (Marmoret, Cohen and Bimbot 2023), labels by joining the nearest stretches
/// (centroid linkage).
pub(crate) fn sections(
    course: &Course,
    rhythm: Option<&Rhythm>,
    duration_s: f64,
) -> Estimate<Vec<Section>> {
    if duration_s < MIN_DURATION_S || course.n_moments() == 0 {
        return Err(Reason::TooShort);
    }
    let beats_s = rhythm.map_or(&[][..], |rhythm| &rhythm.beats_s);
    let (beats_per_bar, firsts) = meter(rhythm);
    let best = firsts
        .map(|first| {
            let edges_s = bar_edges_s(beats_s, beats_per_bar, first, duration_s);
            let bars = bars(course, &edges_s);
            (cut(&bars), bars, edges_s)
        })
        .reduce(|best, next| if next.0.score > best.0.score { next } else { best });
    let Some((Cut { borders, .. }, bars, edges_s)) = best else { return Err(Reason::TooShort) };
    let borders = merged(&borders, &bars);
    let groups: Vec<Group> =
        borders.windows(2).map(|pair| Group::new(&bars[pair[0]..pair[1]])).collect();
    let labels = labels(&groups);
    let n = groups.len();
    let times_s: Vec<f64> = borders
        .iter()
        .map(|&border| {
            let (time_s, next) = (edges_s[border], edges_s.get(border + 1));
            match next {
                Some(next) if border > 0 => {
                    nearest_change_s(course, beats_s, time_s, next - time_s, duration_s)
                }
                _ => time_s,
            }
        })
        .collect();
    let sections = (0..n).map(|i| {
        let neighbours = [i.checked_sub(1), Some(i + 1).filter(|&next| next < n)];
        let distances =
            neighbours.into_iter().flatten().map(|other| groups[i].distance(&groups[other]));
        // A lone section has no neighbours that it could be mistaken for.
        let nearest = distances.fold(f64::INFINITY, f64::min);
        Section {
            start_s: times_s[i],
            end_s: times_s[i + 1],
            label: labels[i].min(MAX_LABELS - 1) as u8,
            confidence: if nearest.is_finite() { nearest / (nearest + ALIKE) } else { 0.5 },
        }
    });
    Ok(sections.collect())
}

/// Beats per bar, and the beats with which the first bar may begin.
fn meter(rhythm: Option<&Rhythm>) -> (usize, Range<usize>) {
    let Some(rhythm) = rhythm.filter(|rhythm| !rhythm.beats_s.is_empty()) else {
        return (USUAL_BEATS, 0..1);
    };
    let known = rhythm.meter.as_ref().ok().filter(|it| it.confidence >= MIN_METER_CONFIDENCE);
    match known.and_then(|meter| Some((meter.beats_per_bar.into(), *meter.downbeats.first()?))) {
        Some((beats_per_bar, first)) => (beats_per_bar, first..first + 1),
        None => (USUAL_BEATS, 0..USUAL_BEATS),
    }
}

/// Borders without those between stretches of one label.
fn merged(borders: &[usize], bars: &[Bar]) -> Vec<usize> {
    let mut borders = borders.to_vec();
    loop {
        let groups: Vec<Group> =
            borders.windows(2).map(|pair| Group::new(&bars[pair[0]..pair[1]])).collect();
        let labels = labels(&groups);
        let kept: Vec<usize> = borders
            .iter()
            .enumerate()
            .filter(|&(i, _)| i == 0 || i == labels.len() || labels[i] != labels[i - 1])
            .map(|(_, &border)| border)
            .collect();
        if kept.len() == borders.len() {
            return borders;
        }
        borders = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::RHYTHM_PATTERN_BINS;
    use crate::meter::Meter;

    fn rhythm(beats_per_bar: u8, confidence: f64, downbeats: Vec<usize>) -> Rhythm {
        Rhythm {
            beats_s: (0..60).map(f64::from).collect(),
            meter: Ok(Meter { beats_per_bar, confidence, downbeats, downbeat_confidence: 0.5 }),
            beat_strengths: vec![0.5; 60],
            tatums_per_beat: 2,
            confidence: 0.5,
            onset_rate_hz: 2.0,
            pulse_clarity: 0.5,
            pattern: [0.0; RHYTHM_PATTERN_BINS],
        }
    }

    #[test]
    fn bars_are_those_of_a_metre_that_can_be_trusted() {
        assert_eq!(meter(Some(&rhythm(3, 0.5, vec![2, 5]))), (3, 2..3));
        assert_eq!(meter(Some(&rhythm(3, 0.49, vec![2, 5]))), (4, 0..4));
        assert_eq!(meter(Some(&rhythm(3, 0.9, vec![]))), (4, 0..4));
        let unknown = Rhythm { meter: Err(Reason::NoMeter), ..rhythm(3, 0.9, vec![2]) };
        assert_eq!(meter(Some(&unknown)), (4, 0..4));
        assert_eq!(meter(Some(&Rhythm { beats_s: vec![], ..unknown })), (4, 0..1));
        assert_eq!(meter(None), (4, 0..1));
    }
}
