//! `plan_run`: splits a run into tiles.

use std::collections::BTreeSet;

use dsp::ANALYSIS_VERSION;
use matching::{DESCRIPTOR_VERSION, Purpose, WEIGHTS_VERSION};
use store::runs::{self, Plan, Versions};
use store::{Lease, Run, RunScope, RunState, TrackId, descriptors, matches::lists};

use super::error::JobError;
use crate::context::Context;

/// Tracks whose lists are read at a time.
const N_PER_READ: usize = 1000;

/// Plans the job's run. True if the plan was written.
pub(super) async fn run(context: &Context, lease: &Lease) -> Result<bool, JobError> {
    let store = &context.store;
    let run = runs::of_job(store, lease)
        .await?
        .ok_or_else(|| JobError::abort("run_missing", "the run is gone"))?;
    if run.reanalyze && run.state == RunState::Queued {
        match runs::begin_analyses(store, lease, &run, ANALYSIS_VERSION).await? {
            None => return Ok(false),
            Some(0) => {}
            // The sweep queues this again when they are done.
            Some(_) => return Ok(true),
        }
    }
    let owner = run.owner_id;
    let n_stale = descriptors::n_stale(store, owner, DESCRIPTOR_VERSION, ANALYSIS_VERSION).await?;
    if runs::is_unchanged(store, owner, versions(context)).await? {
        let n_tracks = descriptors::n_of(store, owner, DESCRIPTOR_VERSION).await?;
        let plan = Plan { n_tracks, n_stale, ..Plan::default() };
        return Ok(runs::plan(store, lease, &run, plan).await?);
    }
    let held = context.catalogues.get(store, owner).await?;
    let (seq, n_tracks) = (held.seq(), held.catalogue.len() as u64);
    // Alike tracks are in one tile: they find good matches among themselves at once, and share the words of many.
    let ids: Vec<TrackId> = held.catalogue.ids().iter().map(|id| TrackId::from_u128(*id)).collect();
    drop(held);
    let wanted = match run.scope {
        RunScope::All => ids,
        RunScope::Changed => changed(context, &run, ids).await?,
    };
    let n_per_tile = (context.config.tracks_per_tile as usize).max(1);
    let tiles = wanted.chunks(n_per_tile).map(<[TrackId]>::to_vec).collect();
    Ok(runs::plan(store, lease, &run, Plan { seq, n_tracks, n_stale, tiles }).await?)
}

/// What generations are made of here.
pub(super) fn versions(context: &Context) -> Versions {
    Versions {
        descriptor: DESCRIPTOR_VERSION,
        weights: WEIGHTS_VERSION,
        n_heads: context.config.matches_per_track,
        least_score: context.config.least_track_score,
    }
}

/// The purposes of a run.
pub(super) fn purposes(run: &Run) -> Vec<Purpose> {
    let only: Option<Purpose> = run.purpose.as_deref().and_then(|name| name.parse().ok());
    only.map_or(Purpose::ALL.to_vec(), |purpose| vec![purpose])
}

/// Tracks with a list that is missing, incomplete or of other versions, in the order of `ids`.
async fn changed(
    context: &Context,
    run: &Run,
    ids: Vec<TrackId>,
) -> Result<Vec<TrackId>, JobError> {
    let store = &context.store;
    let visible = lists::visible(store, run.owner_id).await?;
    let mut fine = BTreeSet::new();
    for page in ids.chunks(N_PER_READ) {
        for (track, lists) in lists::of_tracks(store, page, visible).await? {
            let is_fine = purposes(run).iter().all(|purpose| {
                lists.get(purpose.as_str()).is_some_and(|list| {
                    !list.is_short
                        && list.descriptor_version == DESCRIPTOR_VERSION
                        && list.weights_version == WEIGHTS_VERSION
                })
            });
            if is_fine {
                fine.insert(track);
            }
        }
    }
    Ok(ids.into_iter().filter(|id| !fine.contains(id)).collect())
}
