//! From a wish to tiles.

use serde_json::json;

use super::row::{RunState, event};
use super::start::locked;
use super::tiles::to_bytes;
use crate::db::{execute, fetch_all, fetch_one, fetch_optional};
use crate::events::{self, NewEvent};
use crate::jobs::{self, Held, JobKind, NewJob};
use crate::matches::lists::visible_in;
use crate::{JobId, Lease, Result, Run, Store, TrackId, UserId};

/// How a run is split.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Number of the last event that was known when the tracks were counted.
    pub seq: i64,
    /// Tracks of the catalogue.
    pub n_tracks: u64,
    /// Tracks that are not compared, because their descriptor is of another version.
    pub n_stale: u64,
    /// The tracks of each tile. Without any there is nothing to do.
    pub tiles: Vec<Vec<TrackId>>,
}

/// What a generation is made of, but for the recordings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Versions {
    /// Of the descriptors.
    pub descriptor: u32,
    /// Of weights and reference.
    pub weights: u32,
    /// Matches of a list.
    pub n_heads: u32,
    /// The score that a match needs.
    pub least_score: f64,
}

/// Whether what an owner sees is what a run would make again: nothing was analysed, matched or deleted since the last one, under the same
/// versions, and no list is incomplete.
///
/// # Errors
///
/// When the database fails.
pub async fn is_unchanged(store: &Store, owner: UserId, versions: Versions) -> Result<bool> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        (i64,),
        "select seq from match_generations
         where owner_id = $1 and descriptor_version = $2 and weights_version = $3 and n_heads = $4 and least_score = $5",
        owner,
        i64::from(versions.descriptor),
        i64::from(versions.weights),
        i64::from(versions.n_heads),
        versions.least_score
    )?;
    let Some((seq,)) = row else { return Ok(false) };
    let (n_events,) = fetch_one!(
        reader,
        (i64,),
        "select count(*) from events where owner_id = $1 and seq > $2
           and kind in ('track.analyzed', 'track.matched', 'track.deleted')",
        owner,
        seq
    )?;
    let (n_short,) = fetch_one!(
        reader,
        (i64,),
        "select count(*) from match_lists where owner_id = $1 and is_short",
        owner
    )?;
    Ok(n_events == 0 && n_short == 0)
}

/// Queues an analysis of each of the owner's recordings whose newest report is of an analysis before `analysis_version`, and ends the job:
/// planning goes on when they are done. How many there are; with 0 the job goes on. `None` if the lease is lost.
///
/// # Errors
///
/// When the database fails.
pub async fn begin_analyses(
    store: &Store,
    lease: &Lease,
    run: &Run,
    analysis_version: u32,
) -> Result<Option<u64>> {
    let mut reader = store.reader().await?;
    let tracks = fetch_all!(
        reader,
        (TrackId,),
        "select t.id from tracks t join reports r on r.track_id = t.id
         where t.owner_id = $1 and t.state = 'analyzed'
         group by t.id having max(r.analysis_version) < $2 order by t.id",
        run.owner_id,
        i64::from(analysis_version)
    )?;
    drop(reader);
    if tracks.is_empty() {
        return Ok(Some(0));
    }
    let new: Vec<(JobId, TrackId)> =
        tracks.into_iter().map(|(track,)| (store.new_id(), track)).collect();
    let (held, id, owner) = (Held::from(lease), run.id, run.owner_id);
    let trace_id = run.trace_id.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                if !jobs::succeed(tx, &held).await? {
                    return Ok(None);
                }
                let n = new.len();
                for (job_id, track) in new {
                    let job = NewJob::new(job_id, owner, JobKind::AnalyzeTrack, track);
                    jobs::insert(tx, job.asked_by(id).traced(trace_id.clone())).await?;
                }
                execute!(
                    tx,
                    "update runs set state = 'analyzing', n_analyses = $1 where id = $2 and state = 'queued'",
                    i64::try_from(n).unwrap_or(i64::MAX),
                    id
                )?;
                let data = json!({ "run_id": id, "step": "analyze", "n_analyses": n });
                let step = NewEvent { data, ..event(owner, "run.step", id, held.id) };
                events::append(tx, &[step]).await?;
                Ok(Some(n as u64))
            })
        })
        .await
}

/// Writes the plan and queues a job for each tile. False if the lease is lost; nothing is written then.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn plan(store: &Store, lease: &Lease, run: &Run, plan: Plan) -> Result<bool> {
    let jobs: Vec<JobId> = plan.tiles.iter().map(|_| store.new_id()).collect();
    let (held, id) = (Held::from(lease), run.id);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !jobs::succeed(tx, &held).await? {
                    return Ok(false);
                }
                let run = locked(tx, id).await?;
                if !matches!(run.state, RunState::Queued | RunState::Analyzing) {
                    events::append(tx, &[held.succeeded()]).await?;
                    return Ok(true);
                }
                let now = tx.now_us();
                let is_done = plan.tiles.is_empty();
                let generation =
                    if is_done { 0 } else { visible_in(tx, run.owner_id).await? + 1 };
                let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
                for ((tile, tracks), job_id) in (0..).zip(&plan.tiles).zip(jobs) {
                    execute!(
                        tx,
                        "insert into run_tiles (run_id, tile, tracks, is_done) values ($1, $2, $3, $4)",
                        id,
                        tile,
                        to_bytes(tracks),
                        false
                    )?;
                    let job = NewJob::of_run(job_id, run.owner_id, JobKind::RescoreTile, id, tile);
                    jobs::insert(tx, job.traced(run.trace_id.clone())).await?;
                }
                execute!(
                    tx,
                    "update runs set state = $1, generation = $2, seq = $3, n_tracks = $4, n_stale = $5, n_tiles = $6,
                            scoring_at_us = $7, finished_at_us = $8, diff = $9 where id = $10",
                    if is_done { RunState::Succeeded } else { RunState::Scoring }.as_str(),
                    generation,
                    plan.seq,
                    i64::try_from(plan.n_tracks).unwrap_or(i64::MAX),
                    i64::try_from(plan.n_stale).unwrap_or(i64::MAX),
                    count(plan.tiles.len()),
                    now,
                    is_done.then_some(now),
                    is_done.then(|| json!([]).to_string()),
                    id
                )?;
                let told = if is_done {
                    event(run.owner_id, "run.succeeded", id, held.id)
                } else {
                    let n_tiles = plan.tiles.len();
                    let data = json!({ "run_id": id, "step": "score", "n_tiles": n_tiles });
                    NewEvent { data, ..event(run.owner_id, "run.step", id, held.id) }
                };
                events::append(tx, &[told]).await?;
                Ok(true)
            })
        })
        .await
}
