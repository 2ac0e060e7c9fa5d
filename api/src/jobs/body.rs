//! A job as JSON.

use serde::{Deserialize, Serialize};
use store::jobs::{Job, JobKind, JobState};
use store::{JobId, RunId, TrackId};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::usage::UsageBody;
use crate::failure::FailureBody;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobKind)]
pub(crate) enum KindBody {
    /// Decodes and analyses a track.
    AnalyzeTrack,
    /// Scores a track against all others.
    MatchTrack,
    /// Splits a run into tiles.
    PlanRun,
    /// Scores a tile of a run against all tracks.
    RescoreTile,
    /// Shows what a run has made, or removes it.
    FinishRun,
    /// Scores a profile against those of others.
    MatchProfile,
    /// Fetches a recording from an address.
    ImportTrack,
}

impl From<JobKind> for KindBody {
    fn from(kind: JobKind) -> Self {
        match kind {
            JobKind::AnalyzeTrack => Self::AnalyzeTrack,
            JobKind::MatchTrack => Self::MatchTrack,
            JobKind::PlanRun => Self::PlanRun,
            JobKind::RescoreTile => Self::RescoreTile,
            JobKind::FinishRun => Self::FinishRun,
            JobKind::MatchProfile => Self::MatchProfile,
            JobKind::ImportTrack => Self::ImportTrack,
        }
    }
}

impl From<KindBody> for JobKind {
    fn from(kind: KindBody) -> Self {
        match kind {
            KindBody::AnalyzeTrack => Self::AnalyzeTrack,
            KindBody::MatchTrack => Self::MatchTrack,
            KindBody::PlanRun => Self::PlanRun,
            KindBody::RescoreTile => Self::RescoreTile,
            KindBody::FinishRun => Self::FinishRun,
            KindBody::MatchProfile => Self::MatchProfile,
            KindBody::ImportTrack => Self::ImportTrack,
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobState)]
pub(crate) enum StateBody {
    /// Waits for its time and a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Done.
    Succeeded,
    /// Ended for a reason that another try would not change.
    Failed,
    /// Given up after too many tries.
    Dead,
    /// Ended on request.
    Cancelled,
}

impl From<JobState> for StateBody {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued => Self::Queued,
            JobState::Running => Self::Running,
            JobState::Succeeded => Self::Succeeded,
            JobState::Failed => Self::Failed,
            JobState::Dead => Self::Dead,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<StateBody> for JobState {
    fn from(state: StateBody) -> Self {
        match state {
            StateBody::Queued => Self::Queued,
            StateBody::Running => Self::Running,
            StateBody::Succeeded => Self::Succeeded,
            StateBody::Failed => Self::Failed,
            StateBody::Dead => Self::Dead,
            StateBody::Cancelled => Self::Cancelled,
        }
    }
}

/// One unit of queued work.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub(crate) struct JobBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22, example = "000Xh3fYk0m1x9bG4cT7aQ")]
    id: JobId,
    /// What it does.
    kind: KindBody,
    /// The track that it is about; of an import what came of it, once it has succeeded.
    #[schema(value_type = Option<String>, example = "000Xh3fYk0lqkD1vW8tB2m")]
    track_id: Option<TrackId>,
    /// The run that it is a step of.
    #[schema(value_type = Option<String>)]
    run_id: Option<RunId>,
    /// How far it is.
    state: StateBody,
    /// Done, 0 to 1.
    #[schema(minimum = 0, maximum = 1, example = 0.4)]
    progress: f64,
    /// Starts that count: those that were given back do not.
    attempts: i64,
    /// Unexplained deaths of the analysis.
    crashes: i64,
    /// Leases that ran out because the worker died or hung.
    lost: i64,
    /// Failures of database or object storage.
    retries: i64,
    /// Somebody asked to end it.
    cancel_requested: bool,
    /// Why it ended, or was tried again last.
    error: Option<FailureBody>,
    /// Ties it to the request that made it.
    trace_id: Option<String>,
    /// Not before this time.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    run_at: OffsetDateTime,
    /// When it was queued.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When it was last started.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<OffsetDateTime>,
    /// What it has taken.
    usage: UsageBody,
}

impl From<Job> for JobBody {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            kind: job.kind.into(),
            track_id: job.track_id,
            run_id: job.run_id,
            state: job.state.into(),
            progress: job.progress,
            attempts: job.attempts,
            crashes: job.crashes,
            lost: job.lost,
            retries: job.retries,
            cancel_requested: job.cancel_requested,
            error: FailureBody::new(job.error_code, job.error_detail),
            trace_id: job.trace_id,
            run_at: job.run_at,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            usage: job.taken.into(),
        }
    }
}
