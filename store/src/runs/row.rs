//! The row of a run.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::events::NewEvent;
use crate::jobs::{Taken, TakenRow};
use crate::text_enum::text_enum;
use crate::{Error, JobId, Result, RunId, UserId};

text_enum! {
    /// How far a run has come.
    pub enum RunState {
        /// Waits for a worker.
        Queued = "queued",
        /// Recordings are analysed again first.
        Analyzing = "analyzing",
        /// Its tiles are scored.
        Scoring = "scoring",
        /// All tiles are scored; what has changed meanwhile is taken in.
        Switching = "switching",
        /// What it has staged is removed.
        Cancelling = "cancelling",
        /// Its results are what is seen (those of a dry run are gone).
        Succeeded = "succeeded",
        /// A step could not be done; nothing of it was ever seen.
        Failed = "failed",
        /// Ended on request; nothing of it was ever seen.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Which tracks a run scores.
    pub enum RunScope {
        /// All.
        All = "all",
        /// Those whose lists are missing, incomplete, or of other versions.
        Changed = "changed",
    }
}

impl RunState {
    /// True if nothing will change it any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// One batch re-scoring.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Whose catalogue it scores.
    pub owner_id: UserId,
    /// How far it has come.
    pub state: RunState,
    /// Which tracks it scores.
    pub scope: RunScope,
    /// Only for this purpose.
    pub purpose: Option<String>,
    /// Recordings with a report of an older analysis are analysed again first.
    pub reanalyze: bool,
    /// Nothing is shown in the end but the difference.
    pub dry_run: bool,
    /// What it writes is of this generation; 0 until it is planned.
    pub generation: i64,
    /// Number of the last event that its tiles know of.
    pub seq: i64,
    /// Tracks of the catalogue.
    pub n_tracks: i64,
    /// Tracks that are not compared, because their descriptor is of another version.
    pub n_stale: i64,
    /// Recordings that are analysed again.
    pub n_analyses: i64,
    /// Tiles.
    pub n_tiles: i64,
    /// Tiles that are scored.
    pub n_tiles_done: i64,
    /// Rows that lists took.
    pub n_lists_written: i64,
    /// Rows that matches took.
    pub n_matches_written: i64,
    /// What it changed, by purpose.
    pub diff: Option<Value>,
    /// Starts of its steps that have ended, as those count them.
    pub attempts: i64,
    /// What attempts at its steps took, and at analyses that it asked for.
    pub taken: Taken,
    /// Why it failed: a stable code.
    pub error_code: Option<String>,
    /// The same, for people.
    pub error_detail: Option<String>,
    /// Ties it to the request that made it.
    pub trace_id: Option<String>,
    /// When it was asked for.
    pub created_at: OffsetDateTime,
    /// When the first tile could be scored.
    pub scoring_at: Option<OffsetDateTime>,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
}

macro_rules! run_columns {
    () => {
        "id, owner_id, state, scope, purpose, reanalyze, dry_run, generation, seq, n_tracks, n_stale, n_analyses, n_tiles, \
         n_tiles_done, n_lists_written, n_matches_written, diff, error_code, error_detail, trace_id, created_at_us, \
         scoring_at_us, finished_at_us, attempts, first_started_at_us, run_us, cpu_us, n_bytes, audio_us, cost_nanos, stages"
    };
}
pub(super) use run_columns;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: RunId,
    owner_id: UserId,
    state: String,
    scope: String,
    purpose: Option<String>,
    reanalyze: bool,
    dry_run: bool,
    generation: i64,
    seq: i64,
    n_tracks: i64,
    n_stale: i64,
    n_analyses: i64,
    n_tiles: i64,
    n_tiles_done: i64,
    n_lists_written: i64,
    n_matches_written: i64,
    diff: Option<String>,
    error_code: Option<String>,
    error_detail: Option<String>,
    trace_id: Option<String>,
    created_at_us: i64,
    scoring_at_us: Option<i64>,
    finished_at_us: Option<i64>,
    attempts: i64,
    #[sqlx(flatten)]
    taken: TakenRow,
}

impl TryFrom<Row> for Run {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let inconsistent = |column| Error::Inconsistent { table: "runs", column };
        let diff = row.diff.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: row.id,
            owner_id: row.owner_id,
            state: row.state.parse().map_err(|_| inconsistent("state"))?,
            scope: row.scope.parse().map_err(|_| inconsistent("scope"))?,
            purpose: row.purpose,
            reanalyze: row.reanalyze,
            dry_run: row.dry_run,
            generation: row.generation,
            seq: row.seq,
            n_tracks: row.n_tracks,
            n_stale: row.n_stale,
            n_analyses: row.n_analyses,
            n_tiles: row.n_tiles,
            n_tiles_done: row.n_tiles_done,
            n_lists_written: row.n_lists_written,
            n_matches_written: row.n_matches_written,
            diff: diff.map_err(|_| inconsistent("diff"))?,
            attempts: row.attempts,
            taken: row.taken.taken().ok_or_else(|| inconsistent("stages"))?,
            error_code: row.error_code,
            error_detail: row.error_detail,
            trace_id: row.trace_id,
            created_at: us_to_time(row.created_at_us),
            scoring_at: row.scoring_at_us.map(us_to_time),
            finished_at: row.finished_at_us.map(us_to_time),
        })
    }
}

/// An event about a run, and about the job of it that begins or ends with it.
pub(super) fn event(owner_id: UserId, kind: &'static str, id: RunId, job: JobId) -> NewEvent {
    NewEvent { owner_id, kind, track_id: None, job_id: Some(job), data: json!({ "run_id": id }) }
}
