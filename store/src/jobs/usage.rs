//! What an attempt at a job takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

text_enum! {
    /// A part of the work on a job.
    pub enum Stage {
        /// The bytes from the blob store.
        Fetch = "fetch",
        /// Bytes to samples.
        Decode = "decode",
        /// Samples to numbers.
        Analysis = "analysis",
        /// Models that the operator brings.
        Models = "models",
        /// Scores.
        Matching = "matching",
        /// The result into the database.
        Write = "write",
    }
}

/// What a stage took.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StageTime {
    /// On the clock, in seconds.
    pub wall_s: f64,
    /// Of the processor, in seconds; `None` where that is not counted.
    pub cpu_s: Option<f64>,
}

/// The stages that an attempt has been through.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stages([Option<StageTime>; Stage::ALL.len()]);

impl Stages {
    /// Adds to a stage.
    pub fn add(&mut self, stage: Stage, more: StageTime) {
        let time = self.0[stage as usize].get_or_insert_default();
        time.wall_s += more.wall_s;
        time.cpu_s = match (time.cpu_s, more.cpu_s) {
            (None, None) => None,
            (before, more) => Some(before.unwrap_or(0.0) + more.unwrap_or(0.0)),
        };
    }

    /// Those that there are, by name.
    pub(crate) fn by_name(&self) -> BTreeMap<Stage, StageTime> {
        let all = Stage::ALL.iter().zip(self.0);
        all.filter_map(|(stage, time)| Some((*stage, time?))).collect()
    }
}

/// What an attempt has taken so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Time of the processor.
    pub cpu: Duration,
    /// Bytes of recordings that were read.
    pub n_bytes: u64,
    /// Sound that was analysed.
    pub audio: Option<Duration>,
    /// What the time of the processor costs, in billionths of the unit of its price; `None` while there is no price.
    pub cost_nanos: Option<u64>,
    /// Where the time went.
    pub stages: Stages,
}

/// Where a worker notes what an attempt takes, until its end writes that down. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Usage>>);

impl Meter {
    /// Changes what is noted.
    pub fn note(&self, change: impl FnOnce(&mut Usage)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What is noted.
    pub fn read(&self) -> Usage {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all attempts at a job, or at the steps of a run, took, but for those that nobody could report: of lost workers, and at tracks that were deleted
/// meanwhile.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taken {
    /// From when it was queued to its first start, or that of its first step.
    pub wait: Option<Duration>,
    /// On the clock, while a worker held it.
    pub run: Duration,
    /// Time of the processor.
    pub cpu: Duration,
    /// Bytes of recordings that were read.
    pub n_bytes: u64,
    /// Sound that was analysed.
    pub audio: Option<Duration>,
    /// What the time of the processor cost, in billionths of the unit of its price; `None` if there was no price.
    pub cost_nanos: Option<u64>,
    /// Where the time went: of a job that of the last attempt, of a run that of all of them.
    pub stages: BTreeMap<Stage, StageTime>,
}

/// The columns that say what was taken: jobs and runs have the same.
#[derive(sqlx::FromRow)]
pub(crate) struct TakenRow {
    created_at_us: i64,
    first_started_at_us: Option<i64>,
    run_us: i64,
    cpu_us: i64,
    n_bytes: i64,
    audio_us: Option<i64>,
    cost_nanos: Option<i64>,
    stages: Option<String>,
}

impl TakenRow {
    /// What was taken; `None` if the stages cannot be read.
    pub(crate) fn taken(self) -> Option<Taken> {
        let time = |us: i64| Duration::from_micros(u64::try_from(us).unwrap_or(0));
        let stages = self.stages.as_deref().map(serde_json::from_str).transpose().ok()?;
        Some(Taken {
            wait: self.first_started_at_us.map(|started| time(started - self.created_at_us)),
            run: time(self.run_us),
            cpu: time(self.cpu_us),
            n_bytes: self.n_bytes.unsigned_abs(),
            audio: self.audio_us.map(time),
            cost_nanos: self.cost_nanos.map(i64::unsigned_abs),
            stages: stages.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_add_up_and_keep_what_is_not_counted_apart() {
        let mut stages = Stages::default();
        stages.add(Stage::Matching, StageTime { wall_s: 1.0, cpu_s: Some(0.5) });
        stages.add(Stage::Matching, StageTime { wall_s: 2.0, cpu_s: None });
        stages.add(Stage::Fetch, StageTime { wall_s: 0.25, cpu_s: None });
        let text = serde_json::to_string(&stages.by_name()).unwrap();
        assert_eq!(
            text,
            r#"{"fetch":{"wall_s":0.25,"cpu_s":null},"matching":{"wall_s":3.0,"cpu_s":0.5}}"#
        );
        let read: BTreeMap<Stage, StageTime> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, stages.by_name());
    }
}
