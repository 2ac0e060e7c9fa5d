//! What a run takes.
//!
//! Added to its row by whoever ends an attempt at a step of it, in the same transaction. Not summed when it is read: a run that analyses recordings again has
//! as many jobs as there are recordings, and who follows it reads it again and again. Its last step goes on when it has ended, and counts too.

use std::collections::BTreeMap;

use crate::clock::duration_to_us;
use crate::db::{Tx, execute, fetch_optional};
use crate::jobs::tally::{Ended, whole};
use crate::jobs::{Stage, StageTime, Stages};
use crate::{Error, Result, RunId};

/// What is added to a run.
#[derive(Default)]
struct Sums {
    attempts: i64,
    first_started_at_us: Option<i64>,
    run_us: i64,
    cpu_us: i64,
    n_bytes: i64,
    audio_us: Option<i64>,
    cost_nanos: Option<i64>,
    stages: Stages,
}

impl Sums {
    fn add(&mut self, ended: &Ended) {
        // A step that ends brings all its attempts, so that they are counted as on its own row.
        if ended.outcome.is_final() {
            self.attempts += ended.times.attempts;
        }
        let first = self.first_started_at_us.into_iter().chain(ended.times.first_started_at_us);
        self.first_started_at_us = first.min();
        self.run_us += ended.times.attempt_us.max(0);
        let Some(usage) = ended.usage else { return };
        self.cpu_us += duration_to_us(usage.cpu);
        self.n_bytes += whole(usage.n_bytes);
        if let Some(audio) = usage.audio {
            *self.audio_us.get_or_insert(0) += duration_to_us(audio);
        }
        if let Some(cost_nanos) = usage.cost_nanos {
            *self.cost_nanos.get_or_insert(0) += whole(cost_nanos);
        }
        for (stage, time) in usage.stages.by_name() {
            self.stages.add(stage, time);
        }
    }
}

/// Adds attempts that ended to the runs that they were for. Whoever holds a job may wait for its run, and never the other way round; several runs are taken in
/// the order of their ids.
pub(crate) async fn add_usage(tx: &mut Tx, ended: &[Ended]) -> Result<()> {
    let mut runs: BTreeMap<RunId, Sums> = BTreeMap::new();
    for one in ended {
        if let Some(id) = one.times.run_id {
            runs.entry(id).or_default().add(one);
        }
    }
    for (id, sums) in runs {
        write(tx, id, sums).await?;
    }
    Ok(())
}

async fn write(tx: &mut Tx, id: RunId, mut sums: Sums) -> Result<()> {
    let row = fetch_optional!(
        tx,
        (Option<String>,),
        "update runs
         set attempts = attempts + $1, first_started_at_us = coalesce(first_started_at_us, $2), run_us = run_us + $3,
             cpu_us = cpu_us + $4, n_bytes = n_bytes + $5,
             audio_us = case when $6 then coalesce(audio_us, 0) + $7 else audio_us end,
             cost_nanos = case when $8 then coalesce(cost_nanos, 0) + $9 else cost_nanos end
         where id = $10 returning stages",
        sums.attempts,
        sums.first_started_at_us,
        sums.run_us,
        sums.cpu_us,
        sums.n_bytes,
        sums.audio_us.is_some(),
        sums.audio_us.unwrap_or(0),
        sums.cost_nanos.is_some(),
        sums.cost_nanos.unwrap_or(0),
        id
    )?;
    // The row is locked from here on: nobody else adds to the same stages.
    let Some((stages,)) = row else { return Ok(()) };
    let before: BTreeMap<Stage, StageTime> = match stages {
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| Error::Inconsistent { table: "runs", column: "stages" })?,
        None => BTreeMap::new(),
    };
    for (stage, time) in before {
        sums.stages.add(stage, time);
    }
    let stages = serde_json::to_string(&sums.stages.by_name())?;
    execute!(tx, "update runs set stages = $1 where id = $2", &stages, id)?;
    Ok(())
}
