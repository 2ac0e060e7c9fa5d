//! What one of two could change so that the score rises: each change is made and the pair compared again.

use super::{PeopleScore, Profile, Raise, Rule, compare, place::distance_km, roles::instrument};

/// A change that gains less is not worth a sentence.
const LEAST_GAIN: f64 = 0.005;

/// Changes that are named, at most.
const MAX_RAISES: usize = 3;

/// Recordings more that a person might list.
const MORE_RECORDINGS: f64 = 20.0;

/// What `reader` could change, the most promising first; what cannot be computed comes last.
///
/// Nobody is told what the other dislikes, nor when the other has time.
pub(crate) fn raises(now: &PeopleScore, reader: &Profile, other: &Profile) -> Vec<Raise> {
    let mut raises: Vec<Raise> = changes(reader, other)
        .into_iter()
        .filter_map(|(what, changed)| {
            let score = compare(&changed, other)?.score;
            (score >= now.score + LEAST_GAIN).then_some(Raise { what, score: Some(score) })
        })
        .collect();
    raises.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap_or(std::cmp::Ordering::Equal));
    raises.truncate(MAX_RAISES);
    if reader.taste.is_none() && other.taste.is_some() {
        let what = "List recordings of yours: there is none yet to compare.".to_owned();
        raises.push(Raise { what, score: None });
    }
    if now.words.is_none() && !other.tags.genres.is_empty() {
        let what = "Say what you like and play: there are no words yet to compare.".to_owned();
        raises.push(Raise { what, score: None });
    }
    raises
}

fn changes(reader: &Profile, other: &Profile) -> Vec<(String, Profile)> {
    let mut found = Vec::new();
    if let Some(taste) = &reader.taste {
        let mut changed = reader.clone();
        changed.taste = Some({
            let mut more = taste.clone();
            more.size += MORE_RECORDINGS;
            more
        });
        let what = format!("List {MORE_RECORDINGS:.0} more recordings of the same kind.");
        found.push((what, changed));
    }
    let sought: Vec<&str> = reader.tags.seeks.iter().map(|word| instrument(word)).collect();
    let wanted = other.tags.plays.iter().map(|word| instrument(word));
    if let Some(word) = wanted.filter(|word| !sought.contains(word)).min() {
        let mut changed = reader.clone();
        changed.tags.seeks.push(word.to_owned());
        found.push((format!("Look for {word}, which they play."), changed));
    }
    if let (Some(mine), Some(theirs)) = (&reader.place, &other.place) {
        // The radius is rounded up, as the distance is told.
        let radius_km = (distance_km(mine, theirs) / 50.0).ceil() * 50.0;
        if radius_km > mine.radius_km && mine.rule == Rule::Soft {
            let mut changed = reader.clone();
            changed.place = Some(super::Place { radius_km, ..*mine });
            found.push((format!("Widen your radius to {radius_km:.0} km."), changed));
        }
    }
    if let (Some(mine), Some(theirs)) = (&reader.availability, &other.availability) {
        let slots = mine.slots | theirs.slots;
        let changed = Profile {
            availability: Some(super::Availability { slots, ..*mine }),
            ..reader.clone()
        };
        found.push(("Find a time that suits both of you.".to_owned(), changed));
    }
    found
}
