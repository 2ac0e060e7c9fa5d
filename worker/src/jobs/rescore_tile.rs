//! `rescore_tile`: some tracks of a run against the whole catalogue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use matching::{DESCRIPTOR_VERSION, Purpose, WEIGHTS_VERSION};
use store::matches::lists::{self, List};
use store::matches::{Entry, NewList};
use store::runs::{self, Tile};
use store::{Lease, TrackId};
use tokio_util::sync::CancellationToken;

use super::error::JobError;
use super::keep::Progress;
use super::match_track::{named, scored};
use super::pairs::{self, Key, key, new_pair};
use super::perform::interrupted;
use super::plan_run::purposes;
use crate::compute::compute;
use crate::context::Context;
use crate::kept::Kept;

/// Scores the job's tile. True if the result was staged.
pub(super) async fn run(
    context: &Context,
    lease: &Lease,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<bool, JobError> {
    let store = &context.store;
    let gone = || JobError::abort("tile_missing", "the tile is gone");
    let run = runs::of_job(store, lease).await?.ok_or_else(gone)?;
    let number = lease.job.tile.ok_or_else(gone)?;
    let tracks = runs::tile(store, run.id, number).await?.ok_or_else(gone)?;
    let owner = run.owner_id;
    let held = context.catalogues.get(store, owner).await?;
    let kept = Kept::new(context);
    let ids: Arc<[u128]> = tracks.iter().map(|track| track.as_u128()).collect();
    let (mut held, mut new) = (held, Vec::new());
    for purpose in purposes(&run) {
        if cancel.is_cancelled() {
            return Err(interrupted());
        }
        let (ids, now) = (Arc::clone(&ids), held);
        let found: Vec<NewList>;
        (held, found) = compute(move || {
            let found = scored(&now.catalogue, &ids, &[purpose], kept);
            (now, found)
        })
        .await?;
        new.extend(found);
    }
    progress.set(0.5);
    // What is seen already is not written again.
    let old = lists::of_tracks(store, &tracks, run.generation - 1).await?;
    let new: Vec<NewList> = new.into_iter().filter(|new| !is_seen(&old, new)).collect();
    let mut tile = Tile { seq: held.seq(), lists: new, pairs: Vec::new() };
    if !run.dry_run {
        let keys: BTreeSet<Key> = tile
            .lists
            .iter()
            .flat_map(|list| {
                let seen = seen_pairs(&old, list);
                named(list).filter(move |key| !seen.contains(key))
            })
            .collect();
        let items = held.items(store, owner, &pairs::ids(&keys)).await?;
        drop(held);
        tile.pairs =
            compute(move || keys.into_iter().filter_map(|key| new_pair(&items, key)).collect())
                .await?;
    }
    Ok(runs::complete_tile(store, lease, &run, tile).await?)
}

type Lists = BTreeMap<TrackId, BTreeMap<String, List>>;

fn old_list<'a>(old: &'a Lists, new: &NewList) -> Option<&'a List> {
    old.get(&new.track_id)?.get(&new.purpose)
}

fn is_seen(old: &Lists, new: &NewList) -> bool {
    old_list(old, new)
        .is_some_and(|old| old.is_same(&new.entries, new.descriptor_version, new.weights_version))
}

/// The pairs of a list that are stored with the same score already.
fn seen_pairs(old: &Lists, new: &NewList) -> BTreeSet<Key> {
    let list = old_list(old, new).filter(|list| {
        (list.descriptor_version, list.weights_version) == (DESCRIPTOR_VERSION, WEIGHTS_VERSION)
    });
    let Ok(purpose) = new.purpose.parse::<Purpose>() else { return BTreeSet::new() };
    let before: BTreeMap<TrackId, u64> = list
        .into_iter()
        .flat_map(|list| &list.entries)
        .map(|(other, score)| (*other, score.to_bits()))
        .collect();
    let is_seen = |(other, score): &&Entry| before.get(other) == Some(&score.to_bits());
    let id = new.track_id.as_u128();
    new.entries.iter().filter(is_seen).map(|(other, _)| key(purpose, id, other.as_u128())).collect()
}
