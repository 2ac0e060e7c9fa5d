//! The jobs of all users, and queueing again what was given up.

use std::time::Duration;

use store::jobs::{self, JobFilter, JobQuery, RetriedMany, Retry};
use store::testing::TestStore;
use store::{Job, JobId, JobKind, JobState, TrackState, events, tracks, users};

use crate::jobs::{analyzed, claim};

on_both_databases! {
    a_dead_job_begins_anew_and_forgets_nothing,
    what_did_not_fail_is_not_tried_again,
    what_would_do_nothing_is_not_tried_again,
    many_are_tried_again_by_what_they_have_in_common,
    jobs_of_all_are_listed_by_page_and_filter,
    anybodys_job_is_cancelled,
    of_many_retries_at_once_one_counts,
}

async fn job(test: &TestStore, id: JobId) -> Job {
    jobs::find(&test.store, id).await.unwrap().unwrap()
}

/// Uploads and fails; the job.
async fn failed(test: &TestStore, bytes: &[u8], code: &str) -> Job {
    let id = test.upload(bytes).await.job.unwrap().id;
    let lease = claim(test).await.unwrap();
    assert_eq!(lease.job.id, id);
    assert!(jobs::fail(&test.store, &lease, code, "it says why").await.unwrap());
    job(test, id).await
}

/// Uploads and crashes until nobody tries any more; the job.
async fn dead(test: &TestStore, bytes: &[u8]) -> Job {
    let id = test.upload(bytes).await.job.unwrap().id;
    for _ in 0..3 {
        let lease = claim(test).await.unwrap();
        assert_eq!(lease.job.id, id);
        assert!(jobs::crash(&test.store, &lease, "signal 11").await.unwrap());
        test.advance(Duration::from_secs(10));
    }
    job(test, id).await
}

async fn retry(test: &TestStore, id: JobId) -> Retry {
    jobs::retry(&test.store, id).await.unwrap().unwrap()
}

async fn a_dead_job_begins_anew_and_forgets_nothing(test: TestStore) {
    let before = dead(&test, b"one").await;
    assert_eq!((before.state, before.attempts, before.crashes), (JobState::Dead, 3, 3));
    let Retry::Queued(queued) = retry(&test, before.id).await else { panic!("it is dead") };
    assert_eq!(*queued, job(&test, before.id).await);
    assert_eq!((queued.state, queued.attempts, queued.crashes), (JobState::Queued, 0, 0));
    assert_eq!((queued.error_code, queued.finished_at), (None, None));
    assert_eq!(queued.created_at, before.created_at);
    let track = tracks::get(&test.store, test.owner, before.track_id.unwrap()).await.unwrap();
    assert_eq!(
        track.map(|track| (track.state, track.error_code)),
        Some((TrackState::Queued, None))
    );
    let told = events::after(&test.store, test.owner, 0, 100).await.unwrap();
    assert_eq!(told.last().unwrap().kind, "job.retried");

    // It may crash three times again, and both times are kept.
    for _ in 0..3 {
        let lease = claim(&test).await.unwrap();
        assert!(jobs::crash(&test.store, &lease, "signal 6").await.unwrap());
        test.advance(Duration::from_secs(10));
    }
    assert_eq!(job(&test, before.id).await.state, JobState::Dead);
    assert!(matches!(retry(&test, before.id).await, Retry::Queued(_)));
    let rounds = jobs::rounds(&test.store, before.id).await.unwrap();
    let details: Vec<_> = rounds.iter().map(|it| it.error_detail.as_deref().unwrap()).collect();
    assert_eq!(details, ["signal 11", "signal 6"]);
    assert!(rounds.iter().all(|it| (it.state, it.attempts, it.crashes) == (JobState::Dead, 3, 3)));
    assert_eq!(Some(rounds[0].finished_at), before.finished_at);

    let lease = claim(&test).await.unwrap();
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    assert_eq!(job(&test, before.id).await.state, JobState::Succeeded);
    // What an analysis said about the file goes with it.
    assert!(tracks::delete(&test.store, test.owner, before.track_id.unwrap()).await.unwrap());
    let rounds = jobs::rounds(&test.store, before.id).await.unwrap();
    assert!(rounds.iter().all(|round| round.error_detail.is_none()));
}

async fn what_did_not_fail_is_not_tried_again(test: TestStore) {
    let id = test.upload(b"one").await.job.unwrap().id;
    assert_eq!(retry(&test, id).await, Retry::NotFailed(JobState::Queued));
    let lease = claim(&test).await.unwrap();
    assert_eq!(retry(&test, id).await, Retry::NotFailed(JobState::Running));
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    assert_eq!(retry(&test, id).await, Retry::NotFailed(JobState::Succeeded));
    assert!(jobs::retry(&test.store, JobId::from_u128(7)).await.unwrap().is_none());
    assert!(jobs::rounds(&test.store, id).await.unwrap().is_empty());
}

async fn what_would_do_nothing_is_not_tried_again(test: TestStore) {
    let gone = failed(&test, b"one", "bad_media").await;
    tracks::delete(&test.store, test.owner, gone.track_id.unwrap()).await.unwrap();
    assert_eq!(retry(&test, gone.id).await, Retry::Pointless);

    // The same bytes again: after a dead job there is another one.
    let old = dead(&test, b"two").await;
    let new = test.upload(b"two").await.job.unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(retry(&test, old.id).await, Retry::Pointless);

    // A step of a run ends with it.
    let run = store::runs::NewRun {
        owner_id: test.owner,
        scope: store::RunScope::All,
        purpose: None,
        reanalyze: false,
        dry_run: false,
        trace_id: None,
    };
    store::runs::start(&test.store, run).await.unwrap();
    let lease = loop {
        let lease = claim(&test).await.unwrap();
        if lease.job.kind == JobKind::PlanRun {
            break lease;
        }
    };
    assert!(jobs::fail(&test.store, &lease, "io", "").await.unwrap());
    assert_eq!(retry(&test, lease.job.id).await, Retry::Pointless);
    let all = JobFilter::default();
    let many = jobs::retry_many(&test.store, &all, 100).await.unwrap();
    assert_eq!(many, RetriedMany { n_queued: 0, has_more: false });
}

async fn many_are_tried_again_by_what_they_have_in_common(test: TestStore) {
    let mut ids = Vec::new();
    for i in 0..5_u8 {
        let code = if i % 2 == 0 { "bad_media" } else { "resource_limit" };
        ids.push(failed(&test, &[i], code).await.id);
        test.advance(Duration::from_secs(1));
    }
    let filter = JobFilter {
        state: Some(JobState::Failed),
        error_code: Some("bad_media".to_owned()),
        ..JobFilter::default()
    };
    let many = jobs::retry_many(&test.store, &filter, 2).await.unwrap();
    assert_eq!(many, RetriedMany { n_queued: 2, has_more: true });
    let many = jobs::retry_many(&test.store, &filter, 2).await.unwrap();
    assert_eq!(many, RetriedMany { n_queued: 1, has_more: false });
    let mut states = Vec::new();
    for id in ids {
        states.push(job(&test, id).await.state);
    }
    assert_eq!(
        states,
        [JobState::Queued, JobState::Failed, JobState::Queued, JobState::Failed, JobState::Queued]
    );
}

async fn jobs_of_all_are_listed_by_page_and_filter(test: TestStore) {
    let mine = dead(&test, b"one").await;
    let begin = test.store.now();
    let other = users::create(&test.store, "other").await.unwrap().id;
    let new = test.new_track(b"two").await;
    let new = store::tracks::NewTrack { owner_id: other, ..new };
    let theirs = tracks::create(&test.store, new).await.unwrap().job.unwrap();
    let found = async |filter: JobFilter| {
        let page = jobs::list_all(&test.store, &filter, None, 10).await.unwrap();
        assert!(!page.has_more);
        page.items.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    let all = JobFilter::default;
    assert_eq!(found(all()).await, [theirs.id, mine.id]);
    assert_eq!(found(JobFilter { state: Some(JobState::Dead), ..all() }).await, [mine.id]);
    assert_eq!(found(JobFilter { state: Some(JobState::Queued), ..all() }).await, [theirs.id]);
    assert_eq!(found(JobFilter { owner: Some(other), ..all() }).await, [theirs.id]);
    assert_eq!(found(JobFilter { kind: Some(JobKind::MatchTrack), ..all() }).await, []);
    let crashed = Some("crashed".to_owned());
    assert_eq!(found(JobFilter { error_code: crashed, ..all() }).await, [mine.id]);
    assert_eq!(found(JobFilter { since: Some(begin), ..all() }).await, [theirs.id]);
    assert_eq!(found(JobFilter { before: Some(begin), ..all() }).await, [mine.id]);

    let page = jobs::list_all(&test.store, &all(), None, 1).await.unwrap();
    assert_eq!((page.items[0].id, page.has_more), (theirs.id, true));
    let page = jobs::list_all(&test.store, &all(), Some(theirs.id), 1).await.unwrap();
    assert_eq!((page.items[0].id, page.has_more), (mine.id, false));
    // Its owner's list shows no job of others.
    let query =
        JobQuery { state: None, kind: None, track: None, run: None, after: None, limit: 10 };
    assert_eq!(jobs::list(&test.store, other, query).await.unwrap().items.len(), 1);
}

async fn anybodys_job_is_cancelled(test: TestStore) {
    let id = test.upload(b"one").await.job.unwrap().id;
    let cancelled = jobs::cancel_any(&test.store, id).await.unwrap().unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(retry(&test, id).await, Retry::NotFailed(JobState::Cancelled));
    assert!(jobs::cancel_any(&test.store, JobId::from_u128(7)).await.unwrap().is_none());
}

async fn of_many_retries_at_once_one_counts(test: TestStore) {
    let id = dead(&test, b"one").await.id;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = test.store.clone();
            tokio::spawn(async move { jobs::retry(&store, id).await.unwrap().unwrap() })
        })
        .collect();
    let mut n_queued = 0;
    for task in tasks {
        n_queued += u32::from(matches!(task.await.unwrap(), Retry::Queued(_)));
    }
    assert_eq!(n_queued, 1);
    assert_eq!(jobs::rounds(&test.store, id).await.unwrap().len(), 1);
}
