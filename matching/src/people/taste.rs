//! What the recordings of a person say, in a few of them.

use std::collections::BTreeMap;

use super::{
    MoodRange,
    affinity::alike,
    medoids::{Distances, medoids},
};
use crate::{Descriptor, layout::known, prepared::Prepared};

/// Recordings that stand for all of a person's, at most.
pub const MAX_MEDOIDS: usize = 8;

/// Recordings of one person that count, at most: those with the largest weights.
pub const MAX_TRACKS: usize = 400;

/// Age at which a recording counts half, in days, measured from the newest of the same person: somebody who rests
/// changes nothing.
const HALF_LIFE_DAYS: f64 = 365.0;

/// Words of recordings that are kept, at most, and the least share of the recordings that must carry them.
const MAX_TAGS: usize = 64;
const LEAST_SHARE: f64 = 0.05;

/// Values are kept to this many steps of 1, so that they survive being written and read.
const STEPS: f64 = 1e6;

/// A recording of a person, as it comes.
#[derive(Debug, Clone)]
pub struct ProfileTrack {
    /// The track.
    pub track: u128,
    /// Facts of the recording.
    pub descriptor: Descriptor,
    /// Words that the person gave it.
    pub tags: Vec<String>,
    /// How long ago it came, in days, from any one moment.
    pub age_days: f64,
    /// How much the person wants it to count; at 0, or where it is not a number, it does not.
    pub weight: f64,
}

/// A recording that stands for some of a person's.
#[derive(Debug, Clone)]
pub struct Medoid {
    /// The track.
    pub track: u128,
    /// Share of the person's weight that it stands for, above 0, to 1.
    pub weight: f64,
    pub(crate) prepared: Prepared,
}

impl Medoid {
    /// A medoid as it was stored.
    pub fn new(track: u128, weight: f64, descriptor: &Descriptor) -> Self {
        Self { track, weight, prepared: Prepared::new(descriptor) }
    }
}

/// What the recordings of a person say.
#[derive(Debug, Clone)]
pub struct Taste {
    /// Recordings that stand for all, at most [`MAX_MEDOIDS`].
    pub medoids: Vec<Medoid>,
    /// Recordings that count.
    pub n_tracks: u32,
    /// How many recordings of equal weight would say as much (Kish 1965): from 1 to `n_tracks`.
    pub size: f64,
    /// Where they lie in valence, arousal and tension.
    pub mood: Option<MoodRange>,
    /// Words of the recordings, and the share of the weight that carries each.
    pub tags: Vec<(String, f64)>,
    pub(crate) analysis_version: u32,
}

impl Taste {
    /// The taste of recordings; `None` when none counts.
    ///
    /// Left out are recordings without weight, those in which nothing sounds, and those of an older analysis version than the newest:
    /// different versions are never compared. The same recordings give the same taste in any order.
    pub fn of(tracks: &[ProfileTrack]) -> Option<Self> {
        let tracks = counting(tracks);
        let total: f64 = tracks.iter().map(|(_, weight)| weight).sum();
        let weights: Vec<f64> = tracks.iter().map(|(_, weight)| weight / total).collect();
        let recordings: Vec<Prepared> =
            tracks.iter().map(|(track, _)| Prepared::new(&track.descriptor)).collect();
        let clusters = medoids(&distances(&recordings), &weights, MAX_MEDOIDS);
        let mut shares = vec![0.0; clusters.medoids.len()];
        for (weight, &place) in weights.iter().zip(&clusters.member_of) {
            shares[place] += weight;
        }
        let medoids = clusters
            .medoids
            .iter()
            .zip(shares)
            .map(|(&index, share)| Medoid {
                track: tracks[index].0.track,
                weight: rounded(share).max(1.0 / STEPS),
                prepared: recordings[index].clone(),
            })
            .collect();
        let size = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();
        let described: Vec<_> =
            tracks.iter().zip(&weights).map(|((track, _), w)| (&track.descriptor, *w)).collect();
        let mood = MoodRange::of(&described).map(|range| MoodRange {
            mean: range.mean.map(rounded),
            std: range.std.map(rounded),
            ..range
        });
        let n_tracks = u32::try_from(tracks.len()).unwrap_or(u32::MAX);
        let tags = tags(tracks.iter().map(|(track, _)| *track).zip(weights));
        Self::stored(medoids, n_tracks, rounded(size), mood, tags)
    }

    /// A taste as it was stored; `None` when no medoid is left.
    pub fn stored(
        mut medoids: Vec<Medoid>,
        n_tracks: u32,
        size: f64,
        mood: Option<MoodRange>,
        tags: Vec<(String, f64)>,
    ) -> Option<Self> {
        let version = |medoid: &Medoid| medoid.prepared.analysis_version;
        let analysis_version = medoids.iter().map(version).max()?;
        medoids.retain(|medoid| version(medoid) == analysis_version && medoid.weight > 0.0);
        medoids.sort_by_key(|medoid| medoid.track);
        (!medoids.is_empty() && size.is_finite()).then(|| Self {
            medoids,
            n_tracks,
            size: size.max(0.0),
            mood,
            tags,
            analysis_version,
        })
    }
}

/// The recordings that count with their weights, by id.
fn counting(tracks: &[ProfileTrack]) -> Vec<(&ProfileTrack, f64)> {
    let usable = |track: &&ProfileTrack| {
        track.weight.is_finite()
            && track.weight > 0.0
            && track.age_days.is_finite()
            && track.descriptor.knows(known::SPECTRAL)
    };
    let newest_version = tracks.iter().filter(usable).map(|t| t.descriptor.analysis_version).max();
    let current = || {
        let of_version =
            move |t: &&ProfileTrack| Some(t.descriptor.analysis_version) == newest_version;
        tracks.iter().filter(usable).filter(of_version)
    };
    let newest = current().map(|track| track.age_days).fold(f64::INFINITY, f64::min);
    let mut weighted: Vec<(&ProfileTrack, f64)> = current()
        .map(|track| {
            // So far away that it would round to nothing, it still counts a little.
            let recency = (-(track.age_days - newest) / HALF_LIFE_DAYS).exp2().max(1e-9);
            (track, track.weight.min(1e9) * recency)
        })
        .collect();
    weighted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.track.cmp(&b.0.track)));
    weighted.truncate(MAX_TRACKS);
    weighted.sort_by_key(|(track, _)| track.track);
    weighted
}

fn distances(recordings: &[Prepared]) -> Distances {
    let n = recordings.len();
    let mut values = vec![0.0; n * n];
    for (row, one) in recordings.iter().enumerate() {
        for (column, similarity) in alike(one, &recordings[..row]).into_iter().enumerate() {
            let distance = (1.0 - similarity) as f32;
            values[row * n + column] = distance;
            values[column * n + row] = distance;
        }
    }
    Distances::new(n, values)
}

/// The words of recordings with the share of the weight that carries each, the commonest first.
fn tags<'a>(tracks: impl Iterator<Item = (&'a ProfileTrack, f64)>) -> Vec<(String, f64)> {
    let mut shares = BTreeMap::new();
    for (track, weight) in tracks {
        let mut words: Vec<&str> = track.tags.iter().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            *shares.entry(word).or_insert(0.0) += weight;
        }
    }
    let mut tags: Vec<(String, f64)> = shares
        .into_iter()
        .map(|(word, share)| (word.to_owned(), rounded(share).min(1.0)))
        .filter(|(_, share)| *share >= LEAST_SHARE)
        .collect();
    tags.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tags.truncate(MAX_TAGS);
    tags
}

fn rounded(value: f64) -> f64 {
    (value * STEPS).round() / STEPS
}
