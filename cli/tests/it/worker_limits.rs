//! Recordings that crash, hang or bomb the child: each ends as documented, and the worker does not notice.
//!
//! The misbehaviour is ordered by a setting that only builds with debug assertions have.

use std::time::Instant;

use store::{Job, JobState, Sha256, TrackState, jobs, tracks};

use crate::worker_site::{LEASE, Site, gone, tone, until};

/// Runs a recording that makes the child do `fault`, with other recordings before and after it. The job of
/// the bad one.
async fn ending_of(fault: &str, settings: &[(&str, &str)]) -> Job {
    let bad = tone(1000);
    let sha256 = Sha256::of(&bad).to_string();
    let mut all = vec![
        ("CHILD__FAULT__KIND", fault),
        ("CHILD__FAULT__SHA256", &sha256),
        ("CONCURRENCY", "1"),
    ];
    all.extend(settings);
    let site = Site::embedded(&all).await;
    let mut worker = site.worker();
    let (_, before) = site.upload_tone(1).await;
    let (track, job) = site.upload(&bad).await;
    let (_, after) = site.upload_tone(2).await;
    for good in [before, after] {
        let good = site.ended(good).await;
        assert_eq!((good.state, good.attempts), (JobState::Succeeded, 1), "{fault}");
    }
    let job = site.ended(job).await;
    let track = tracks::get(&site.test.store, site.test.owner, track).await.unwrap().unwrap();
    assert_eq!(track.state, TrackState::Failed);
    assert_eq!(track.error_code, job.error_code);
    assert!(worker.is_alive(), "the worker is still the same process");
    assert!(worker.children().is_empty());
    job
}

fn assert_limit(job: &Job, resource: &str) {
    assert_eq!((job.state, job.attempts, job.crashes), (JobState::Failed, 1, 0), "{job:?}");
    assert_eq!(job.error_code.as_deref(), Some("resource_limit"));
    assert!(job.error_detail.as_ref().is_some_and(|text| text.ends_with(resource)), "{job:?}");
}

#[tokio::test]
async fn an_unexplained_death_is_tried_three_times_then_dead() {
    let job = ending_of("crash", &[]).await;
    assert_eq!((job.state, job.attempts, job.crashes), (JobState::Dead, 3, 3));
    assert!(job.error_detail.is_some_and(|text| text.contains("signal 6")));
    let job = ending_of("panic", &[]).await;
    assert_eq!((job.state, job.attempts, job.crashes), (JobState::Dead, 3, 3));
    assert!(job.error_detail.is_some_and(|text| text.contains("status 101")));
}

#[tokio::test]
async fn the_memory_limit_fails_after_one_try() {
    let limit = ("CHILD__MAX_MEMORY_BYTES", "67108864");
    assert_limit(&ending_of("allocate", &[limit]).await, "memory");
}

#[tokio::test]
async fn the_cpu_limit_fails_after_one_try() {
    assert_limit(&ending_of("burn", &[("CHILD__MAX_CPU_S", "1")]).await, "CPU time");
}

#[tokio::test]
async fn the_limit_of_time_fails_after_one_try() {
    assert_limit(&ending_of("hang", &[("CHILD__MAX_WALL_S", "3")]).await, "limit of time");
}

#[tokio::test]
async fn the_same_bytes_without_the_fault_are_analysed() {
    let site = Site::embedded(&[]).await;
    let _worker = site.worker();
    let (_, job) = site.upload(&tone(1000)).await;
    assert_eq!(site.ended(job).await.state, JobState::Succeeded);
}

#[tokio::test]
async fn cancelling_a_running_job_leaves_no_child() {
    let site = Site::embedded(&[("CHILD__FAULT__KIND", "hang")]).await;
    let mut worker = site.worker();
    let (_, job) = site.upload_tone(1).await;
    until(|| !worker.children().is_empty(), "the child runs").await;
    let children = worker.children();
    // Longer than its lease: it is renewed, and nobody else has it.
    let start = Instant::now();
    let running = site.job_when(job, |_| start.elapsed() > 3 * LEASE).await;
    assert_eq!((running.state, running.attempts, running.lost), (JobState::Running, 1, 0));
    jobs::cancel(&site.test.store, site.test.owner, job).await.unwrap().unwrap();
    assert_eq!(site.ended(job).await.state, JobState::Cancelled);
    gone(&children).await;
    assert!(worker.is_alive() && worker.children().is_empty());
}
