//! `match_track`: one track against the catalogue of its owner.

use std::collections::HashMap;

use matching::{
    Catalogue, DESCRIPTOR_VERSION, Descriptor, Embedding, Item, Purpose, reason, score,
};
use serde_json::json;
use store::descriptors::{self, StoredDescriptor};
use store::jobs::{NewMatch, complete_match};
use store::{Lease, TrackId, UserId, matches};

use super::error::JobError;
use crate::compute::compute;
use crate::context::Context;

/// Tracks that a new one is offered to for their own best matches, for each purpose. Only a catalogue that
/// was analysed at once, with its matching still to come, has more takers; and those find the track
/// themselves when their turn comes.
const MAX_OFFERS: usize = 2000;

/// Scores the job's track for every purpose. True if the result was written.
pub(super) async fn run(context: &Context, lease: &Lease) -> Result<bool, JobError> {
    let store = &context.store;
    let owner = lease.job.owner_id;
    let track = lease.job.track_id.ok_or_else(|| JobError::abort("track_missing", "no track"))?;
    let n_heads = context.config.matches_per_track;
    // Descriptors first: a track that gets its heads in between is then offered too much, never too little.
    let stored = descriptors::all(store, DESCRIPTOR_VERSION).await?;
    let mut floors = Vec::new();
    for purpose in Purpose::ALL {
        floors.push(floors_of(&matches::floors(store, purpose.as_str(), n_heads).await?));
    }
    let found = compute(move || find(owner, track, stored, &floors, n_heads as usize)).await?;
    let found = found
        .ok_or_else(|| JobError::abort("descriptor_missing", "the track has no descriptor"))?;
    Ok(complete_match(store, lease, n_heads, found).await?)
}

/// The weakest of each full list of best matches.
type Floors = HashMap<u128, f64>;

fn floors_of(floors: &[matches::Floor]) -> Floors {
    floors.iter().map(|floor| (floor.track_id.as_u128(), floor.score)).collect()
}

/// All matches worth keeping; none when the track is not in the catalogue.
fn find(
    owner: UserId,
    track: TrackId,
    stored: Vec<StoredDescriptor>,
    floors: &[Floors],
    n_heads: usize,
) -> Option<Vec<NewMatch>> {
    let items: HashMap<u128, Item> =
        stored.into_iter().filter(|row| row.owner_id == owner).filter_map(item).collect();
    let id = track.as_u128();
    let query = items.get(&id)?;
    let mut ids: Vec<u128> = items.keys().copied().collect();
    ids.sort_unstable();
    let catalogue = Catalogue::new(ids.into_iter().map(|id| (id, items[&id].clone())));
    let mut found = Vec::new();
    for (purpose, floors) in Purpose::ALL.into_iter().zip(floors) {
        let ranked = catalogue.top(query, Some(id), purpose, catalogue.len());
        for (other, _) in kept(&ranked, floors, n_heads) {
            found.push(new_match(&items, id, other, purpose));
        }
    }
    Some(found)
}

fn item(row: StoredDescriptor) -> Option<(u128, Item)> {
    let id = row.track_id;
    match readable(row) {
        Ok(item) => Some((id.as_u128(), item)),
        Err(error) => {
            let cause = &error as &dyn std::error::Error;
            tracing::error!(error = cause, track.id = %id, "descriptor of {id} is unreadable: {error}");
            None
        }
    }
}

fn readable(row: StoredDescriptor) -> matching::Result<Item> {
    let embedding = row.embedding.as_deref().map(Embedding::from_bytes).transpose()?;
    Ok(Item { descriptor: Descriptor::from_bytes(&row.bytes)?, embedding, tags: row.tags })
}

/// Of a ranking, the track's own best and those that it is good enough for.
fn kept<'a>(
    ranked: &'a [(u128, f64)],
    floors: &'a Floors,
    n_heads: usize,
) -> impl Iterator<Item = (u128, f64)> + 'a {
    let (own, rest) = ranked.split_at(n_heads.min(ranked.len()));
    // An equal score may still get in: ties are broken by id, in the store.
    let takers = rest
        .iter()
        .filter(|(other, score)| floors.get(other).is_none_or(|floor| score >= floor))
        .take(MAX_OFFERS);
    own.iter().chain(takers).copied()
}

/// The match of two tracks. Always the older one first, so that the words are the same whichever of the
/// two was matched last.
fn new_match(items: &HashMap<u128, Item>, track: u128, other: u128, purpose: Purpose) -> NewMatch {
    let scored = score(&items[&track.min(other)], &items[&track.max(other)], purpose);
    NewMatch {
        purpose: purpose.as_str().to_owned(),
        other_id: TrackId::from_u128(other),
        score: scored.score,
        parts: json!(scored.parts),
        reason: reason(&scored),
        descriptor_version: DESCRIPTOR_VERSION,
        weights_version: scored.weights_version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ranked: &[(u128, f64)], floors: &[(u128, f64)], n_heads: usize, wanted: &[u128]) {
        let floors = floors.iter().copied().collect();
        let found: Vec<u128> = kept(ranked, &floors, n_heads).map(|(id, _)| id).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn keeps_the_best_and_those_that_it_is_good_enough_for() {
        let ranked = [(1, 0.9), (2, 0.8), (3, 0.7), (4, 0.6)];
        check(&ranked, &[], 4, &[1, 2, 3, 4]);
        check(&ranked, &[(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0)], 2, &[1, 2]);
        check(&ranked, &[(3, 0.7), (4, 0.61)], 2, &[1, 2, 3]);
        check(&ranked, &[(3, 0.71), (4, 0.5)], 2, &[1, 2, 4]);
        check(&ranked, &[(1, 1.0)], 1, &[1, 2, 3, 4]);
        check(&[], &[], 3, &[]);
    }

    #[test]
    fn offers_are_bounded() {
        let ranked: Vec<(u128, f64)> = (0..10_000).map(|id| (id, 0.5)).collect();
        assert_eq!(kept(&ranked, &Floors::new(), 20).count(), 20 + MAX_OFFERS);
    }
}
