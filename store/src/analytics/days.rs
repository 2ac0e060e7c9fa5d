//! Figures by day.

use std::collections::BTreeMap;

use time::Date;

use super::Histogram;
use crate::db::fetch_all;
use crate::jobs::tally::everybody;
use crate::jobs::{JobKind, Outcome};
use crate::text_enum::text_enum;
use crate::{Error, Result, Store, UserId};

/// 1970-01-01 as the calendar counts days.
const EPOCH: i32 = 2_440_588;

/// Which figures.
#[derive(Debug, Clone, Copy)]
pub struct DayQuery {
    /// Of this user; `None` of all users.
    pub user: Option<UserId>,
    /// The first day (UTC).
    pub from: Date,
    /// The last day (UTC).
    pub to: Date,
    /// Only of this kind of job.
    pub kind: Option<JobKind>,
}

impl DayQuery {
    fn bounds(&self) -> (i64, i64) {
        let number = |day: Date| i64::from(day.to_julian_day() - EPOCH);
        // Day -1 is all days together.
        (number(self.from).max(0), number(self.to))
    }
}

fn day_of(number: i64) -> Result<Date> {
    let day = i32::try_from(number).ok().and_then(|day| day.checked_add(EPOCH));
    day.and_then(|day| Date::from_julian_day(day).ok())
        .ok_or(Error::Inconsistent { table: "job_tallies", column: "day" })
}

/// What ended in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What the jobs do.
    pub kind: JobKind,
    /// How they, or attempts at them, ended.
    pub outcome: Outcome,
    /// Why; empty where there is nothing to say.
    pub code: String,
    /// How many.
    pub n: u64,
    /// How long the attempts ran, in microseconds.
    pub run_us: u64,
    /// Time of the processor, in microseconds.
    pub cpu_us: u64,
    /// Bytes of recordings that were read.
    pub n_bytes: u64,
    /// Sound that was analysed, in microseconds.
    pub audio_us: u64,
    /// What the time of the processor cost, in billionths of the unit of its price.
    pub cost_nanos: u64,
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    day: i64,
    kind: String,
    outcome: String,
    code: String,
    n: i64,
    run_us: i64,
    cpu_us: i64,
    n_bytes: i64,
    audio_us: i64,
    cost_nanos: i64,
}

impl TryFrom<TallyRow> for Tally {
    type Error = Error;

    fn try_from(row: TallyRow) -> Result<Self> {
        let inconsistent = |column| Error::Inconsistent { table: "job_tallies", column };
        Ok(Self {
            kind: row.kind.parse().map_err(|_| inconsistent("kind"))?,
            outcome: row.outcome.parse().map_err(|_| inconsistent("outcome"))?,
            code: row.code,
            n: row.n.unsigned_abs(),
            run_us: row.run_us.unsigned_abs(),
            cpu_us: row.cpu_us.unsigned_abs(),
            n_bytes: row.n_bytes.unsigned_abs(),
            audio_us: row.audio_us.unsigned_abs(),
            cost_nanos: row.cost_nanos.unsigned_abs(),
        })
    }
}

/// How jobs and attempts ended, by the day (UTC) that they ended on, kind, outcome and code, in this order.
///
/// # Errors
///
/// When the database fails.
pub async fn throughput(store: &Store, query: DayQuery) -> Result<Vec<(Date, Tally)>> {
    let (from, to) = query.bounds();
    let rows = rows(store, query.user, from, to, query.kind).await?;
    rows.into_iter().map(|(day, tally)| Ok((day_of(day)?, tally))).collect()
}

/// Tallies of the days from number `from` to number `to`, all shards together.
pub(super) async fn rows(
    store: &Store,
    user: Option<UserId>,
    from: i64,
    to: i64,
    kind: Option<JobKind>,
) -> Result<Vec<(i64, Tally)>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        TallyRow,
        "select day, kind, outcome, code, cast(sum(n) as bigint) as n, cast(sum(run_us) as bigint) as run_us,
                cast(sum(cpu_us) as bigint) as cpu_us, cast(sum(n_bytes) as bigint) as n_bytes,
                cast(sum(audio_us) as bigint) as audio_us, cast(sum(cost_nanos) as bigint) as cost_nanos
         from job_tallies
         where owner_id = $1 and day >= $2 and day <= $3 and ($4 is null or kind = $4)
         group by day, kind, outcome, code order by day, kind, outcome, code",
        user.unwrap_or_else(everybody),
        from,
        to,
        kind.map(JobKind::as_str)
    )?;
    rows.into_iter().map(|row| Ok((row.day, Tally::try_from(row)?))).collect()
}

text_enum! {
    /// Which time.
    pub enum Measure {
        /// From when a job was queued to its first start.
        Wait = "wait",
        /// While a worker held it, all attempts together.
        Run = "run",
    }
}

/// How long the jobs that ended on one day took.
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    /// The day (UTC) that they ended on.
    pub day: Date,
    /// What they do.
    pub kind: JobKind,
    /// Which time.
    pub measure: Measure,
    /// Their times.
    pub times: Histogram,
}

#[derive(sqlx::FromRow)]
struct TimesRow {
    day: i64,
    kind: String,
    measure: String,
    bucket: i64,
    n: i64,
    sum_us: i64,
}

/// Times of jobs that ended, by day, kind and measure, in this order.
///
/// # Errors
///
/// When the database fails.
pub async fn latency(store: &Store, query: DayQuery) -> Result<Vec<Latency>> {
    let (from, to) = query.bounds();
    let all = times(store, query.user, from, to, query.kind).await?;
    let latency =
        |((day, kind, measure), times)| Ok(Latency { day: day_of(day)?, kind, measure, times });
    all.into_iter().map(latency).collect()
}

/// Histograms by number of the day, kind and measure.
pub(super) async fn times(
    store: &Store,
    user: Option<UserId>,
    from: i64,
    to: i64,
    kind: Option<JobKind>,
) -> Result<BTreeMap<(i64, JobKind, Measure), Histogram>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        TimesRow,
        "select day, kind, measure, bucket, cast(sum(n) as bigint) as n, cast(sum(sum_us) as bigint) as sum_us
         from job_times
         where owner_id = $1 and day >= $2 and day <= $3 and ($4 is null or kind = $4)
         group by day, kind, measure, bucket",
        user.unwrap_or_else(everybody),
        from,
        to,
        kind.map(JobKind::as_str)
    )?;
    let inconsistent = |column| Error::Inconsistent { table: "job_times", column };
    let mut all: BTreeMap<_, Histogram> = BTreeMap::new();
    for row in rows {
        let kind = row.kind.parse().map_err(|_| inconsistent("kind"))?;
        let measure = row.measure.parse().map_err(|_| inconsistent("measure"))?;
        let bucket = usize::try_from(row.bucket).map_err(|_| inconsistent("bucket"))?;
        let histogram = all.entry((row.day, kind, measure)).or_default();
        histogram.add(bucket, row.n.unsigned_abs(), row.sum_us.unsigned_abs());
    }
    Ok(all)
}
