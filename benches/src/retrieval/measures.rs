//! Ranks, precision and hubs of one space.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Serialize;

use super::collection::Track;
use super::space::Space;
use crate::accuracy::statistics::Mean;

/// How many neighbours are looked at.
pub const K: usize = 10;

/// What is found in one space.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Whose space it is.
    pub name: String,
    /// Mean reciprocal rank of a source for its copy and of the copy for its source, by what was done, each the mean over groups.
    pub copies: BTreeMap<String, Mean>,
    /// The same over all that was done.
    pub all_copies: Option<Mean>,
    /// The same of two members of a group of which not exactly one is a source.
    pub among_copies: Option<Mean>,
    /// Sources of the same style among the nearest [`K`].
    pub style: Option<Precision>,
    /// Sources of the same artist among the nearest [`K`].
    pub artist: Option<Precision>,
    /// How evenly sources are neighbours of others.
    pub hubs: Option<Hubs>,
}

/// Share of the nearest that belong to what is looked for, of those that could: of ten neighbours at most three are right
/// where only three are of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Precision {
    /// What was found.
    pub found: Mean,
    /// What drawing by lot would find.
    pub chance: f64,
}

/// How often sources are among the nearest [`K`] of other sources.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hubs {
    /// Skewness of that number: 0 where it is even, the higher the more there are hubs.
    pub skewness: Mean,
    /// Share of the sources that are nobody's neighbour.
    pub never: f64,
    /// The largest number, as a share of all other sources.
    pub most: f64,
}

/// What one track finds.
struct Found {
    /// Track of the same group, reciprocal rank.
    members: Vec<(usize, f64)>,
    style: Option<(f64, f64)>,
    artist: Option<(f64, f64)>,
    neighbours: Vec<usize>,
}

impl Figures {
    /// What is found among `tracks` in a space of them, where both sides of a pair are asked for each other. Other members of a group are
    /// not in the way of the one that is looked for, and equally near tracks are.
    ///
    /// Styles, artists and hubs are asked of sources among sources; those of the same artist do not count for the style
    /// (Flexer and Schnitzer 2010, Effects of album and artist filters in audio similarity computed for very large music databases).
    ///
    /// # Source
    ///
    /// Hubs: Radovanović, Nanopoulos and Ivanović (2010), Hubs in space, JMLR 11, section 3.
    pub fn of(space: &Space, tracks: &[Track]) -> Self {
        let found: Vec<Found> = (0..tracks.len())
            .into_par_iter()
            .map(|query| Found::of(&space.likeness(query), tracks, query))
            .collect();
        let mut ranks = Ranks::default();
        for (query, found) in found.iter().enumerate() {
            for &(target, rank) in &found.members {
                ranks.add(&tracks[query], &tracks[target], rank);
            }
        }
        let precision = |of: fn(&Found) -> Option<(f64, f64)>| {
            let (right, chance): (Vec<f64>, Vec<f64>) = found.iter().filter_map(of).unzip();
            let found = Mean::of(&right)?;
            Some(Precision { found, chance: chance.iter().sum::<f64>() / found.n as f64 })
        };
        let sources: Vec<usize> =
            (0..tracks.len()).filter(|&index| tracks[index].transform.is_none()).collect();
        let mut counts = vec![0; tracks.len()];
        found.iter().flat_map(|found| &found.neighbours).for_each(|&near| counts[near] += 1);
        let counts: Vec<u32> = sources.into_iter().map(|index| counts[index]).collect();
        Self {
            name: space.name.clone(),
            copies: ranks
                .by_transform
                .into_iter()
                .filter_map(|(k, v)| Some((k, mean(&v)?)))
                .collect(),
            all_copies: mean(&ranks.of_copies),
            among_copies: mean(&ranks.among_copies),
            style: precision(|found| found.style),
            artist: precision(|found| found.artist),
            hubs: Hubs::of(&counts),
        }
    }
}

/// Reciprocal ranks by group.
type ByGroup = BTreeMap<String, Vec<f64>>;

#[derive(Default)]
struct Ranks {
    by_transform: BTreeMap<String, ByGroup>,
    of_copies: ByGroup,
    among_copies: ByGroup,
}

impl Ranks {
    fn add(&mut self, query: &Track, target: &Track, rank: f64) {
        let put = |groups: &mut ByGroup| {
            groups.entry(query.group.clone()).or_default().push(rank);
        };
        match (&query.transform, &target.transform) {
            (Some(done), None) | (None, Some(done)) => {
                put(self.by_transform.entry(done.clone()).or_default());
                put(&mut self.of_copies);
            }
            _ => put(&mut self.among_copies),
        }
    }
}

/// The mean over groups of the mean of each: what was made of one source tells one thing.
fn mean(groups: &ByGroup) -> Option<Mean> {
    let means: Vec<f64> =
        groups.values().map(|ranks| ranks.iter().sum::<f64>() / ranks.len() as f64).collect();
    Mean::of(&means)
}

impl Found {
    fn of(likeness: &[f64], tracks: &[Track], query: usize) -> Self {
        let asked = &tracks[query];
        let of_group = |index: usize| tracks[index].group == asked.group;
        let others: Vec<usize> = (0..tracks.len()).filter(|&index| !of_group(index)).collect();
        let members = (0..tracks.len())
            .filter(|&index| index != query && of_group(index))
            .map(|index| {
                let ahead = others.iter().filter(|&&other| likeness[other] >= likeness[index]);
                (index, 1.0 / (1.0 + ahead.count() as f64))
            })
            .collect();
        if asked.transform.is_some() {
            return Self { members, style: None, artist: None, neighbours: Vec::new() };
        }
        let sources = || others.iter().copied().filter(|&index| tracks[index].transform.is_none());
        let style = asked.style.as_ref().and_then(|style| {
            let is_by_another =
                |index: &usize| asked.artist.is_none() || tracks[*index].artist != asked.artist;
            let among = sources().filter(|&index| tracks[index].style.is_some());
            let among: Vec<usize> = among.filter(is_by_another).collect();
            precision(likeness, &among, |index| tracks[index].style.as_ref() == Some(style))
        });
        let artist = asked.artist.as_ref().and_then(|artist| {
            let among = sources().filter(|&index| tracks[index].artist.is_some());
            let among: Vec<usize> = among.collect();
            precision(likeness, &among, |index| tracks[index].artist.as_ref() == Some(artist))
        });
        let neighbours = nearest(likeness, &sources().collect::<Vec<_>>());
        Self { members, style, artist, neighbours }
    }
}

/// The nearest [`K`] among some tracks, the nearest first; of equally near ones the first.
fn nearest(likeness: &[f64], among: &[usize]) -> Vec<usize> {
    let mut nearest: Vec<usize> =
        among.iter().copied().filter(|&index| likeness[index] > f64::NEG_INFINITY).collect();
    nearest.sort_by(|&a, &b| likeness[b].total_cmp(&likeness[a]));
    nearest.truncate(K);
    nearest
}

/// Share of the nearest that are right, and what is expected of a draw; `None` where nothing could be right.
fn precision(
    likeness: &[f64],
    among: &[usize],
    is_right: impl Fn(usize) -> bool,
) -> Option<(f64, f64)> {
    let n_right = among.iter().filter(|&&index| is_right(index)).count();
    let most = n_right.min(K) as f64;
    let n_found = nearest(likeness, among).into_iter().filter(|&index| is_right(index)).count();
    let n_drawn = K.min(among.len()) as f64 * n_right as f64 / among.len() as f64;
    (n_right > 0).then(|| (n_found as f64 / most, n_drawn / most))
}

impl Hubs {
    /// From how often each source is a neighbour; `None` for too few sources to have [`K`] neighbours.
    fn of(counts: &[u32]) -> Option<Self> {
        if counts.len() <= K {
            return None;
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let distinct: BTreeSet<u32> = counts.iter().copied().collect();
        Some(Self {
            skewness: Mean::of_statistic(counts.len(), |places| {
                // All alike is as even as can be.
                if distinct.len() == 1 { Some(0.0) } else { skewness(counts, places) }
            })?,
            never: counts.iter().filter(|&&count| count == 0).count() as f64 / counts.len() as f64,
            most: f64::from(most) / (counts.len() - 1) as f64,
        })
    }
}

/// Third central moment in units of the deviation; `None` where all are alike.
fn skewness(counts: &[u32], places: &[usize]) -> Option<f64> {
    let n = places.len() as f64;
    let mean = places.iter().map(|&place| f64::from(counts[place])).sum::<f64>() / n;
    let moment = |power| {
        places.iter().map(|&place| (f64::from(counts[place]) - mean).powi(power)).sum::<f64>() / n
    };
    let variance = moment(2);
    (variance > 0.0).then(|| moment(3) / variance.powf(1.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(group: &str, style: &str, artist: &str, transform: &str) -> Track {
        let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Track {
            name: String::new(),
            path: std::path::PathBuf::new(),
            group: group.to_owned(),
            artist: known(artist),
            style: known(style),
            transform: known(transform),
        }
    }

    #[test]
    fn members_of_the_group_are_not_in_each_others_way_and_ties_are() {
        let tracks = [
            track("a", "", "", ""),
            track("a", "", "", "slow"),
            track("a", "", "", "fast"),
            track("b", "", "", ""),
            track("c", "", "", ""),
        ];
        let found = Found::of(&[1.0, 0.5, 0.9, 0.5, 0.7], &tracks, 0);
        assert_eq!(found.members, [(1, 1.0 / 3.0), (2, 1.0)]);
    }

    #[test]
    fn the_same_artist_does_not_count_for_the_style() {
        let tracks = [
            track("a", "waltz", "ann", ""),
            track("b", "waltz", "ann", ""),
            track("c", "waltz", "bob", ""),
            track("d", "jig", "bob", ""),
            track("d", "jig", "bob", "slow"),
        ];
        let found = Found::of(&[1.0, 0.9, 0.2, 0.4, 0.8], &tracks, 0);
        // Both of the two that are asked are among ten: one right of one that could be, as by lot.
        assert_eq!(found.style, Some((1.0, 1.0)));
        assert_eq!(found.artist, Some((1.0, 1.0)));
        assert_eq!(found.neighbours, [1, 3, 2]);
    }

    #[test]
    fn precision_is_of_what_could_be_right() {
        let among: Vec<usize> = (0..40).collect();
        let likeness: Vec<f64> = (0..40).map(|index| -f64::from(index)).collect();
        let (found, chance) = precision(&likeness, &among, |index| index % 2 == 0).unwrap();
        assert!((found - 0.5).abs() < 1e-12 && (chance - 0.5).abs() < 1e-12);
        let (found, chance) = precision(&likeness, &among, |index| index < 4).unwrap();
        assert!((found - 1.0).abs() < 1e-12 && (chance - 0.25).abs() < 1e-12);
        assert_eq!(precision(&likeness, &among, |_| false), None);
    }

    #[test]
    fn skewness_of_few_that_are_chosen_by_all_is_the_closed_form() {
        // A Bernoulli variable with p = 1/20: (1 − 2p) / √(p (1 − p)).
        let counts: Vec<u32> = (0..20).map(|index| 100 * u32::from(index == 3)).collect();
        let hubs = Hubs::of(&counts).unwrap();
        assert!((hubs.skewness.mean - 0.9 / 0.0475_f64.sqrt()).abs() < 1e-9);
        assert!((hubs.never - 0.95).abs() < 1e-12);
        assert_eq!(Hubs::of(&[10; 20]).unwrap().skewness.high.to_bits(), 0);
        assert_eq!(Hubs::of(&[1; 10]), None);
    }
}
