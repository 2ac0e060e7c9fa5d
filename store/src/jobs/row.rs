//! The row of a job.

use time::OffsetDateTime;

use super::usage::{Meter, Taken, TakenRow};
use crate::clock::us_to_time;
use crate::text_enum::text_enum;
use crate::{Error, JobId, Result, RunId, TraceParent, TrackId, UserId};

text_enum! {
    /// What a job does.
    pub enum JobKind {
        /// Decodes and analyses a track.
        AnalyzeTrack = "analyze_track",
        /// Scores a track against the catalogue.
        MatchTrack = "match_track",
        /// Splits a run into tiles.
        PlanRun = "plan_run",
        /// Scores a tile of a run against the catalogue.
        RescoreTile = "rescore_tile",
        /// Shows what a run has made, or removes it.
        FinishRun = "finish_run",
        /// Scores a profile against those of others.
        MatchProfile = "match_profile",
        /// Fetches a recording from an address.
        ImportTrack = "import_track",
    }
}

text_enum! {
    /// How far a job has come.
    pub enum JobState {
        /// Waits for its time and a worker.
        Queued = "queued",
        /// A worker holds its lease.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Ended for a reason that another try would not change.
        Failed = "failed",
        /// Given up after too many tries.
        Dead = "dead",
        /// Ended on request.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// True if nothing will change it any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// One unit of queued work.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub owner_id: UserId,
    /// What it does.
    pub kind: JobKind,
    /// What it does it to; of an import what came of it, once it has succeeded. The track may have been deleted since.
    pub track_id: Option<TrackId>,
    /// The run that it is a step of.
    pub run_id: Option<RunId>,
    /// Number of the tile that it scores.
    pub tile: Option<i64>,
    /// How far it has come.
    pub state: JobState,
    /// Starts that count: those that were given back do not.
    pub attempts: i64,
    /// Unexplained deaths of the analysis.
    pub crashes: i64,
    /// Leases that ran out.
    pub lost: i64,
    /// Failures of input or output.
    pub retries: i64,
    /// Done, 0 to 1.
    pub progress: f64,
    /// Not before this time.
    pub run_at: OffsetDateTime,
    /// Until when its worker holds it.
    pub lease_until: Option<OffsetDateTime>,
    /// True if somebody asked to end it.
    pub cancel_requested: bool,
    /// Why it ended, or was tried again last: a stable code.
    pub error_code: Option<String>,
    /// The same, for people.
    pub error_detail: Option<String>,
    /// Ties it to the request that made it.
    pub trace_id: Option<String>,
    /// The span that queued it, if traces are made.
    pub trace_parent: Option<TraceParent>,
    /// Who runs it, or ran it last.
    pub worker: Option<String>,
    /// When it was queued.
    pub created_at: OffsetDateTime,
    /// When it was last started.
    pub started_at: Option<OffsetDateTime>,
    /// When it ended.
    pub finished_at: Option<OffsetDateTime>,
    /// What it took so far.
    pub taken: Taken,
}

/// The right to run a job, until it runs out.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The job, as it was when it was claimed.
    pub job: Job,
    /// The number of the lease.
    pub fence: i64,
    /// Where its holder notes what the attempt takes.
    pub meter: Meter,
}

macro_rules! job_columns {
    () => {
        "id, owner_id, kind, track_id, run_id, tile, state, attempts, crashes, lost, retries, fence, progress, run_at_us, \
         lease_until_us, cancel_requested, error_code, error_detail, trace_id, worker, created_at_us, \
         started_at_us, finished_at_us, first_started_at_us, run_us, cpu_us, n_bytes, audio_us, cost_nanos, stages, \
         trace_parent"
    };
}
pub(super) use job_columns;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: JobId,
    owner_id: UserId,
    kind: String,
    track_id: Option<TrackId>,
    run_id: Option<RunId>,
    tile: Option<i64>,
    state: String,
    attempts: i64,
    crashes: i64,
    lost: i64,
    retries: i64,
    fence: i64,
    progress: f64,
    run_at_us: i64,
    lease_until_us: Option<i64>,
    cancel_requested: bool,
    error_code: Option<String>,
    error_detail: Option<String>,
    trace_id: Option<String>,
    worker: Option<String>,
    created_at_us: i64,
    started_at_us: Option<i64>,
    finished_at_us: Option<i64>,
    trace_parent: Option<String>,
    #[sqlx(flatten)]
    taken: TakenRow,
}

impl TryFrom<Row> for Lease {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self { fence: row.fence, job: Job::try_from(row)?, meter: Meter::default() })
    }
}

impl TryFrom<Row> for Job {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let inconsistent = |column| Error::Inconsistent { table: "consort_jobs", column };
        let taken = row.taken.taken().ok_or_else(|| inconsistent("stages"))?;
        Ok(Self {
            id: row.id,
            owner_id: row.owner_id,
            kind: row.kind.parse().map_err(|_| inconsistent("kind"))?,
            track_id: row.track_id,
            run_id: row.run_id,
            tile: row.tile,
            state: row.state.parse().map_err(|_| inconsistent("state"))?,
            attempts: row.attempts,
            crashes: row.crashes,
            lost: row.lost,
            retries: row.retries,
            progress: row.progress,
            run_at: us_to_time(row.run_at_us),
            lease_until: row.lease_until_us.map(us_to_time),
            cancel_requested: row.cancel_requested,
            error_code: row.error_code,
            error_detail: row.error_detail,
            trace_id: row.trace_id,
            // Only a guide: a job is none the worse for one that cannot be read.
            trace_parent: row.trace_parent.and_then(|text| text.parse().ok()),
            worker: row.worker,
            created_at: us_to_time(row.created_at_us),
            started_at: row.started_at_us.map(us_to_time),
            finished_at: row.finished_at_us.map(us_to_time),
            taken,
        })
    }
}
