//! Workers that are killed or frozen in the middle of an analysis: nothing is lost and nothing happens twice.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use fixtures::Rng;
use rustix::process::Signal;
use store::testing::{BlobKind, DatabaseKind};
use store::{JobId, JobKind, JobState, TrackId, events, reports};
use tokio::time::timeout;

use crate::service::DEADLINE;
use crate::worker_site::{LEASE, Site, Worker, gone, until};

const N_KILLS: u16 = 20;

/// Children wait half a second before they read, so that most of a worker's life is the middle of an analysis.
const SLOW: (&str, &str) = ("CHILD__FAULT__KIND", "pause");

#[tokio::test]
async fn twenty_killed_workers_lose_nothing_on_sqlite() {
    twenty_killed_workers_lose_nothing(DatabaseKind::Sqlite, BlobKind::Local, 1).await;
}

#[tokio::test]
async fn twenty_killed_workers_lose_nothing_on_postgres() {
    twenty_killed_workers_lose_nothing(DatabaseKind::Postgres, BlobKind::S3, 2).await;
}

async fn twenty_killed_workers_lose_nothing(database: DatabaseKind, blobs: BlobKind, seed: u64) {
    let site = Site::new(database, blobs, &[SLOW]).await;
    let mut rng = Rng::new(seed);
    let mut uploaded = Vec::new();
    for n in 0..N_KILLS {
        // Two more at each round, so that there is always work to be caught at.
        for tone in [2 * n, 2 * n + 1] {
            uploaded.push(site.upload_tone(tone).await);
        }
        kill_in_the_middle(&site, &mut rng).await;
    }

    let mut worker = site.worker();
    let mut n_lost = 0;
    for &(track, job) in &uploaded {
        let analysis = site.ended(job).await;
        assert_eq!(analysis.state, JobState::Succeeded, "{analysis:?}");
        n_lost += analysis.lost;
        assert_eq!(site.jobs_of(track, JobKind::AnalyzeTrack).await.len(), 1);
        let matching = site.matched(track).await;
        assert_eq!(matching.state, JobState::Succeeded, "{matching:?}");
        let report = reports::get(&site.test.store, site.test.owner, track).await.unwrap();
        assert!(report.is_some(), "every track has its report");
    }
    assert!(n_lost >= i64::from(N_KILLS), "each kill lost the lease of a running job: {n_lost}");
    let happened = count_events(&site).await;
    for (track, _) in &uploaded {
        for kind in ["track.analyzed", "track.matched"] {
            assert_eq!(happened.get(&(*track, kind.to_owned())), Some(&1), "{kind} once");
        }
    }
    worker.signal(Signal::TERM);
    assert!(worker.ended().await);
}

/// Starts a worker and kills it at a random moment at which a child of it lives and a job of it runs.
async fn kill_in_the_middle(site: &Site, rng: &mut Rng) {
    let mut worker = site.worker();
    let start = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_secs_f64(rng.range(0.0, 0.4))).await;
        assert!(worker.is_alive(), "a worker ends only when it is killed");
        // Frozen first: what is asserted is then still so when the worker dies.
        let children = worker.freeze().await;
        let n_running = running(site, &worker).await;
        if children.is_empty() || n_running == 0 {
            assert!(start.elapsed() < DEADLINE, "no analysis was ever running");
            worker.thaw();
            continue;
        }
        worker.signal(Signal::KILL);
        assert!(!worker.ended().await);
        gone(&children).await;
        return;
    }
}

/// Analyses that this worker holds, by the table of jobs.
async fn running(site: &Site, worker: &Worker) -> usize {
    let query = store::jobs::JobQuery {
        state: Some(JobState::Running),
        kind: Some(JobKind::AnalyzeTrack),
        track: None,
        run: None,
        after: None,
        limit: 100,
    };
    let page = store::jobs::list(&site.test.store, site.test.owner, query).await.unwrap();
    page.items.iter().filter(|job| worker.holds(job)).count()
}

async fn count_events(site: &Site) -> HashMap<(TrackId, String), usize> {
    let mut counts = HashMap::new();
    for event in events::after(&site.test.store, site.test.owner, 0, 10_000).await.unwrap() {
        if let Some(track) = event.track_id {
            *counts.entry((track, event.kind)).or_insert(0) += 1;
        }
    }
    counts
}

#[tokio::test]
async fn a_frozen_worker_that_wakes_up_late_changes_nothing_on_sqlite() {
    a_frozen_worker_changes_nothing(DatabaseKind::Sqlite).await;
}

#[tokio::test]
async fn a_frozen_worker_that_wakes_up_late_changes_nothing_on_postgres() {
    a_frozen_worker_changes_nothing(DatabaseKind::Postgres).await;
}

async fn a_frozen_worker_changes_nothing(database: DatabaseKind) {
    let site = Site::new(database, BlobKind::Local, &[SLOW]).await;
    let mut frozen = site.worker();
    let (track, job) = freeze_in_the_middle(&site, &frozen).await;
    let mut other = site.worker();
    let done = site.ended(job).await;
    assert_eq!((done.state, done.lost, done.attempts), (JobState::Succeeded, 1, 2));
    site.matched(track).await;

    frozen.thaw();
    // It finds its lease lost, kills its child, and goes on with other work.
    until(|| frozen.children().is_empty(), "the late child is gone").await;
    other.signal(Signal::TERM);
    assert!(other.ended().await);
    let (_, next) = site.upload_tone(20_000).await;
    assert_eq!(site.ended(next).await.state, JobState::Succeeded);
    assert!(frozen.is_alive());
    assert_eq!(site.job(job).await, done, "the late worker wrote nothing");
    assert_eq!(count_events(&site).await.get(&(track, "track.analyzed".to_owned())), Some(&1));
}

/// Freezes the worker in the middle of an analysis; the track and the job.
///
/// A moment at which nobody else can write is no good: on SQLite that would last until it goes on.
async fn freeze_in_the_middle(site: &Site, worker: &Worker) -> (TrackId, JobId) {
    for n in 0..100 {
        let (track, job) = site.upload_tone(2 * n).await;
        site.job_when(job, |job| worker.holds(job) || job.state.is_final()).await;
        let has_child = !worker.freeze().await.is_empty();
        if has_child && worker.holds(&site.job(job).await) {
            let others_can_write = site.upload_tone(2 * n + 1);
            if timeout(2 * LEASE, others_can_write).await.is_ok() {
                return (track, job);
            }
        }
        worker.thaw();
    }
    panic!("never caught in the middle of an analysis");
}
