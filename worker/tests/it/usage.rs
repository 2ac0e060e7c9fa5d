//! What jobs say that they took.

use std::time::Duration;

use store::jobs::Stage;
use store::{Job, JobState};

use crate::world::{World, on_both_databases};

on_both_databases!(
    a_job_says_what_it_took_when_it_is_done,
    attempts_that_die_add_up,
    a_price_makes_costs,
);

fn stages(job: &Job) -> Vec<Stage> {
    job.taken.stages.keys().copied().collect()
}

async fn a_job_says_what_it_took_when_it_is_done(world: World) {
    let running = world.start();
    let (track, job) = world.upload("good 1").await;
    let job = world.ended(job.id).await;
    let matching = world.matched(track.id).await;
    running.stop().await;

    assert_eq!(stages(&job), [Stage::Fetch, Stage::Decode, Stage::Analysis, Stage::Write]);
    assert_eq!(job.taken.n_bytes, track.n_bytes);
    let duration_s = world.track(track.id).await.duration_s.unwrap();
    let audio_s = job.taken.audio.unwrap().as_secs_f64();
    assert!((audio_s - duration_s).abs() < 2e-6, "{audio_s}: kept to the microsecond");
    let held = job.finished_at.unwrap() - job.started_at.unwrap();
    assert_eq!(job.taken.run, Duration::try_from(held).unwrap());
    let waited = job.started_at.unwrap() - job.created_at;
    assert_eq!(job.taken.wait, Some(Duration::try_from(waited).unwrap()));
    assert_eq!(job.taken.cost_nanos, None, "nobody set a price");

    assert_eq!(stages(&matching), [Stage::Matching, Stage::Write]);
    assert_eq!((matching.taken.n_bytes, matching.taken.audio), (0, None));
    let computed = matching.taken.stages[&Stage::Matching];
    let counted = matching.taken.cpu.as_secs_f64();
    assert!((computed.cpu_s.unwrap() - counted).abs() < 1e-4, "{computed:?} {counted}");
}

async fn attempts_that_die_add_up(world: World) {
    let running = world.start();
    let (track, job) = world.upload("crash").await;
    let job = world.ended(job.id).await;
    running.stop().await;
    assert_eq!((job.state, job.taken.n_bytes), (JobState::Dead, 3 * track.n_bytes));
    assert_eq!(stages(&job), [Stage::Fetch, Stage::Write], "of the last attempt");
    assert_eq!(job.taken.audio, None);
}

async fn a_price_makes_costs(mut world: World) {
    world.config.price_per_cpu_s = 2.0;
    let running = world.start();
    let (track, job) = world.upload("good 1").await;
    let jobs = [world.ended(job.id).await, world.matched(track.id).await];
    running.stop().await;
    for job in jobs {
        // Each note rounds to a billionth, what is counted to a microsecond.
        let cost = 2e9 * job.taken.cpu.as_secs_f64();
        let found = job.taken.cost_nanos.unwrap();
        #[expect(clippy::cast_precision_loss, reason = "seconds of a test in billionths")]
        let difference = (found as f64 - cost).abs();
        assert!(difference <= 2001.0, "{found} for {cost}");
    }
}
