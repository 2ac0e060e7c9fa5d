//! What a job or a run took, as JSON.

use serde::Serialize;
use store::jobs::{Stage, StageTime, Taken};
use utoipa::ToSchema;

/// What a job has taken, all its attempts together; or a run, all attempts at its steps together. Attempts are counted when they end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobUsage)]
pub(crate) struct UsageBody {
    /// Seconds from when it was queued to its first start; null before. Of a run to the first start of a step, once an attempt at one has ended.
    wait_s: Option<f64>,
    /// Seconds that a worker held it; of a run those of all workers together.
    run_s: f64,
    /// Seconds of CPU time.
    cpu_s: f64,
    /// Bytes of recordings that were read.
    #[schema(example = 5_242_880)]
    n_bytes: u64,
    /// Seconds of sound that were analysed; null where nothing is.
    #[schema(example = 215.3)]
    audio_s: Option<f64>,
    /// `run_s` for each second of sound: below 1 is faster than real time.
    #[schema(example = 0.01)]
    real_time_factor: Option<f64>,
    /// What the CPU time cost, in the unit of `worker.price_per_cpu_s`; null while there is no price.
    #[schema(example = 0.000_04)]
    cost: Option<f64>,
    /// Where the time went: of a job that of its last attempt, of a run that of all attempts.
    stages: StagesBody,
}

/// Stages; null for those that were not gone through.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobStages)]
struct StagesBody {
    /// The bytes from the blob store.
    fetch: Option<StageBody>,
    /// Bytes to samples.
    decode: Option<StageBody>,
    /// Samples to numbers.
    analysis: Option<StageBody>,
    /// Models that the operator brings, each with its decoding.
    models: Option<StageBody>,
    /// Scores.
    matching: Option<StageBody>,
    /// The result into the database, up to the commit.
    write: Option<StageBody>,
}

/// What a stage took.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobStage)]
struct StageBody {
    /// Seconds on the clock.
    wall_s: f64,
    /// Seconds of CPU time; null where that is not counted.
    cpu_s: Option<f64>,
}

impl From<Taken> for UsageBody {
    fn from(taken: Taken) -> Self {
        let run_s = taken.run.as_secs_f64();
        let audio_s = taken.audio.map(|audio| audio.as_secs_f64());
        let stage = |stage: Stage| {
            let body = |time: &StageTime| StageBody { wall_s: time.wall_s, cpu_s: time.cpu_s };
            taken.stages.get(&stage).map(body)
        };
        Self {
            wait_s: taken.wait.map(|wait| wait.as_secs_f64()),
            run_s,
            cpu_s: taken.cpu.as_secs_f64(),
            n_bytes: taken.n_bytes,
            audio_s,
            real_time_factor: audio_s.filter(|audio| *audio > 0.0).map(|audio| run_s / audio),
            cost: taken.cost_nanos.map(cost),
            stages: StagesBody {
                fetch: stage(Stage::Fetch),
                decode: stage(Stage::Decode),
                analysis: stage(Stage::Analysis),
                models: stage(Stage::Models),
                matching: stage(Stage::Matching),
                write: stage(Stage::Write),
            },
        }
    }
}

/// A cost in the unit of its price.
#[expect(clippy::cast_precision_loss, reason = "costs are shown to far fewer than 15 digits")]
pub(crate) fn cost(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
