//! The end of a run: its generation is shown, or removed.

use serde_json::Value;

use super::plan::Versions;
use super::row::{RunState, event};
use super::start::locked;
use crate::db::{Lock, execute, fetch_one};
use crate::jobs::{Held, is_held};
use crate::{Lease, Result, Run, Store, events, jobs};

/// What became of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switched {
    /// The run's generation is what is seen.
    Done,
    /// Something was matched since: take it in and try again.
    Behind,
    /// The lease is lost, or the run was cancelled.
    Lost,
}

/// Shows the generation of a run, if it has taken in all that was matched up to now; `seq` is the number of the last event that it knows of.
/// The job goes on: it still has to remove what nobody sees any more.
///
/// # Errors
///
/// When the database fails; nothing is shown then.
pub async fn switch(
    store: &Store,
    lease: &Lease,
    run: &Run,
    seq: i64,
    versions: Versions,
    diff: Value,
) -> Result<Switched> {
    let (job_id, fence, id) = (lease.job.id, lease.fence, run.id);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !is_held(tx, job_id, fence).await? {
                    return Ok(Switched::Lost);
                }
                // Whoever changes lists has finished, and its event is seen, or comes after the switch.
                tx.lock(Lock::Matches).await?;
                let run = locked(tx, id).await?;
                if run.state != RunState::Switching {
                    return Ok(Switched::Lost);
                }
                let (n_behind,) = fetch_one!(
                    tx,
                    (i64,),
                    "select count(*) from events where owner_id = $1 and seq > $2 and kind = 'track.matched'",
                    run.owner_id,
                    seq
                )?;
                if n_behind > 0 {
                    return Ok(Switched::Behind);
                }
                // A run for one purpose says nothing of the others: what is unchanged is then as unknown as before.
                let is_whole = run.purpose.is_none();
                let number = |version: u32| if is_whole { i64::from(version) } else { 0 };
                execute!(
                    tx,
                    "insert into match_generations (owner_id, visible, seq, descriptor_version, weights_version, n_heads, least_score)
                     values ($1, $2, $3, $4, $5, $6, $8)
                     on conflict (owner_id) do update
                     set visible = excluded.visible,
                         seq = case when $7 then excluded.seq else match_generations.seq end,
                         descriptor_version = case when $7 then excluded.descriptor_version
                                                   else match_generations.descriptor_version end,
                         weights_version = case when $7 then excluded.weights_version
                                                else match_generations.weights_version end,
                         n_heads = case when $7 then excluded.n_heads else match_generations.n_heads end,
                         least_score = case when $7 then excluded.least_score else match_generations.least_score end",
                    run.owner_id,
                    run.generation,
                    // What came between is deleted, and noted in the lists, or will be matched, and be an event.
                    seq,
                    number(versions.descriptor),
                    number(versions.weights),
                    number(versions.n_heads),
                    is_whole,
                    versions.least_score
                )?;
                let now = tx.now_us();
                execute!(
                    tx,
                    "update runs set state = 'succeeded', finished_at_us = $1, diff = $2 where id = $3",
                    now,
                    diff.to_string(),
                    id
                )?;
                events::append(tx, &[event(run.owner_id, "run.succeeded", id, job_id)]).await?;
                Ok(Switched::Done)
            })
        })
        .await
}

/// Keeps the difference that a dry run has found; what it has staged is to be removed then. False if the lease is lost, or the run was cancelled.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn keep_difference(store: &Store, lease: &Lease, run: &Run, diff: Value) -> Result<bool> {
    let (job_id, fence, id) = (lease.job.id, lease.fence, run.id);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !is_held(tx, job_id, fence).await? {
                    return Ok(false);
                }
                // Before anything is removed: who comes after a lost worker could not find it again.
                let n_rows = execute!(
                    tx,
                    "update runs set state = 'cancelling', diff = $1 where id = $2 and state = 'switching' and dry_run",
                    diff.to_string(),
                    id
                )?;
                Ok(n_rows == 1)
            })
        })
        .await
}

/// Ends a run whose staged rows are gone: as cancelled, as failed, or, a dry run with its difference, as succeeded. False if the lease is lost.
///
/// # Errors
///
/// When the database fails; nothing is written then.
pub async fn discarded(store: &Store, lease: &Lease, run: &Run) -> Result<bool> {
    let (held, id) = (Held::from(lease), run.id);
    store
        .write(move |tx| {
            Box::pin(async move {
                if !jobs::succeed(tx, &held).await? {
                    return Ok(false);
                }
                let run = locked(tx, id).await?;
                if run.state != RunState::Cancelling {
                    // It ended otherwise in between.
                    events::append(tx, &[held.succeeded()]).await?;
                    return Ok(true);
                }
                let state = match (&run.error_code, &run.diff) {
                    (_, Some(_)) => RunState::Succeeded,
                    (Some(_), None) => RunState::Failed,
                    (None, None) => RunState::Cancelled,
                };
                let now = tx.now_us();
                execute!(
                    tx,
                    "update runs set state = $1, finished_at_us = $2 where id = $3",
                    state.as_str(),
                    now,
                    id
                )?;
                let kind = match state {
                    RunState::Succeeded => "run.succeeded",
                    RunState::Failed => "run.failed",
                    _ => "run.cancelled",
                };
                events::append(tx, &[event(run.owner_id, kind, id, held.id)]).await?;
                Ok(true)
            })
        })
        .await
}
