//! A run as JSON.

use serde::{Deserialize, Serialize};
use store::runs::{Run, RunScope, RunState};
use store::{RunId, Store};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::failure::FailureBody;
use crate::jobs::UsageBody;
use crate::purpose::PurposeBody;

/// Which tracks a run scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunScope)]
pub(super) enum ScopeBody {
    /// All.
    #[default]
    All,
    /// Those whose lists are missing, incomplete, or of other versions of descriptors or weights.
    Changed,
}

impl From<RunScope> for ScopeBody {
    fn from(scope: RunScope) -> Self {
        match scope {
            RunScope::All => Self::All,
            RunScope::Changed => Self::Changed,
        }
    }
}

impl From<ScopeBody> for RunScope {
    fn from(scope: ScopeBody) -> Self {
        match scope {
            ScopeBody::All => Self::All,
            ScopeBody::Changed => Self::Changed,
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RunState)]
enum StateBody {
    /// Waits for a worker.
    Queued,
    /// Recordings are analysed again first.
    Analyzing,
    /// Tiles are scored.
    Scoring,
    /// All tiles are scored; what has changed meanwhile is taken in.
    Switching,
    /// What it has staged is removed.
    Cancelling,
    /// Its results are what is seen; of a dry run only the difference.
    Succeeded,
    /// A step could not be done; nothing of it was ever seen.
    Failed,
    /// Ended on request; nothing of it was ever seen.
    Cancelled,
}

impl From<RunState> for StateBody {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Queued => Self::Queued,
            RunState::Analyzing => Self::Analyzing,
            RunState::Scoring => Self::Scoring,
            RunState::Switching => Self::Switching,
            RunState::Cancelling => Self::Cancelling,
            RunState::Succeeded => Self::Succeeded,
            RunState::Failed => Self::Failed,
            RunState::Cancelled => Self::Cancelled,
        }
    }
}

/// What a run changes for one purpose. A pair counts once, whichever of its two lists names it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunDifference)]
pub(super) struct DifferenceBody {
    /// What for.
    purpose: PurposeBody,
    /// Matches that were none before.
    n_gained: u64,
    /// Matches that are none any more.
    n_lost: u64,
    /// Matches before and after.
    n_shared: u64,
    /// Those of them whose score changed by more than 0.01.
    n_moved: u64,
    /// Spearman's rank correlation of the scores of `n_shared`, −1 to 1; `null` for fewer than two, or when all are equal.
    rank_correlation: Option<f64>,
}

/// One batch re-scoring.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
pub(crate) struct RunBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: RunId,
    /// How far it is.
    state: StateBody,
    /// Which tracks it scores.
    scope: ScopeBody,
    /// The only purpose that it scores; `null` for all.
    purpose: Option<PurposeBody>,
    /// Recordings whose report is of an older analysis are analysed again first.
    reanalyze: bool,
    /// Nothing is kept in the end but the difference.
    dry_run: bool,
    /// Share of the tiles that are scored, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    progress: f64,
    /// Seconds until the last tile is scored, by the pace up to now; `null` while there is none.
    eta_s: Option<f64>,
    /// Tracks of the catalogue; 0 until the run is planned, like all that follow.
    n_tracks: i64,
    /// Tracks whose descriptor is of another version: they are compared with nothing.
    n_stale: i64,
    /// Recordings that are analysed again.
    n_analyses: i64,
    /// Parts that workers score; 0 when nothing has changed since the last run.
    n_tiles: i64,
    /// Parts that are scored.
    n_tiles_done: i64,
    /// Lists of best matches that were written because they changed.
    n_lists_written: i64,
    /// Matches that were written because they changed.
    n_matches_written: i64,
    /// What it changes, by purpose; `null` until it has succeeded.
    diff: Option<Vec<DifferenceBody>>,
    /// Why it failed.
    error: Option<FailureBody>,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<OffsetDateTime>,
    /// Starts of its jobs that have ended: those that were given back do not count.
    attempts: i64,
    /// What its jobs have taken together, analyses that it asked for included.
    usage: UsageBody,
}

impl RunBody {
    pub(super) fn new(run: Run, store: &Store) -> Self {
        let (progress, eta_s) = pace(&run, store.now());
        let diff = run.diff.as_ref().and_then(serde_json::Value::as_array);
        Self {
            id: run.id,
            state: run.state.into(),
            scope: run.scope.into(),
            purpose: run.purpose.as_deref().and_then(purpose),
            reanalyze: run.reanalyze,
            dry_run: run.dry_run,
            progress,
            eta_s,
            n_tracks: run.n_tracks,
            n_stale: run.n_stale,
            n_analyses: run.n_analyses,
            n_tiles: run.n_tiles,
            n_tiles_done: run.n_tiles_done,
            n_lists_written: run.n_lists_written,
            n_matches_written: run.n_matches_written,
            diff: diff.map(|diff| diff.iter().filter_map(difference).collect()),
            error: FailureBody::new(run.error_code, run.error_detail),
            created_at: run.created_at,
            finished_at: run.finished_at,
            attempts: run.attempts,
            usage: run.taken.into(),
        }
    }
}

fn purpose(name: &str) -> Option<PurposeBody> {
    serde_json::from_value(name.into()).ok()
}

fn difference(value: &serde_json::Value) -> Option<DifferenceBody> {
    let count = |name: &str| value[name].as_u64();
    Some(DifferenceBody {
        purpose: purpose(value["purpose"].as_str()?)?,
        n_gained: count("n_gained")?,
        n_lost: count("n_lost")?,
        n_shared: count("n_shared")?,
        n_moved: count("n_moved")?,
        rank_correlation: value["rank_correlation"].as_f64(),
    })
}

/// Share that is done, and seconds that are left.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 tiles")]
fn pace(run: &Run, now: OffsetDateTime) -> (f64, Option<f64>) {
    let (done, all) = (run.n_tiles_done as f64, run.n_tiles as f64);
    if run.state == RunState::Succeeded {
        return (1.0, None);
    }
    if all < 1.0 {
        return (0.0, None);
    }
    let elapsed = run.scoring_at.map(|begin| (now - begin).as_seconds_f64());
    let eta_s = elapsed
        .filter(|_| done > 0.0 && run.state == RunState::Scoring)
        .map(|elapsed| (elapsed / done * (all - done)).max(0.0));
    (done / all, eta_s)
}
