//! Counting how jobs end, in the transaction that ends them.
//!
//! Whoever ends a job, or an attempt at it, notes that in the transaction ([`Tx::note`]). Just before the events are appended, or else before the commit,
//! [`write()`] puts what the attempt took onto the rows of the job and of its run and adds it to the rows that figures are read from. So late, because many
//! transactions add to the same rows and wait for each other there; and in one order, so that no two wait for each other for ever.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::codes::counted;
use super::row::JobKind;
use super::usage::{Stage, StageTime, Usage};
use crate::analytics::bucket;
use crate::clock::duration_to_us;
use crate::db::{Connection, Tx, execute};
use crate::text_enum::text_enum;
use crate::{Error, JobId, Result, RunId, UserId, runs};

/// Rows of all users together are split in so many: each ending writes to one of them.
const N_SHARDS: u128 = 4;

/// All days together.
pub(crate) const EVER: i64 = -1;

/// All users together: an id that nobody has, and the last in order, because those rows are the ones that others wait for.
pub(crate) fn everybody() -> UserId {
    UserId::from_u128(u128::MAX)
}

const DAY_US: i64 = 86_400_000_000;

/// Rows of one statement: far fewer placeholders than either database allows.
const N_ROWS: usize = 100;

text_enum! {
    /// How a job, or an attempt at it, ended.
    pub enum Outcome {
        /// Done.
        Succeeded = "succeeded",
        /// Ended for a reason that another try would not change.
        Failed = "failed",
        /// Given up after too many tries.
        Dead = "dead",
        /// Ended on request.
        Cancelled = "cancelled",
        /// An attempt ended, and another follows.
        Retried = "retried",
        /// A worker that stops gave the job back.
        Released = "released",
    }
}

impl Outcome {
    /// True if the job has ended with the attempt.
    pub(crate) fn is_final(self) -> bool {
        !matches!(self, Self::Retried | Self::Released)
    }
}

/// Columns that a statement gives back, for [`Times`]: `times_columns!()` of one that ends an attempt, where `$1` is the time, and
/// `times_columns!(waiting)` of one that ends a job without knowing of an attempt.
macro_rules! times_columns {
    () => {
        "run_id, attempts, created_at_us, first_started_at_us, run_us, $1 - started_at_us as attempt_us"
    };
    (waiting) => {
        "run_id, attempts, created_at_us, first_started_at_us, run_us, cast(0 as bigint) as attempt_us"
    };
}
pub(crate) use times_columns;

/// For which run a job is, how often it was started, when it was queued and first started, how long it ran, and how long the attempt that ended.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Times {
    pub(crate) run_id: Option<RunId>,
    pub(crate) attempts: i64,
    pub(crate) created_at_us: i64,
    pub(crate) first_started_at_us: Option<i64>,
    pub(crate) run_us: i64,
    pub(crate) attempt_us: i64,
}

/// A job, or an attempt at it, that ended.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) job_id: JobId,
    pub(crate) owner_id: UserId,
    pub(crate) kind: JobKind,
    pub(crate) outcome: Outcome,
    pub(crate) code: &'static str,
    /// `None` if no worker reported: the job was ended by somebody else.
    pub(crate) usage: Option<Usage>,
    pub(crate) times: Times,
}

impl Ended {
    /// An end with a code, or with an empty one.
    pub(crate) fn code(outcome: Outcome, code: Option<&str>) -> &'static str {
        match (outcome, code) {
            (Outcome::Succeeded | Outcome::Cancelled | Outcome::Released, _) | (_, None) => "",
            (_, Some(code)) => counted(code),
        }
    }
}

/// A job that was taken away from whoever had it.
#[derive(sqlx::FromRow)]
pub(crate) struct Withdrawn {
    id: JobId,
    kind: String,
    #[sqlx(flatten)]
    times: Times,
}

impl Withdrawn {
    /// Notes that it ended; its id.
    pub(crate) fn note(self, tx: &mut Tx, owner_id: UserId) -> Result<JobId> {
        let kind = self.kind.parse();
        let kind =
            kind.map_err(|_| Error::Inconsistent { table: "consort_jobs", column: "kind" })?;
        let (job_id, outcome, times) = (self.id, Outcome::Cancelled, self.times);
        tx.note(Ended { job_id, owner_id, kind, outcome, code: "", usage: None, times });
        Ok(job_id)
    }
}

/// Key of a row, and the order in which rows are locked.
type TallyKey = (u128, i64, &'static str, &'static str, &'static str, i64);
type TimesKey = (u128, i64, &'static str, &'static str, i64, i64);

/// What is added to a row.
#[derive(Default)]
struct Sums {
    n: i64,
    run_us: i64,
    cpu_us: i64,
    n_bytes: i64,
    audio_us: i64,
    cost_nanos: i64,
}

/// Writes down what was noted in this transaction.
pub(crate) async fn write(tx: &mut Tx) -> Result<()> {
    let mut ended = tx.take_noted();
    if ended.is_empty() {
        return Ok(());
    }
    let (now_us, wall_s) = (tx.now_us(), tx.age().as_secs_f64());
    for one in &mut ended {
        if let Some(usage) = &mut one.usage {
            usage.stages.add(Stage::Write, StageTime { wall_s, cpu_s: None });
        }
        write_row(tx, one).await?;
    }
    runs::add_usage(tx, &ended).await?;
    let mut tallies: BTreeMap<TallyKey, Sums> = BTreeMap::new();
    let mut times: BTreeMap<TimesKey, (i64, i64)> = BTreeMap::new();
    for one in &ended {
        for (owner, day, shard) in scopes(one, now_us.div_euclid(DAY_US)) {
            let (kind, outcome) = (one.kind.as_str(), one.outcome.as_str());
            let sums = tallies.entry((owner, day, kind, outcome, one.code, shard)).or_default();
            add(sums, one);
            for (measure, time_us) in measured(one) {
                let bucket = i64::try_from(bucket(time_us)).unwrap_or(i64::MAX);
                let row = times.entry((owner, day, kind, measure, bucket, shard)).or_default();
                row.0 += 1;
                row.1 += time_us;
            }
        }
    }
    let tallies: Vec<_> = tallies.into_iter().collect();
    for rows in tallies.chunks(N_ROWS) {
        write_tallies(tx, rows).await?;
    }
    let times: Vec<_> = times.into_iter().collect();
    for rows in times.chunks(N_ROWS) {
        write_times(tx, rows).await?;
    }
    Ok(())
}

/// The rows that an ending counts in: owner, day and shard.
fn scopes(ended: &Ended, day: i64) -> [(u128, i64, i64); 3] {
    let (owner, all) = (ended.owner_id.as_u128(), everybody().as_u128());
    let shard = i64::try_from(ended.job_id.as_u128() % N_SHARDS).unwrap_or(0);
    [(owner, day, 0), (all, day, shard), (all, EVER, shard)]
}

fn add(sums: &mut Sums, ended: &Ended) {
    let usage = ended.usage.unwrap_or_default();
    sums.n += 1;
    sums.run_us += ended.times.attempt_us.max(0);
    sums.cpu_us += duration_to_us(usage.cpu);
    sums.n_bytes += whole(usage.n_bytes);
    sums.audio_us += usage.audio.map_or(0, duration_to_us);
    sums.cost_nanos += whole(usage.cost_nanos.unwrap_or(0));
}

/// The times of a job that has ended, if it was ever started.
fn measured(ended: &Ended) -> impl Iterator<Item = (&'static str, i64)> {
    let times = ended.times;
    let started = times.first_started_at_us.filter(|_| ended.outcome.is_final());
    // Clocks of several hosts, or one that is set back.
    let wait = started.map(|started| ("wait", (started - times.created_at_us).max(0)));
    let run = started.map(|_| ("run", times.run_us.max(0)));
    [wait, run].into_iter().flatten()
}

/// Adds what the attempt took to the job's row.
async fn write_row(tx: &mut Tx, ended: &Ended) -> Result<()> {
    let Some(usage) = ended.usage else { return Ok(()) };
    let stages = serde_json::to_string(&usage.stages.by_name())?;
    execute!(
        tx,
        "update consort_jobs
         set cpu_us = cpu_us + $1, n_bytes = n_bytes + $2, stages = $3,
             audio_us = case when $4 then coalesce(audio_us, 0) + $5 else audio_us end,
             cost_nanos = case when $6 then coalesce(cost_nanos, 0) + $7 else cost_nanos end
         where id = $8",
        duration_to_us(usage.cpu),
        whole(usage.n_bytes),
        &stages,
        usage.audio.is_some(),
        usage.audio.map_or(0, duration_to_us),
        usage.cost_nanos.is_some(),
        whole(usage.cost_nanos.unwrap_or(0)),
        ended.job_id
    )?;
    Ok(())
}

pub(crate) fn whole(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// `($1,…,$n),($n+1,…)`: placeholders of so many rows.
fn placeholders(n_rows: usize, n_columns: usize) -> String {
    let row = |row: usize| {
        let all: Vec<String> =
            (1..=n_columns).map(|column| format!("${}", row * n_columns + column)).collect();
        format!("({})", all.join(","))
    };
    (0..n_rows).map(row).collect::<Vec<_>>().join(",")
}

/// Runs a statement with the values of some rows on either database.
macro_rules! execute_rows {
    ($tx:expr, $sql:expr, $rows:expr, |$row:pat_param| [$($value:expr),+ $(,)?]) => {
        match $tx.connection() {
            Connection::Sqlite(connection) => {
                let mut query = sqlx::query(AssertSqlSafe($sql));
                for $row in $rows { query = query$(.bind($value))+; }
                query.execute(connection).await?;
            }
            Connection::Postgres(connection) => {
                let mut query = sqlx::query(AssertSqlSafe($sql));
                for $row in $rows { query = query$(.bind($value))+; }
                query.execute(connection).await?;
            }
        }
    };
}

async fn write_tallies(tx: &mut Tx, rows: &[(TallyKey, Sums)]) -> Result<()> {
    let sql = format!(
        "insert into job_tallies
             (owner_id, day, kind, outcome, code, shard, n, run_us, cpu_us, n_bytes, audio_us, cost_nanos)
         values {}
         on conflict (owner_id, day, kind, outcome, code, shard) do update
         set n = job_tallies.n + excluded.n, run_us = job_tallies.run_us + excluded.run_us,
             cpu_us = job_tallies.cpu_us + excluded.cpu_us, n_bytes = job_tallies.n_bytes + excluded.n_bytes,
             audio_us = job_tallies.audio_us + excluded.audio_us,
             cost_nanos = job_tallies.cost_nanos + excluded.cost_nanos",
        placeholders(rows.len(), 12)
    );
    execute_rows!(tx, sql, rows, |((owner, day, kind, outcome, code, shard), sums)| [
        UserId::from_u128(*owner),
        *day,
        *kind,
        *outcome,
        *code,
        *shard,
        sums.n,
        sums.run_us,
        sums.cpu_us,
        sums.n_bytes,
        sums.audio_us,
        sums.cost_nanos,
    ]);
    Ok(())
}

async fn write_times(tx: &mut Tx, rows: &[(TimesKey, (i64, i64))]) -> Result<()> {
    let sql = format!(
        "insert into job_times (owner_id, day, kind, measure, bucket, shard, n, sum_us)
         values {}
         on conflict (owner_id, day, kind, measure, bucket, shard) do update
         set n = job_times.n + excluded.n, sum_us = job_times.sum_us + excluded.sum_us",
        placeholders(rows.len(), 8)
    );
    execute_rows!(tx, sql, rows, |((owner, day, kind, measure, bucket, shard), (n, sum_us))| [
        UserId::from_u128(*owner),
        *day,
        *kind,
        *measure,
        *bucket,
        *shard,
        *n,
        *sum_us,
    ]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_placeholders_row_by_row() {
        assert_eq!(placeholders(2, 3), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(placeholders(1, 1), "($1)");
    }
}
