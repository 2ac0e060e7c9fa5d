//! The state machine of jobs, by example. `jobs_model` walks it at random.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use store::events::{Event, Priority};
use store::jobs::{self, Analyzed, JobQuery, Renewal, Stage};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::tracks::{self, TrackPatch};
use store::{Job, JobKind, JobState, Lease, TrackState, UserId, descriptors, events, reports};

on_both_databases! {
    a_claim_counts_before_it_is_seen,
    each_attempt_is_told,
    steps_are_told_while_the_lease_holds,
    a_failure_that_no_track_tells_is_told,
    jobs_come_by_priority_then_age,
    an_analysis_is_written_whole,
    a_stale_lease_writes_nothing,
    a_failure_is_final_at_once,
    three_crashes_are_dead,
    io_failures_wait_longer_each_time_and_end_dead,
    a_released_job_is_as_it_was,
    a_queued_job_is_cancelled_at_once,
    a_running_job_is_cancelled_by_its_worker,
    a_cancelled_job_does_not_come_back,
    a_lost_lease_goes_to_another,
    leases_lost_too_often_are_dead,
    a_renewed_lease_is_not_lost,
    a_deleted_track_ends_its_running_job,
    many_workers_claim_each_job_once,
    lists_by_state_kind_and_track,
    new_tags_are_matched_again,
    progress_stays_between_0_and_1,
    the_backlog_counts_what_is_not_done,
}

const ALL: JobQuery =
    JobQuery { state: None, kind: None, track: None, run: None, after: None, limit: 100 };

pub(crate) fn analyzed() -> Analyzed {
    Analyzed {
        report_json: r#"{"z":1.0,"a":1e-5}"#.into(),
        details: vec![7, 0, 255],
        analysis_version: 1,
        pcm_hash: None,
        fingerprint_keys: Vec::new(),
        descriptor: vec![0, 1, 255],
        descriptor_version: 1,
        embedding: None,
        media: json!({ "title": "Air" }),
        stages: json!({ "decode_s": 0.5 }),
        duration_s: 12.5,
    }
}

pub(crate) async fn claim(test: &TestStore) -> Option<Lease> {
    jobs::claim(&test.store, "worker").await.unwrap()
}

async fn job(test: &TestStore, lease: &Lease) -> Job {
    jobs::get(&test.store, test.owner, lease.job.id).await.unwrap().unwrap()
}

async fn track_state(test: &TestStore, lease: &Lease) -> (TrackState, Option<String>) {
    let id = lease.job.track_id.unwrap();
    let track = tracks::get(&test.store, test.owner, id).await.unwrap().unwrap();
    (track.state, track.error_code)
}

/// What has happened, without how far it has come.
pub(crate) async fn happened(test: &TestStore, owner: UserId) -> Vec<Event> {
    let mut events = events::after(&test.store, owner, 0, 1000).await.unwrap();
    events.retain(|event| event.priority > Priority::Low);
    events
}

async fn last_kinds(test: &TestStore, n: usize) -> Vec<String> {
    let events = happened(test, test.owner).await;
    events[events.len() - n..].iter().map(|event| event.kind.clone()).collect()
}

/// The last event.
async fn last(test: &TestStore) -> Event {
    events::after(&test.store, test.owner, 0, 1000).await.unwrap().pop().unwrap()
}

async fn a_claim_counts_before_it_is_seen(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    assert_eq!(lease.fence, 1);
    let seen = job(&test, &lease).await;
    assert_eq!(seen, lease.job);
    assert_eq!((seen.state, seen.attempts), (JobState::Running, 1));
    assert_eq!(seen.worker.as_deref(), Some("worker"));
    assert_eq!(seen.lease_until, Some(test.store.now() + Duration::from_secs(15)));
    assert_eq!(track_state(&test, &lease).await.0, TrackState::Analyzing);
    assert!(claim(&test).await.is_none());
}

async fn each_attempt_is_told(test: TestStore) {
    let created = test.upload(b"one").await;
    let (track, id) = (created.track.id, created.job.unwrap().id);
    for attempt in [1, 2] {
        let lease = claim(&test).await.unwrap();
        let event = last(&test).await;
        assert_eq!((event.kind.as_str(), event.priority), ("job.started", Priority::Low));
        assert_eq!((event.track_id, event.job_id), (Some(track), Some(id)));
        assert_eq!(event.data, json!({ "kind": "analyze_track", "attempt": attempt }));
        assert!(jobs::crash(&test.store, &lease, "").await.unwrap());
        test.advance(Duration::from_secs(10));
    }
    assert!(jobs::cancel(&test.store, test.owner, id).await.unwrap().is_some());
    let before = last(&test).await;
    assert!(claim(&test).await.is_none());
    assert_eq!(last(&test).await, before, "nothing was started");
}

async fn steps_are_told_while_the_lease_holds(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    assert!(jobs::step(&test.store, &lease, Stage::Analysis).await.unwrap());
    let event = last(&test).await;
    assert_eq!((event.kind.as_str(), event.priority), ("job.step", Priority::Low));
    assert_eq!((event.track_id, event.job_id), (lease.job.track_id, Some(lease.job.id)));
    assert_eq!(event.data, json!({ "kind": "analyze_track", "step": "analysis" }));

    test.advance(Duration::from_secs(16));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 1);
    let held = claim(&test).await.unwrap();
    let before = last(&test).await;
    assert!(!jobs::step(&test.store, &lease, Stage::Write).await.unwrap());
    assert_eq!(last(&test).await, before, "the lease is another's");
    assert!(jobs::complete_analysis(&test.store, &held, analyzed()).await.unwrap());
    assert!(!jobs::step(&test.store, &held, Stage::Write).await.unwrap());
    assert_eq!(last(&test).await.kind, "track.analyzed", "the job is over");
}

async fn a_failure_that_no_track_tells_is_told(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    let lease = claim(&test).await.unwrap();
    assert_eq!(lease.job.kind, JobKind::MatchTrack);
    assert!(jobs::fail(&test.store, &lease, "descriptor_missing", "").await.unwrap());
    let event = last(&test).await;
    assert_eq!((event.kind.as_str(), event.priority), ("job.failed", Priority::High));
    assert_eq!((event.track_id, event.job_id), (lease.job.track_id, Some(lease.job.id)));
    assert_eq!(event.data, json!({ "kind": "match_track", "code": "descriptor_missing" }));
    assert_eq!(track_state(&test, &lease).await.0, TrackState::Analyzed);
}

async fn jobs_come_by_priority_then_age(test: TestStore) {
    let mut expected = Vec::new();
    for i in 0..3_u8 {
        expected.push(test.upload(&[i]).await.job.unwrap().id);
        test.advance(Duration::from_millis(1));
    }
    let first = claim(&test).await.unwrap();
    assert!(jobs::complete_analysis(&test.store, &first, analyzed()).await.unwrap());
    let mut order = vec![first.job.id];
    let mut kinds = vec![first.job.kind];
    while let Some(lease) = claim(&test).await {
        order.push(lease.job.id);
        kinds.push(lease.job.kind);
    }
    assert_eq!(order[..3], expected);
    assert_eq!(kinds[2..], [JobKind::AnalyzeTrack, JobKind::MatchTrack]);
}

async fn an_analysis_is_written_whole(test: TestStore) {
    let track = test.upload(b"one").await.track.id;
    let lease = claim(&test).await.unwrap();
    test.advance(Duration::from_secs(3));
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());

    let report = reports::get(&test.store, test.owner, track).await.unwrap().unwrap();
    assert_eq!(report.json, analyzed().report_json);
    assert_eq!((report.analysis_version, report.created_at), (1, test.store.now()));
    assert_eq!(report.stages, analyzed().stages);
    let details = |owner, version| reports::details(&test.store, owner, track, version);
    assert_eq!(details(test.owner, 1).await.unwrap(), Some(analyzed().details));
    assert_eq!(details(test.owner, 2).await.unwrap(), None);
    assert_eq!(details(UserId::from_u128(1), 1).await.unwrap(), None);
    let found = descriptors::all(&test.store, 1).await.unwrap();
    assert_eq!(
        (found.len(), found[0].track_id, &found[0].bytes),
        (1, track, &analyzed().descriptor)
    );
    let one = descriptors::get(&test.store, test.owner, track, 1).await.unwrap();
    assert_eq!(one.as_ref(), found.first());
    assert!(descriptors::all(&test.store, 2).await.unwrap().is_empty());
    let row = tracks::get(&test.store, test.owner, track).await.unwrap().unwrap();
    assert_eq!((row.state, row.duration_s), (TrackState::Analyzed, Some(12.5)));
    assert_eq!(row.media, Some(analyzed().media));
    let done = job(&test, &lease).await;
    assert_eq!((done.state, done.progress), (JobState::Succeeded, 1.0));
    assert_eq!((done.finished_at, done.lease_until), (Some(test.store.now()), None));
    assert_eq!(last_kinds(&test, 1).await, ["track.analyzed"]);
    let next = claim(&test).await.unwrap();
    assert_eq!((next.job.kind, next.job.track_id), (JobKind::MatchTrack, Some(track)));
}

async fn a_stale_lease_writes_nothing(test: TestStore) {
    let track = test.upload(b"one").await.track.id;
    let stale = claim(&test).await.unwrap();
    test.advance(Duration::from_secs(16));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 1);
    let held = claim(&test).await.unwrap();
    assert_eq!((held.job.id, held.fence), (stale.job.id, stale.fence + 1));
    let before = job(&test, &held).await;

    let store = &test.store;
    assert_eq!(jobs::renew(store, &stale, 0.5).await.unwrap(), Renewal::Lost);
    assert!(!jobs::complete_analysis(store, &stale, analyzed()).await.unwrap());
    assert!(!jobs::complete_match(store, &stale, 10, 0, Vec::new()).await.unwrap());
    assert!(!jobs::fail(store, &stale, "bad_media", "").await.unwrap());
    assert!(!jobs::crash(store, &stale, "").await.unwrap());
    assert!(!jobs::retry_later(store, &stale, "io", "").await.unwrap());
    assert!(!jobs::cancelled(store, &stale).await.unwrap());
    assert!(!jobs::release(store, &stale).await.unwrap());

    assert_eq!(job(&test, &held).await, before);
    assert!(reports::get(store, test.owner, track).await.unwrap().is_none());
    assert!(descriptors::all(store, 1).await.unwrap().is_empty());
    assert!(jobs::complete_analysis(store, &held, analyzed()).await.unwrap());
    assert!(!jobs::complete_analysis(store, &held, analyzed()).await.unwrap());
}

async fn a_failure_is_final_at_once(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    assert!(jobs::fail(&test.store, &lease, "bad_media", "no frames\0").await.unwrap());
    let ended = job(&test, &lease).await;
    assert_eq!((ended.state, ended.error_code.as_deref()), (JobState::Failed, Some("bad_media")));
    assert_eq!(ended.error_detail.as_deref(), Some("no frames"));
    assert_eq!(track_state(&test, &lease).await, (TrackState::Failed, Some("bad_media".into())));
    assert_eq!(last_kinds(&test, 1).await, ["track.failed"]);
    test.advance(Duration::from_secs(100_000));
    assert!(claim(&test).await.is_none());
}

async fn three_crashes_are_dead(test: TestStore) {
    test.upload(b"one").await;
    for n in 1..=3 {
        let lease = claim(&test).await.unwrap();
        assert_eq!((lease.job.attempts, lease.job.crashes), (n, n - 1));
        assert!(jobs::crash(&test.store, &lease, "signal 11").await.unwrap());
        let after = job(&test, &lease).await;
        assert_eq!(after.crashes, n);
        if n < 3 {
            assert_eq!(
                (after.state, track_state(&test, &lease).await.0),
                (JobState::Queued, TrackState::Queued)
            );
            assert!(claim(&test).await.is_none(), "it must wait");
            test.advance(Duration::from_secs(10));
        } else {
            assert_eq!(
                (after.state, after.error_code.as_deref()),
                (JobState::Dead, Some("crashed"))
            );
            assert_eq!(after.error_detail.as_deref(), Some("signal 11"));
            assert_eq!(
                track_state(&test, &lease).await,
                (TrackState::Failed, Some("crashed".into()))
            );
        }
    }
    assert_eq!(last_kinds(&test, 2).await, ["track.failed", "job.dead"]);
    test.advance(Duration::from_secs(100_000));
    assert!(claim(&test).await.is_none());
}

async fn io_failures_wait_longer_each_time_and_end_dead(test: TestStore) {
    test.upload(b"one").await;
    let config = test.store.queue().clone();
    let mut gaps = Vec::new();
    loop {
        let lease = claim(&test).await.unwrap();
        assert!(jobs::retry_later(&test.store, &lease, "storage", "away").await.unwrap());
        let after = job(&test, &lease).await;
        assert_eq!(after.crashes, 0);
        if after.state == JobState::Dead {
            assert_eq!(after.attempts, i64::from(config.max_retries));
            break;
        }
        let gap = after.run_at - test.store.now();
        test.advance(gap.try_into().unwrap());
        gaps.push(gap.as_seconds_f64());
    }
    assert_eq!(gaps.len() + 1, usize::try_from(config.max_retries).unwrap());
    assert!(gaps[0] >= 1.0);
    // Factor 2 over a jitter of a quarter, until the longest delay.
    for pair in gaps.windows(2) {
        assert!(pair[1] >= 1.5 * pair[0] || pair[1] >= config.backoff_max_s, "{gaps:?}");
    }
    assert!(gaps.iter().all(|gap| *gap <= 1.25 * config.backoff_max_s));
}

async fn a_released_job_is_as_it_was(test: TestStore) {
    let queued = test.upload(b"one").await.job.unwrap();
    let lease = claim(&test).await.unwrap();
    assert!(jobs::release(&test.store, &lease).await.unwrap());
    let after = job(&test, &lease).await;
    assert_eq!((after.state, after.attempts, after.run_at), (JobState::Queued, 0, queued.run_at));
    assert_eq!(track_state(&test, &lease).await.0, TrackState::Queued);
    let again = claim(&test).await.unwrap();
    assert_eq!((again.job.attempts, again.fence), (1, 2));
}

async fn a_queued_job_is_cancelled_at_once(test: TestStore) {
    let id = test.upload(b"one").await.job.unwrap().id;
    let cancelled = jobs::cancel(&test.store, test.owner, id).await.unwrap().unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(cancelled.finished_at, Some(test.store.now()));
    assert!(claim(&test).await.is_none());
    assert_eq!(last_kinds(&test, 2).await, ["job.cancelled", "track.failed"]);
    let again = jobs::cancel(&test.store, test.owner, id).await.unwrap().unwrap();
    assert_eq!(again, cancelled);
    assert_eq!(events::last_seq(&test.store, test.owner).await.unwrap(), 3);
}

async fn a_running_job_is_cancelled_by_its_worker(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    assert_eq!(jobs::renew(&test.store, &lease, 0.1).await.unwrap(), Renewal::Held);
    let asked = jobs::cancel(&test.store, test.owner, lease.job.id).await.unwrap().unwrap();
    assert_eq!((asked.state, asked.cancel_requested), (JobState::Running, true));
    assert_eq!(jobs::renew(&test.store, &lease, 0.2).await.unwrap(), Renewal::Cancel);
    assert!(jobs::cancelled(&test.store, &lease).await.unwrap());
    assert_eq!(job(&test, &lease).await.state, JobState::Cancelled);
    assert_eq!(track_state(&test, &lease).await, (TrackState::Failed, Some("cancelled".into())));
}

async fn a_cancelled_job_does_not_come_back(test: TestStore) {
    let mut ends: Vec<JobState> = Vec::new();
    for i in 0..4_u8 {
        test.upload(&[i]).await;
        let lease = claim(&test).await.unwrap();
        jobs::cancel(&test.store, test.owner, lease.job.id).await.unwrap();
        match i {
            0 => drop(jobs::crash(&test.store, &lease, "").await.unwrap()),
            1 => drop(jobs::retry_later(&test.store, &lease, "io", "").await.unwrap()),
            2 => drop(jobs::release(&test.store, &lease).await.unwrap()),
            _ => {
                test.advance(Duration::from_secs(16));
                jobs::sweep(&test.store).await.unwrap();
            }
        }
        ends.push(job(&test, &lease).await.state);
    }
    assert_eq!(ends, [JobState::Cancelled; 4]);
}

async fn a_lost_lease_goes_to_another(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    test.advance(Duration::from_secs(15));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 0);
    test.advance(Duration::from_secs(1));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 1);
    let after = job(&test, &lease).await;
    assert_eq!((after.state, after.lost, after.crashes), (JobState::Queued, 1, 0));
    assert_eq!(after.error_code.as_deref(), Some("worker_lost"));
    assert_eq!(claim(&test).await.unwrap().job.attempts, 2);
}

/// On PostgreSQL, where one process can hold a row while others write.
#[tokio::test]
async fn a_worker_that_is_frozen_in_a_write_holds_up_no_other_job() {
    let test = TestStore::new(DatabaseKind::Postgres, BlobKind::Local).await;
    test.upload(b"one").await;
    let frozen = claim(&test).await.unwrap();
    let url = test.config.database.url.expose_secret();
    let mut connection = PgConnection::connect(url).await.unwrap();
    let mut write = connection.begin().await.unwrap();
    write.execute("select id from consort_jobs where state = 'running' for update").await.unwrap();

    test.upload(b"two").await;
    let dead = claim(&test).await.unwrap();
    test.advance(Duration::from_secs(16));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 1);
    assert_eq!(job(&test, &dead).await.state, JobState::Queued);
    assert_eq!(job(&test, &frozen).await.state, JobState::Running);

    write.rollback().await.unwrap();
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 1);
    assert_eq!(job(&test, &frozen).await.state, JobState::Queued);
}

async fn leases_lost_too_often_are_dead(test: TestStore) {
    test.upload(b"one").await;
    let mut n_claims = 0;
    while let Some(lease) = claim(&test).await {
        n_claims += 1;
        test.advance(Duration::from_secs(16));
        jobs::sweep(&test.store).await.unwrap();
        let after = job(&test, &lease).await;
        if after.state == JobState::Dead {
            assert_eq!(after.error_code.as_deref(), Some("worker_lost"));
            assert_eq!(track_state(&test, &lease).await.0, TrackState::Failed);
        }
    }
    assert_eq!(n_claims, test.store.queue().max_lost);
}

async fn a_renewed_lease_is_not_lost(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    for _ in 0..10 {
        test.advance(Duration::from_secs(10));
        assert_eq!(jobs::renew(&test.store, &lease, 0.5).await.unwrap(), Renewal::Held);
        assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 0);
    }
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    assert_eq!(job(&test, &lease).await.attempts, 1);
}

async fn a_deleted_track_ends_its_running_job(test: TestStore) {
    let track = test.upload(b"one").await.track.id;
    let lease = claim(&test).await.unwrap();
    assert!(tracks::delete(&test.store, test.owner, track).await.unwrap());
    assert_eq!(jobs::renew(&test.store, &lease, 0.5).await.unwrap(), Renewal::Cancel);
    assert!(!jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    assert!(!jobs::cancelled(&test.store, &lease).await.unwrap());
    assert_eq!(job(&test, &lease).await.state, JobState::Cancelled);
    assert!(descriptors::all(&test.store, 1).await.unwrap().is_empty());
}

async fn many_workers_claim_each_job_once(test: TestStore) {
    for i in 0..30_u8 {
        test.upload(&[i]).await;
    }
    let other = test.reopen().await;
    let workers: Vec<_> = (0..8)
        .map(|i| {
            let store = if i % 2 == 0 { test.store.clone() } else { other.clone() };
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                while let Some(lease) = jobs::claim(&store, &format!("w{i}")).await.unwrap() {
                    claimed.push(lease.job.id);
                }
                claimed
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    assert_eq!(all.len(), 30);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 30);
}

async fn lists_by_state_kind_and_track(test: TestStore) {
    let track = test.upload(b"one").await.track.id;
    test.upload(b"two").await;
    let lease = claim(&test).await.unwrap();
    jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap();
    let n = async |query| jobs::list(&test.store, test.owner, query).await.unwrap().items.len();
    assert_eq!(n(ALL).await, 3);
    assert_eq!(n(JobQuery { state: Some(JobState::Queued), ..ALL }).await, 2);
    assert_eq!(n(JobQuery { kind: Some(JobKind::MatchTrack), ..ALL }).await, 1);
    assert_eq!(n(JobQuery { track: Some(track), ..ALL }).await, 2);
    let page = jobs::list(&test.store, test.owner, JobQuery { limit: 2, ..ALL }).await.unwrap();
    assert!(page.has_more);
    assert_eq!(n(JobQuery { after: page.items.last().map(|job| job.id), ..ALL }).await, 1);
}

async fn new_tags_are_matched_again(test: TestStore) {
    let track = test.upload(b"one").await.track.id;
    let tags = |tag: &str| TrackPatch { tags: Some(vec![tag.into()]), ..TrackPatch::default() };
    tracks::update(&test.store, test.owner, track, tags("a")).await.unwrap();
    let lease = claim(&test).await.unwrap();
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    let matching = claim(&test).await.unwrap();
    assert!(jobs::complete_match(&test.store, &matching, 10, 0, Vec::new()).await.unwrap());
    assert!(claim(&test).await.is_none());
    tracks::update(&test.store, test.owner, track, tags("a")).await.unwrap();
    assert!(claim(&test).await.is_none(), "the same tags change no match");
    tracks::update(&test.store, test.owner, track, tags("b")).await.unwrap();
    assert_eq!(claim(&test).await.unwrap().job.kind, JobKind::MatchTrack);
    assert_eq!(descriptors::all(&test.store, 1).await.unwrap()[0].tags, ["b"]);
}

async fn progress_stays_between_0_and_1(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    for (given, kept) in [(0.25, 0.25), (7.0, 1.0), (-1.0, 0.0), (f64::NAN, 0.0)] {
        jobs::renew(&test.store, &lease, given).await.unwrap();
        assert!((job(&test, &lease).await.progress - kept).abs() < 1e-12);
    }
}

async fn the_backlog_counts_what_is_not_done(test: TestStore) {
    let empty = jobs::backlog(&test.store).await.unwrap();
    assert_eq!((empty.n_queued, empty.n_running, empty.first_due_at), (0, 0, None));
    let begin = test.store.now();
    test.upload(b"one").await;
    test.advance(Duration::from_secs(5));
    test.upload(b"two").await;
    let waiting = jobs::backlog(&test.store).await.unwrap();
    assert_eq!((waiting.n_queued, waiting.n_running, waiting.first_due_at), (2, 0, Some(begin)));
    let lease = claim(&test).await.unwrap();
    let running = jobs::backlog(&test.store).await.unwrap();
    assert_eq!((running.n_queued, running.n_running), (1, 1));
    jobs::fail(&test.store, &lease, "bad_media", "").await.unwrap();
    let left = jobs::backlog(&test.store).await.unwrap();
    assert_eq!((left.n_queued, left.n_running), (1, 0));
    assert_eq!(left.first_due_at, Some(test.store.now()));
}
