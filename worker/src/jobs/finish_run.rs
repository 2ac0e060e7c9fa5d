//! `finish_run`: shows what a run has staged, or removes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use matching::Purpose;
use serde_json::{Value, json};
use store::events::{self, Changed};
use store::jobs::{self, NewMatch};
use store::matches::{collect, lists};
use store::runs::{self, Switched};
use store::{Lease, Run, RunState, TrackId};
use tokio_util::sync::CancellationToken;

use super::error::JobError;
use super::keep::Progress;
use super::pairs::{self, Key, key, new_match};
use super::perform::interrupted;
use super::plan_run::{purposes, versions};
use crate::compute::compute;
use crate::context::Context;
use crate::difference::{Lists, difference};
use crate::kept::Kept;

/// Rows of one transaction that removes.
const N_PER_BATCH: u32 = 2000;
/// Lists, or pairs, that are read at a time.
const N_PER_PAGE: u32 = 5000;
/// Pairs that are asked for in one transaction.
const N_PER_QUESTION: usize = 200;

/// Ends the job's run. True if the end was written.
pub(super) async fn run(
    context: &Context,
    lease: &Lease,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<bool, JobError> {
    let store = &context.store;
    let run = runs::of_job(store, lease)
        .await?
        .ok_or_else(|| JobError::abort("run_missing", "the run is gone"))?;
    match run.state {
        RunState::Switching => switch(context, lease, &run, progress, cancel).await,
        RunState::Cancelling => {
            discard(context, &run, cancel).await?;
            Ok(runs::discarded(store, lease, &run).await?)
        }
        // It was shown, and its worker ended before the rest was removed.
        RunState::Succeeded => {
            collect(context, &run, cancel).await?;
            Ok(jobs::complete(store, lease).await?)
        }
        _ => Err(JobError::abort("run_not_scored", "the run is not at its end")),
    }
}

async fn switch(
    context: &Context,
    lease: &Lease,
    run: &Run,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<bool, JobError> {
    let store = &context.store;
    let mut seq = run.seq;
    let Some(last) = take_in(context, lease, run, seq, cancel).await? else { return Ok(false) };
    seq = last;
    progress.set(0.3);
    let diff = diff(context, run, cancel).await?;
    progress.set(0.6);
    if run.dry_run {
        if !runs::keep_difference(store, lease, run, diff).await? {
            return Ok(false);
        }
        discard(context, run, cancel).await?;
        return Ok(runs::discarded(store, lease, run).await?);
    }
    loop {
        match runs::switch(store, lease, run, seq, versions(context), diff.clone()).await? {
            Switched::Lost => return Ok(false),
            Switched::Done => break,
            Switched::Behind => {
                let taken_in = take_in(context, lease, run, seq, cancel).await?;
                let Some(last) = taken_in else { return Ok(false) };
                seq = last;
            }
        }
    }
    collect(context, run, cancel).await?;
    Ok(jobs::complete(store, lease).await?)
}

/// Takes in what was matched after event number `seq`; the number of the last event then. `None` if the lease is lost.
async fn take_in(
    context: &Context,
    lease: &Lease,
    run: &Run,
    seq: i64,
    cancel: &CancellationToken,
) -> Result<Option<i64>, JobError> {
    let (store, owner) = (&context.store, run.owner_id);
    let kept = Kept::new(context);
    let n_heads = kept.n_heads;
    let (changed, last) = events::changed_tracks(store, owner, seq, Changed::Lists).await?;
    if changed.is_empty() {
        return Ok(Some(last));
    }
    let staged = lists::floors(store, owner, None, run.generation, n_heads).await?;
    let mut floors: BTreeMap<Purpose, HashMap<u128, f64>> = BTreeMap::new();
    for floor in staged {
        if let Ok(purpose) = floor.purpose.parse() {
            floors.entry(purpose).or_default().insert(floor.track_id.as_u128(), floor.score);
        }
    }
    let floors = std::sync::Arc::new(floors);
    for track in changed {
        go_on(cancel)?;
        let held = context.catalogues.get(store, owner).await?;
        let id = track.as_u128();
        let Some(query) = held.items(store, owner, &[id]).await?.remove(&id) else { continue };
        let (purposes, floors) = (purposes(run), std::sync::Arc::clone(&floors));
        let (held, keys) = compute(move || {
            let mut keys: BTreeSet<Key> = BTreeSet::new();
            for purpose in purposes {
                let floor = |other: u128| {
                    let floors = floors.get(&purpose).and_then(|floors| floors.get(&other));
                    floors.copied().unwrap_or(kept.least_score)
                };
                let own = held.catalogue.top(&query, Some(id), purpose, n_heads as usize);
                let takers = held.catalogue.takers_with(&query, Some(id), purpose, floor);
                let others = own.into_iter().chain(takers);
                let others = others.filter(|(_, score)| *score >= kept.least_score);
                keys.extend(others.map(|(other, _)| key(purpose, id, other)));
            }
            (held, keys)
        })
        .await?;
        let items = held.items(store, owner, &pairs::ids(&keys)).await?;
        let new: Vec<NewMatch> = compute(move || {
            let other = |(_, a, b): Key| if a == id { b } else { a };
            keys.into_iter().filter_map(|key| new_match(&items, id, other(key), key.0)).collect()
        })
        .await?;
        if !runs::apply(store, lease, run, track, n_heads, new).await? {
            return Ok(None);
        }
    }
    Ok(Some(last))
}

/// What the run changes, for each purpose.
async fn diff(context: &Context, run: &Run, cancel: &CancellationToken) -> Result<Value, JobError> {
    let mut all = Vec::new();
    for purpose in purposes(run) {
        let mut lists = Lists::default();
        let old = run.generation - 1;
        for generation in lists::generations(&context.store, run.owner_id).await? {
            let (before, is_new) = (generation <= old, generation == run.generation);
            if !before && !is_new {
                continue;
            }
            let mut after = None;
            loop {
                go_on(cancel)?;
                let (store, owner) = (&context.store, run.owner_id);
                let name = purpose.as_str();
                let page = lists::page(store, owner, generation, name, after, N_PER_PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                for (track, list) in page {
                    let entries =
                        list.entries.iter().map(|(other, score)| (other.as_u128(), *score));
                    lists.put(track.as_u128(), entries, before);
                }
            }
        }
        let difference = compute(move || difference(&lists)).await?;
        all.push(json!({
            "purpose": purpose.as_str(),
            "n_gained": difference.n_gained,
            "n_lost": difference.n_lost,
            "n_shared": difference.n_shared,
            "n_moved": difference.n_moved,
            "rank_correlation": difference.rank_correlation,
        }));
    }
    Ok(Value::Array(all))
}

/// Removes everything that the run has staged.
async fn discard(context: &Context, run: &Run, cancel: &CancellationToken) -> Result<(), JobError> {
    let (store, owner) = (&context.store, run.owner_id);
    // Without a generation nothing was staged, and generation 0 is what was there before any run.
    let mut is_left = run.generation > 0;
    while is_left {
        go_on(cancel)?;
        is_left = collect::staged(store, owner, run.generation, N_PER_BATCH).await? > 0;
    }
    Ok(())
}

/// Removes what the run's results cover, and pairs that no list names any more.
async fn collect(context: &Context, run: &Run, cancel: &CancellationToken) -> Result<(), JobError> {
    let (store, owner) = (&context.store, run.owner_id);
    if run.n_lists_written == 0 {
        return Ok(());
    }
    while collect::superseded_lists(store, owner, run.generation, N_PER_BATCH).await? > 0 {
        go_on(cancel)?;
    }
    let named = named(context, run).await?;
    let named = |a: TrackId, b: TrackId, purpose: &str| {
        named.binary_search(&fingerprint(purpose, a.as_u128(), b.as_u128())).is_ok()
    };
    let visible = lists::visible(store, owner).await?;
    let generations = collect::pair_generations(store, owner).await?;
    for generation in generations.into_iter().filter(|generation| *generation <= visible) {
        let mut after = None;
        loop {
            let page = collect::pairs(store, owner, generation, after.as_ref(), N_PER_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            // Those of older generations may be covered by newer ones, which the database knows.
            let doubtful: Vec<_> = page
                .into_iter()
                .filter(|key| generation < visible || !named(key.a_id, key.b_id, &key.purpose))
                .collect();
            for keys in doubtful.chunks(N_PER_QUESTION) {
                go_on(cancel)?;
                collect::unnamed(store, owner, keys.to_vec()).await?;
            }
        }
    }
    Ok(())
}

/// Fingerprints of the pairs that visible lists name, ascending. Two pairs with the same one would leave one of them too many, no more.
async fn named(context: &Context, run: &Run) -> Result<Vec<u64>, JobError> {
    let (store, owner) = (&context.store, run.owner_id);
    let visible = lists::visible(store, owner).await?;
    let mut named = Vec::new();
    for generation in lists::generations(store, owner).await? {
        for purpose in Purpose::ALL.into_iter().filter(|_| generation <= visible) {
            let name = purpose.as_str();
            let mut after = None;
            loop {
                let page = lists::page(store, owner, generation, name, after, N_PER_PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(*last);
                for (track, list) in page {
                    let id = track.as_u128();
                    named.extend(list.entries.iter().map(|(other, _)| {
                        let other = other.as_u128();
                        fingerprint(name, id.min(other), id.max(other))
                    }));
                }
            }
        }
    }
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

/// An error once the job has to end: its lease is lost, or its worker stops. What was written stands, and the next one goes on.
fn go_on(cancel: &CancellationToken) -> Result<(), JobError> {
    if cancel.is_cancelled() { Err(interrupted()) } else { Ok(()) }
}

/// FNV-1a with 64 bits.
fn fingerprint(purpose: &str, a: u128, b: u128) -> u64 {
    let bytes = purpose.bytes().chain(a.to_be_bytes()).chain(b.to_be_bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
