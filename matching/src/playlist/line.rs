//! The straight line between two recordings, in tempo, key, energy, timbre and emotion.
//!
//! Scores cannot tell where a recording lies between two that are far apart: to both it is just far. Places can. Each coordinate is in units of
//! the distance at which its facet agrees to about a half, times the root of the facet's weight; tempo goes round in octaves and
//! the key on the circle of fifths, the short way.

use crate::{
    Facet, Weighting,
    facets::{energy, tempo},
    filter::{bpm, key},
    prepared::{N_ROWS, rows},
    tonality,
};

/// Fifths at which keys agree to a half.
const FIFTHS: f32 = 2.0;
/// Root of the mean square at which timbre agrees to a half.
const TIMBRE: f32 = 0.7;
/// Distance at which emotions agree to a half.
const EMOTION: f32 = 1.2;
/// Rows of emotion that are coordinates.
const N_EMOTION: usize = 3;

/// Rows of timbre that are coordinates: all but the confidence.
const N_TIMBRE: usize = 64;

/// The straight line between two recordings.
#[derive(Debug)]
pub(crate) struct Line {
    axes: Vec<Axes>,
}

/// The coordinates of one facet.
#[derive(Debug)]
struct Axes {
    facet: Facet,
    weight: f32,
    from: Vec<f32>,
    /// From one end to the other.
    along: Vec<f32>,
}

/// Where a recording lies beside a line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Beside {
    /// Squared distance from the beginning, and its products with the line and of the line with itself.
    from_2: f32,
    along: f32,
    line_2: f32,
    /// What counts for facets that the recording does not have: as much as agreeing to a half.
    unknown: f32,
}

impl Beside {
    /// How far along it is: 0 at the beginning, 1 at the end; the middle where the line has no length.
    pub(crate) fn progress(&self) -> f32 {
        if self.line_2 > 0.0 { self.along / self.line_2 } else { 0.5 }
    }

    /// Squared distance from a point of the line.
    pub(crate) fn distance_2(&self, progress: f32) -> f32 {
        let distance_2 =
            self.from_2 - 2.0 * progress * self.along + progress * progress * self.line_2;
        distance_2.max(0.0) + self.unknown
    }
}

impl Line {
    /// The line between two prepared recordings under some weights; facets that one of them does not have are no part of it.
    pub(crate) fn new(from: &[f32; N_ROWS], to: &[f32; N_ROWS], weighting: &Weighting) -> Self {
        let facets = [Facet::Tempo, Facet::Key, Facet::Energy, Facet::Timbre, Facet::Emotion];
        let axes = facets.into_iter().filter_map(|facet| {
            let weight = weighting.weight(facet) as f32;
            let (from, to) = (coordinates(facet, from)?, coordinates(facet, to)?);
            let along = from.iter().zip(&to).map(|(from, to)| round(facet, to - from)).collect();
            (weight > 0.0).then_some(Axes { facet, weight, from, along })
        });
        Self { axes: axes.collect() }
    }

    /// Where a prepared recording lies.
    pub(crate) fn beside(&self, rows: &[f32; N_ROWS]) -> Beside {
        let mut beside = Beside::default();
        for Axes { facet, weight, from, along } in &self.axes {
            let Some(place) = coordinates(*facet, rows) else {
                beside.unknown += weight;
                continue;
            };
            for ((place, from), along) in place.iter().zip(from).zip(along) {
                // Whichever way round is nearer to the middle of the line.
                let half = 0.5 * along;
                let here = half + round(*facet, place - from - half);
                beside.from_2 += weight * here * here;
                beside.along += weight * here * along;
                beside.line_2 += weight * along * along;
            }
        }
        beside
    }
}

/// The short way round, for what goes round.
fn round(facet: Facet, difference: f32) -> f32 {
    let turn = match facet {
        Facet::Tempo => 1.0 / tempo::WIDTH_OCTAVES,
        Facet::Key => 12.0 / FIFTHS,
        _ => return difference,
    };
    difference - turn * (difference / turn).round()
}

/// Where a recording lies in a facet; `None` where it does not have it.
fn coordinates(facet: Facet, all: &[f32; N_ROWS]) -> Option<Vec<f32>> {
    let own = &all[rows(facet)];
    match facet {
        Facet::Tempo => bpm(all).map(|bpm| vec![bpm.log2() / tempo::WIDTH_OCTAVES]),
        Facet::Key => key(all).map(|key| vec![f32::from(tonality::place(key as u8)) / FIFTHS]),
        Facet::Energy => (own[1] > 0.0).then(|| vec![own[0] / energy::WIDTH]),
        Facet::Timbre => {
            let unit = TIMBRE * (N_TIMBRE as f32).sqrt();
            let is_known = own[N_TIMBRE] > 0.0;
            is_known.then(|| own[..N_TIMBRE].iter().map(|value| value / unit).collect())
        }
        Facet::Emotion => {
            let is_known = own[N_EMOTION] > 0.0;
            is_known.then(|| own[..N_EMOTION].iter().map(|value| value / EMOTION).collect())
        }
        Facet::Harmony | Facet::Rhythm | Facet::Embedding | Facet::Tags => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;

    fn rows_of(bpm: f32, key: u8, energy: f32) -> [f32; N_ROWS] {
        let mut all = [0.0; N_ROWS];
        let at = |facet: Facet| rows(facet).start;
        (all[at(Facet::Tempo)], all[at(Facet::Tempo) + 2]) = (bpm.log2(), 1.0);
        (all[at(Facet::Key)], all[at(Facet::Key) + 3]) = (key.into(), 1.0);
        (all[at(Facet::Energy)], all[at(Facet::Energy) + 1]) = (energy, 1.0);
        all
    }

    fn line(from: &[f32; N_ROWS], to: &[f32; N_ROWS]) -> Line {
        Line::new(from, to, &Purpose::Mix.into())
    }

    #[test]
    fn the_geometric_mean_of_the_tempi_is_halfway() {
        let (from, to) = (rows_of(100.0, 0, 0.2), rows_of(121.0, 0, 0.8));
        let line = line(&from, &to);
        for (rows, progress) in [(from, 0.0), (rows_of(110.0, 0, 0.5), 0.5), (to, 1.0)] {
            let beside = line.beside(&rows);
            assert!((beside.progress() - progress).abs() < 1e-4, "{progress}");
            assert!(beside.distance_2(progress) < 1e-4, "{progress}");
        }
        // Double time is the same place.
        assert!(line.beside(&rows_of(220.0, 0, 0.5)).distance_2(0.5) < 1e-4);
    }

    // C to D is two fifths up: G is halfway, and F lies two fifths, one width, from G.
    #[test]
    fn keys_go_the_short_way_round() {
        let line = line(&rows_of(100.0, 0, 0.5), &rows_of(100.0, 2, 0.5));
        let half = |key: u8| line.beside(&rows_of(100.0, key, 0.5)).distance_2(0.5);
        assert!(half(7) < 1e-6 && half(4 + 12) < 1e-6);
        assert!((half(5) - 0.3).abs() < 1e-5, "{}", half(5));
        // A# to C passes over F, across the place where numbers begin again.
        let line = self::line(&rows_of(100.0, 10, 0.5), &rows_of(100.0, 0, 0.5));
        assert!(line.beside(&rows_of(100.0, 5, 0.5)).distance_2(0.5) < 1e-6);
    }

    #[test]
    fn what_is_not_known_is_a_width_away() {
        let (from, to) = (rows_of(100.0, 0, 0.2), rows_of(110.0, 7, 0.8));
        let mut blank = rows_of(104.88, 0, 0.5);
        blank[rows(Facet::Key)].fill(0.0);
        let beside = line(&from, &to).beside(&blank);
        assert!((beside.distance_2(0.5) - 0.3).abs() < 1e-3, "{beside:?}");
        let nothing = line(&from, &[0.0; N_ROWS]).beside(&from);
        assert!((nothing.progress() - 0.5).abs() < 1e-6 && nothing.distance_2(0.3) < 1e-6);
    }
}
