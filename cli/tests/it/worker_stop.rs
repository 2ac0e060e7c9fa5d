//! The orderly end of a worker.

use rustix::process::Signal;
use store::JobState;

use crate::worker_site::{Site, gone, until};

#[tokio::test]
async fn sigterm_lets_short_jobs_finish() {
    let site = Site::embedded(&[("CHILD__FAULT__KIND", "pause"), ("DRAIN_S", "120")]).await;
    let mut worker = site.worker();
    let (_, job) = site.upload_tone(1).await;
    until(|| !worker.children().is_empty(), "the child runs").await;
    worker.signal(Signal::TERM);
    assert!(worker.ended().await, "a clean exit");
    let job = site.job(job).await;
    assert_eq!((job.state, job.attempts), (JobState::Succeeded, 1));
}

#[tokio::test]
async fn sigterm_gives_long_jobs_back_and_kills_their_children() {
    let site = Site::embedded(&[("CHILD__FAULT__KIND", "hang"), ("DRAIN_S", "1")]).await;
    let mut worker = site.worker();
    let (_, running) = site.upload_tone(1).await;
    until(|| !worker.children().is_empty(), "the child runs").await;
    let children = worker.children();
    worker.signal(Signal::TERM);
    assert!(worker.ended().await, "a clean exit");
    gone(&children).await;
    let job = site.job(running).await;
    assert_eq!((job.state, job.attempts, job.lost), (JobState::Queued, 0, 0));
}
