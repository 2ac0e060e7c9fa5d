//! Asking for a run.

use super::row::{Row, Run, RunScope, event, run_columns};
use crate::audit::{self, Action, NewEntry};
use crate::db::{Tx, fetch_one, fetch_optional};
use crate::jobs::{self, JobKind, NewJob};
use crate::{JobId, Result, RunId, Store, UserId, events};

/// A run to be started.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Whose catalogue.
    pub owner_id: UserId,
    /// Which tracks.
    pub scope: RunScope,
    /// Only for this purpose.
    pub purpose: Option<String>,
    /// Analyse recordings again whose report is older than the analysis.
    pub reanalyze: bool,
    /// Show nothing in the end but the difference.
    pub dry_run: bool,
    /// Ties it to the request.
    pub trace_id: Option<String>,
}

/// What became of the wish for a run.
#[derive(Debug, Clone)]
pub struct Started {
    /// The run: a new one, or that which is under way.
    pub run: Run,
    /// True if it was under way already.
    pub existed: bool,
}

/// Starts a run. While one of the same owner is under way, that is the answer: two would do the same work.
///
/// # Errors
///
/// When the database fails.
pub async fn start(store: &Store, new: NewRun) -> Result<Started> {
    let (id, job_id): (RunId, JobId) = (store.new_id(), store.new_id());
    store.write(move |tx| Box::pin(insert(tx, new, id, job_id))).await
}

async fn insert(tx: &mut Tx, new: NewRun, id: RunId, job_id: JobId) -> Result<Started> {
    let now = tx.now_us();
    // One that is under way may end before it is read; then the wish is new after all.
    loop {
        let row = fetch_optional!(
            tx,
            Row,
            concat!(
                "insert into runs (id, owner_id, state, scope, purpose, reanalyze, dry_run, generation, seq, n_tracks, n_stale,
                                   n_analyses, n_tiles, n_tiles_done, n_lists_written, n_matches_written, trace_id, created_at_us)
                 values ($1, $2, 'queued', $3, $4, $5, $6, 0, 0, 0, 0, 0, 0, 0, 0, 0, $7, $8)
                 on conflict do nothing returning ",
                run_columns!()
            ),
            id,
            new.owner_id,
            new.scope.as_str(),
            &new.purpose,
            new.reanalyze,
            new.dry_run,
            &new.trace_id,
            now
        )?;
        if let Some(row) = row {
            let job = NewJob::of_run(job_id, new.owner_id, JobKind::PlanRun, id, 0);
            jobs::insert(tx, job.traced(new.trace_id)).await?;
            events::append(tx, &[event(new.owner_id, "run.started", id, job_id)]).await?;
            audit::append(tx, NewEntry::about(Action::RunStarted, id)).await?;
            return Ok(Started { run: row.try_into()?, existed: false });
        }
        let row = fetch_optional!(
            tx,
            Row,
            concat!(
                "select ",
                run_columns!(),
                " from runs where owner_id = $1 and finished_at_us is null"
            ),
            new.owner_id
        )?;
        if let Some(row) = row {
            return Ok(Started { run: row.try_into()?, existed: true });
        }
    }
}

/// The run, locked against others who would change it.
pub(super) async fn locked(tx: &mut Tx, id: RunId) -> Result<Run> {
    fetch_one!(
        tx,
        Row,
        concat!("update runs set generation = generation where id = $1 returning ", run_columns!()),
        id
    )?
    .try_into()
}
