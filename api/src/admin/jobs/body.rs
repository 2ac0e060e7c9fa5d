//! A job of somebody as JSON.

use serde::Serialize;
use store::UserId;
use store::jobs::{Job, Round};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::failure::FailureBody;
use crate::jobs::{JobBody, StateBody};

/// A job, and whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobOfUser)]
pub(crate) struct JobOfUserBody {
    /// The job.
    job: JobBody,
    /// Whose it is.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    user_id: UserId,
    /// The process that runs it, or ran it last.
    #[schema(example = "host-7-0198f2c1a5d37d0e9d3c4b6a7f801122")]
    worker: Option<String>,
    /// Until when that holds it.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    lease_until: Option<OffsetDateTime>,
}

impl From<Job> for JobOfUserBody {
    fn from(job: Job) -> Self {
        Self {
            user_id: job.owner_id,
            worker: job.worker.clone(),
            lease_until: job.lease_until,
            job: job.into(),
        }
    }
}

/// What a job had counted when it was queued again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobRound)]
pub(crate) struct RoundBody {
    /// How it had ended: `failed` or `dead`.
    state: StateBody,
    /// Starts that counted.
    attempts: i64,
    /// Unexplained deaths of the analysis.
    crashes: i64,
    /// Leases that ran out because the worker died or hung.
    lost: i64,
    /// Failures of database or object storage.
    retries: i64,
    /// Why it had ended.
    error: Option<FailureBody>,
    /// When it was last started.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    finished_at: OffsetDateTime,
    /// When it was queued again.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    retried_at: OffsetDateTime,
}

impl From<Round> for RoundBody {
    fn from(round: Round) -> Self {
        Self {
            state: round.state.into(),
            attempts: round.attempts,
            crashes: round.crashes,
            lost: round.lost,
            retries: round.retries,
            error: FailureBody::new(round.error_code, round.error_detail),
            started_at: round.started_at,
            finished_at: round.finished_at,
            retried_at: round.retried_at,
        }
    }
}
