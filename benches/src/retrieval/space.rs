//! How alike two tracks are, to us and to others.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use matching::{Catalogue, Item, Purpose};
use serde::Deserialize;

use super::collection::Track;
use super::gaussian::Gaussian;
use super::heard::Heard;

/// Name of our own.
pub const OURS: &str = "consort";

/// Some tracks and how alike they are.
#[derive(Debug)]
pub struct Space {
    /// Whose it is.
    pub name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Ours { catalogue: Box<Catalogue>, items: Vec<Item>, purpose: Purpose },
    Gaussians(Vec<Option<Gaussian>>),
    Points(Vec<Option<Vec<f64>>>),
}

impl Space {
    /// Our own, for a purpose, without tags and embeddings.
    pub fn ours(heard: &[Heard], purpose: Purpose) -> Self {
        let item = |heard: &Heard| {
            let descriptor = heard.descriptor.clone();
            Item { descriptor, embedding: None, tags: Vec::new() }
        };
        let items: Vec<Item> = heard.iter().map(item).collect();
        let catalogue = Box::new(Catalogue::new((0..).zip(items.iter().cloned())));
        let name = format!("{OURS} {purpose}");
        Self { name, kind: Kind::Ours { catalogue, items, purpose } }
    }

    /// Normal distributions of the cepstrum under the symmetric Kullback-Leibler divergence.
    pub fn gaussians(heard: &[Heard]) -> Self {
        let gaussian = |heard: &Heard| heard.cepstrum.as_ref().and_then(Gaussian::of);
        let kind = Kind::Gaussians(heard.iter().map(gaussian).collect());
        Self { name: "MFCC, one Gaussian".to_owned(), kind }
    }

    /// Means and deviations of the cepstrum, standardised over the tracks, under the Euclidean distance.
    pub fn statistics(heard: &[Heard]) -> Self {
        let point = |heard: &Heard| {
            let cepstrum = heard.cepstrum.as_ref()?;
            let deviations = cepstrum.variances().map(|variance| variance.max(0.0).sqrt());
            Some(cepstrum.mean.iter().copied().chain(deviations).map(f64::from).collect())
        };
        let points = standardised(heard.iter().map(point).collect());
        Self { name: "MFCC, means and deviations".to_owned(), kind: Kind::Points(points) }
    }

    /// How alike a track is to each of all: higher is more, −∞ where they do not compare.
    pub fn likeness(&self, query: usize) -> Vec<f64> {
        match &self.kind {
            Kind::Ours { catalogue, items, purpose } => {
                let mut likeness = vec![f64::NEG_INFINITY; items.len()];
                for (id, score) in catalogue.top(&items[query], None, *purpose, items.len()) {
                    likeness[id as usize] = score;
                }
                likeness
            }
            Kind::Gaussians(all) => compared(all, query, |a, b| -a.divergence(b)),
            Kind::Points(all) => compared(all, query, |a, b| {
                -a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
            }),
        }
    }

    /// Tracks of which nothing is known here.
    pub fn n_missing(&self) -> usize {
        match &self.kind {
            Kind::Ours { .. } => 0,
            Kind::Gaussians(all) => all.iter().filter(|one| one.is_none()).count(),
            Kind::Points(all) => all.iter().filter(|one| one.is_none()).count(),
        }
    }
}

fn compared<T>(all: &[Option<T>], query: usize, compare: impl Fn(&T, &T) -> f64) -> Vec<f64> {
    let one = all[query].as_ref();
    let likeness = |other: &Option<T>| {
        one.zip(other.as_ref()).map_or(f64::NEG_INFINITY, |(one, other)| compare(one, other))
    };
    all.iter().map(likeness).collect()
}

/// Each coordinate less its mean, in its deviations, over those that there are.
fn standardised(mut points: Vec<Option<Vec<f64>>>) -> Vec<Option<Vec<f64>>> {
    let n = points.iter().flatten().count().max(1) as f64;
    let n_coordinates = points.iter().flatten().map(Vec::len).min().unwrap_or(0);
    for coordinate in 0..n_coordinates {
        let values = || points.iter().flatten().map(|point| point[coordinate]);
        let mean = values().sum::<f64>() / n;
        let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        let deviation = variance.sqrt().max(f64::MIN_POSITIVE);
        for point in points.iter_mut().flatten() {
            point[coordinate] = (point[coordinate] - mean) / deviation;
        }
    }
    points
}

/// A line of `features.jsonl`.
#[derive(Debug, Deserialize)]
struct Line {
    peer: String,
    file: String,
    features: Vec<f64>,
}

/// The spaces of other programs, by name: points under the Euclidean distance, as the files `features.jsonl` of the folders give them.
/// A track without a point is like none.
///
/// # Errors
///
/// When a file cannot be read, or a program's points are not all of one size.
pub fn peers(folders: &[PathBuf], tracks: &[Track]) -> Result<Vec<Space>> {
    let places: HashMap<&Path, usize> =
        tracks.iter().enumerate().map(|(i, track)| (track.path.as_path(), i)).collect();
    let mut spaces: BTreeMap<String, Vec<Option<Vec<f64>>>> = BTreeMap::new();
    for folder in folders {
        let path = folder.join("features.jsonl");
        if !path.is_file() {
            continue;
        }
        let place = || format!("cannot read {}", path.display());
        for line in std::fs::read_to_string(&path).with_context(place)?.lines() {
            let Line { peer, file, features } = serde_json::from_str(line).with_context(place)?;
            if let Some(&index) = places.get(folder.join(file).as_path()) {
                let points = spaces.entry(peer).or_insert_with(|| vec![None; tracks.len()]);
                points[index] = Some(features);
            }
        }
    }
    for (name, points) in &spaces {
        let mut sizes = points.iter().flatten().map(Vec::len);
        let first = sizes.next().unwrap_or(0);
        ensure!(sizes.all(|size| size == first), "the points of {name} differ in size");
    }
    Ok(spaces
        .into_iter()
        .map(|(name, points)| Space { name, kind: Kind::Points(points) })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_points_by_file() {
        let folder = tempfile::tempdir().unwrap();
        let lines = "{\"peer\": \"p\", \"file\": \"b.wav\", \"features\": [1.0, 1.0]}\n\
                     {\"peer\": \"p\", \"file\": \"a.wav\", \"features\": [0.0, 2.0], \"more\": 1}\n";
        std::fs::write(folder.path().join("features.jsonl"), lines).unwrap();
        for name in ["a.wav", "b.wav", "c.wav"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let tracks = super::super::collection::tracks(folder.path()).unwrap();
        let spaces = peers(&[folder.path().to_owned()], &tracks).unwrap();
        assert_eq!((spaces.len(), spaces[0].name.as_str()), (1, "p"));
        assert_eq!(spaces[0].likeness(0), [0.0, -2.0, f64::NEG_INFINITY]);
        assert_eq!(spaces[0].likeness(2), [f64::NEG_INFINITY; 3]);
    }

    #[test]
    fn standardised_points_have_mean_zero_and_deviation_one() {
        let points = standardised(vec![Some(vec![1.0, 5.0]), None, Some(vec![3.0, 5.0])]);
        assert_eq!(points, [Some(vec![-1.0, 0.0]), None, Some(vec![1.0, 0.0])]);
    }
}
