//! `match_track`: one track against the catalogue of its owner.

use std::collections::BTreeSet;
use std::sync::Arc;

use matching::{Catalogue, DESCRIPTOR_VERSION, Item, Purpose, WEIGHTS_VERSION};
use store::jobs::{NewMatch, complete_match};
use store::matches::{self, NewList, lists};
use store::{Lease, TrackId, UserId};

use super::error::JobError;
use super::pairs::{self, Key, key, new_match, new_pair};
use crate::catalogues::Held;
use crate::compute::compute;
use crate::context::Context;
use crate::kept::Kept;

/// Tracks that a new one is offered to for their own best matches, for each purpose. Only a catalogue that
/// was analysed at once, with its matching still to come, has more takers; and those find the track
/// themselves when their turn comes.
const MAX_OFFERS: usize = 2000;
/// Lists that lost a match and are filled up beside the track's own.
const MAX_REFILLS: u32 = 50;
/// How often the matches are made again because a run has switched meanwhile.
const MAX_TURNS: usize = 5;

/// Scores the job's track for every purpose. True if the result was written.
pub(super) async fn run(context: &Context, lease: &Lease) -> Result<bool, JobError> {
    let (store, owner) = (&context.store, lease.job.owner_id);
    let track = lease.job.track_id.ok_or_else(|| JobError::abort("track_missing", "no track"))?;
    let kept = Kept::new(context);
    let mut turn = 0;
    loop {
        turn += 1;
        let held = context.catalogues.with_floors(store, owner, kept).await?;
        let generation = held.generation();
        let (held, found) = found(context, held, owner, track.as_u128()).await?;
        refill(context, held, owner, track).await?;
        match complete_match(store, lease, kept.n_heads, generation, found).await {
            Err(store::Error::GenerationSwitched { .. }) if turn < MAX_TURNS => {}
            written => return Ok(written?),
        }
    }
}

/// All matches worth keeping.
async fn found(
    context: &Context,
    held: Held,
    owner: UserId,
    id: u128,
) -> Result<(Held, Vec<NewMatch>), JobError> {
    let (store, kept) = (&context.store, Kept::new(context));
    let query = held.items(store, owner, &[id]).await?.remove(&id);
    let query = query
        .filter(|_| held.catalogue.contains(id))
        .ok_or_else(|| JobError::abort("descriptor_missing", "the track has no descriptor"))?;
    let (held, keys) = compute(move || {
        let keys = keys(&held.catalogue, &query, id, kept);
        (held, keys)
    })
    .await?;
    let items = held.items(store, owner, &pairs::ids(&keys)).await?;
    let matches = compute(move || {
        let other = |(_, a, b): Key| if a == id { b } else { a };
        keys.into_iter().filter_map(|key| new_match(&items, id, other(key), key.0)).collect()
    })
    .await?;
    Ok((held, matches))
}

/// The pairs of a track with its own best, and with those that it is good enough for.
fn keys(catalogue: &Catalogue, query: &Arc<Item>, id: u128, kept: Kept) -> BTreeSet<Key> {
    let n_heads = kept.n_heads as usize;
    let mut keys = BTreeSet::new();
    for purpose in Purpose::ALL {
        let own = catalogue.top(query, Some(id), purpose, n_heads);
        let takers = catalogue.takers(query, Some(id), purpose);
        let offers = takers.into_iter().take(MAX_OFFERS.max(n_heads));
        let good = own.into_iter().chain(offers).filter(|(_, score)| *score >= kept.least_score);
        keys.extend(good.map(|(other, _)| key(purpose, id, other)));
    }
    keys
}

/// Fills up lists of others that lost a match, because its track was deleted or has changed: a part of them with each matching.
async fn refill(
    context: &Context,
    held: Held,
    owner: UserId,
    track: TrackId,
) -> Result<(), JobError> {
    let (store, kept) = (&context.store, Kept::new(context));
    let mut ids: Vec<u128> = lists::short(store, owner, MAX_REFILLS)
        .await?
        .into_iter()
        .filter(|short| *short != track)
        .map(TrackId::as_u128)
        .collect();
    ids.sort_unstable();
    if ids.is_empty() {
        return Ok(());
    }
    let (generation, seq) = (held.generation(), held.seq());
    let (held, new) = compute(move || {
        let new = scored(&held.catalogue, &ids, &Purpose::ALL, kept);
        (held, new)
    })
    .await?;
    let keys: BTreeSet<Key> = new.iter().flat_map(named).collect();
    let items = held.items(store, owner, &pairs::ids(&keys)).await?;
    let pairs = compute(move || keys.into_iter().filter_map(|key| new_pair(&items, key)).collect());
    match matches::refill(store, owner, generation, seq, new, pairs.await?).await {
        // The run has made them whole.
        Err(store::Error::GenerationSwitched { .. }) => Ok(()),
        written => Ok(written.map(|_| ())?),
    }
}

/// The lists of some tracks.
pub(super) fn scored(
    catalogue: &Catalogue,
    ids: &[u128],
    purposes: &[Purpose],
    kept: Kept,
) -> Vec<NewList> {
    let mut new = Vec::with_capacity(ids.len() * purposes.len());
    for purpose in purposes {
        for (id, best) in catalogue.top_of(ids, *purpose, kept.n_heads as usize) {
            new.push(NewList {
                track_id: TrackId::from_u128(id),
                purpose: purpose.as_str().to_owned(),
                entries: best
                    .into_iter()
                    .filter(|(_, score)| *score >= kept.least_score)
                    .map(|(other, score)| (TrackId::from_u128(other), score))
                    .collect(),
                descriptor_version: DESCRIPTOR_VERSION,
                weights_version: WEIGHTS_VERSION,
            });
        }
    }
    new
}

/// The pairs that a list names.
pub(super) fn named(list: &NewList) -> impl Iterator<Item = Key> {
    let purpose = list.purpose.parse::<Purpose>().ok();
    let id = list.track_id.as_u128();
    let entries = list.entries.iter();
    entries.filter_map(move |(other, _)| Some(key(purpose?, id, other.as_u128())))
}
