//! Sections: the parts of the form.

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
/// Most labels.
const MAX_LABELS: usize = 26;

/// Sections of a recording: they tile it, neighbours have different labels, borders lie on beats where there are any.
///
/// Bars are compared by timbre and chroma at eight places each. Where it is not known which beat begins a bar, the
/// beat that makes the clearest stretches does.
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
    let best = (0..if beats_s.is_empty() { 1 } else { USUAL_BEATS })
        .map(|first| {
            let edges_s = bar_edges_s(beats_s, USUAL_BEATS, first, duration_s);
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
