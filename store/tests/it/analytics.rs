//! Figures about jobs: what their endings add up to.

use std::collections::BTreeMap;
use std::time::Duration;

use store::analytics::{self, DayQuery, Measure, Tally};
use store::jobs::{self, Outcome, Stage, StageTime};
use store::testing::TestStore;
use store::tracks::{self, NewTrack};
use store::{JobKind, Lease, UserId, users};
use time::Date;

use crate::jobs::{analyzed, claim};

on_both_databases! {
    a_job_says_what_its_attempts_took,
    every_ending_is_counted_once,
    a_job_counts_on_the_day_it_ends,
    a_user_who_goes_takes_the_own_figures_only,
    what_was_ended_from_outside_counts_too,
    the_queue_is_counted_by_kind,
    unknown_codes_are_counted_as_others,
    endings_at_once_all_count,
}

fn query(test: &TestStore, user: Option<UserId>) -> DayQuery {
    let today = test.store.now().date();
    DayQuery { user, from: today.previous_day().unwrap(), to: today, kind: None }
}

async fn tallies(test: &TestStore, user: Option<UserId>) -> Vec<(Date, Tally)> {
    analytics::throughput(&test.store, query(test, user)).await.unwrap()
}

/// How many ended how, of all users.
async fn counts(test: &TestStore) -> BTreeMap<String, u64> {
    let name = |it: &Tally| format!("{} {} {}", it.kind, it.outcome, it.code).trim().to_owned();
    tallies(test, None).await.into_iter().map(|(_, it)| (name(&it), it.n)).collect()
}

fn spend(lease: &Lease, cpu_ms: u64, n_bytes: u64) {
    lease.meter.note(|usage| {
        usage.cpu += Duration::from_millis(cpu_ms);
        usage.n_bytes += n_bytes;
        usage.cost_nanos = Some(cpu_ms * 10);
        usage.stages.add(Stage::Fetch, StageTime { wall_s: 0.25, cpu_s: None });
    });
}

async fn a_job_says_what_its_attempts_took(test: TestStore) {
    test.upload(b"one").await;
    test.advance(Duration::from_secs(3));
    let lease = claim(&test).await.unwrap();
    let job =
        async || jobs::get(&test.store, test.owner, lease.job.id).await.unwrap().unwrap().taken;
    assert_eq!(job().await.wait, Some(Duration::from_secs(3)));
    spend(&lease, 100, 7);
    test.advance(Duration::from_secs(2));
    assert!(jobs::retry_later(&test.store, &lease, "io", "").await.unwrap());
    let after = job().await;
    assert_eq!((after.run, after.cpu), (Duration::from_secs(2), Duration::from_millis(100)));
    assert_eq!((after.n_bytes, after.audio, after.cost_nanos), (7, None, Some(1000)));

    test.advance(Duration::from_secs(10));
    let lease = claim(&test).await.unwrap();
    spend(&lease, 400, 7);
    lease.meter.note(|usage| usage.audio = Some(Duration::from_mins(1)));
    test.advance(Duration::from_secs(5));
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    let after = job().await;
    assert_eq!(after.wait, Some(Duration::from_secs(3)), "to the first start");
    assert_eq!((after.run, after.cpu), (Duration::from_secs(7), Duration::from_millis(500)));
    assert_eq!(after.audio, Some(Duration::from_mins(1)));
    assert_eq!((after.n_bytes, after.cost_nanos), (14, Some(5000)));
    let stages: Vec<_> = after.stages.keys().copied().collect();
    assert_eq!(stages, [Stage::Fetch, Stage::Write]);
    assert_eq!(after.stages[&Stage::Fetch], StageTime { wall_s: 0.25, cpu_s: None });
}

async fn every_ending_is_counted_once(test: TestStore) {
    let store = &test.store;
    // Seven of them, and two attempts that are followed by another.
    for n in 0..6_u8 {
        test.upload(&[n]).await;
    }
    let done = claim(&test).await.unwrap();
    spend(&done, 1500, 1000);
    done.meter.note(|usage| usage.audio = Some(Duration::from_secs(90)));
    test.advance(Duration::from_secs(2));
    assert!(jobs::complete_analysis(store, &done, analyzed()).await.unwrap());
    assert!(!jobs::complete_analysis(store, &done, analyzed()).await.unwrap());
    assert!(jobs::fail(store, &claim(&test).await.unwrap(), "bad_media", "").await.unwrap());
    assert!(jobs::fail(store, &claim(&test).await.unwrap(), "empty", "").await.unwrap());
    let running = claim(&test).await.unwrap();
    jobs::cancel(store, test.owner, running.job.id).await.unwrap();
    assert!(jobs::cancelled(store, &running).await.unwrap());
    let gone = claim(&test).await.unwrap();
    assert!(jobs::release(store, &gone).await.unwrap());
    jobs::cancel(store, test.owner, gone.job.id).await.unwrap();
    for _ in 0..3 {
        let lease = claim(&test).await.unwrap();
        assert_eq!(lease.job.kind, JobKind::AnalyzeTrack);
        spend(&lease, 10, 1);
        assert!(jobs::crash(store, &lease, "").await.unwrap());
        test.advance(Duration::from_secs(10));
    }
    let matching = claim(&test).await.unwrap();
    assert!(jobs::complete_match(store, &matching, 5, 0, Vec::new()).await.unwrap());
    assert!(claim(&test).await.is_none());

    let expected = [
        ("analyze_track cancelled", 2),
        ("analyze_track dead crashed", 1),
        ("analyze_track failed bad_media", 1),
        ("analyze_track failed empty", 1),
        ("analyze_track released", 1),
        ("analyze_track retried crashed", 2),
        ("analyze_track succeeded", 1),
        ("match_track succeeded", 1),
    ];
    assert_eq!(counts(&test).await, expected.map(|(name, n)| (name.to_owned(), n)).into());
    assert_eq!(tallies(&test, Some(test.owner)).await, tallies(&test, None).await);
    assert_eq!(tallies(&test, Some(UserId::from_u128(1))).await, []);

    let ever = analytics::ever(store).await.unwrap();
    let all: Vec<_> = tallies(&test, None).await.into_iter().map(|(_, it)| it).collect();
    assert_eq!(ever.tallies, all);
    let sum = |of: fn(&Tally) -> u64| all.iter().map(of).sum::<u64>();
    assert_eq!((sum(|it| it.cpu_us), sum(|it| it.n_bytes)), (1_530_000, 1003));
    assert_eq!((sum(|it| it.audio_us), sum(|it| it.cost_nanos)), (90_000_000, 15_300));

    // Each job that was started and ended has a wait and a run: the attempts of one that died are one run.
    let analyses = |measure| &ever.times[&(JobKind::AnalyzeTrack, measure)];
    assert_eq!((analyses(Measure::Wait).n(), analyses(Measure::Run).n()), (6, 6));
    assert_eq!(Some(analyses(Measure::Run).sum_s()), Some(2.0), "whole microseconds");
    let days = analytics::latency(store, query(&test, Some(test.owner))).await.unwrap();
    assert_eq!(days.len(), 4);
    for day in days {
        assert_eq!(ever.times[&(day.kind, day.measure)], day.times);
    }
}

async fn a_job_counts_on_the_day_it_ends(test: TestStore) {
    test.upload(b"one").await;
    test.upload(b"two").await;
    let first = claim(&test).await.unwrap();
    assert!(jobs::fail(&test.store, &first, "empty", "").await.unwrap());
    let second = claim(&test).await.unwrap();
    let before = test.store.now().date();
    test.advance(Duration::from_hours(24));
    assert!(jobs::fail(&test.store, &second, "empty", "").await.unwrap());
    let days: Vec<_> =
        tallies(&test, None).await.into_iter().map(|(day, it)| (day, it.n)).collect();
    assert_eq!(days, [(before, 1), (before.next_day().unwrap(), 1)]);
    let only = DayQuery { from: before, to: before, ..query(&test, None) };
    assert_eq!(analytics::throughput(&test.store, only).await.unwrap().len(), 1);
    let none = DayQuery { kind: Some(JobKind::PlanRun), ..query(&test, None) };
    assert_eq!(analytics::throughput(&test.store, none).await.unwrap(), []);
}

async fn a_user_who_goes_takes_the_own_figures_only(test: TestStore) {
    let user = users::create(&test.store, "guest").await.unwrap().id;
    let new = NewTrack { owner_id: user, ..test.new_track(b"one").await };
    tracks::create(&test.store, new).await.unwrap();
    let lease = claim(&test).await.unwrap();
    assert!(jobs::fail(&test.store, &lease, "empty", "").await.unwrap());
    assert_eq!(tallies(&test, Some(user)).await.len(), 1);
    assert!(users::delete(&test.store, user).await.unwrap());
    assert_eq!(tallies(&test, Some(user)).await, []);
    assert_eq!(analytics::latency(&test.store, query(&test, Some(user))).await.unwrap(), []);
    assert_eq!(counts(&test).await, [("analyze_track failed empty".to_owned(), 1)].into());
}

async fn what_was_ended_from_outside_counts_too(test: TestStore) {
    let store = &test.store;
    let queued = test.upload(b"one").await.track.id;
    assert!(tracks::delete(store, test.owner, queued).await.unwrap());
    test.upload(b"two").await;
    let running = claim(&test).await.unwrap();
    spend(&running, 5, 5);
    assert!(tracks::delete(store, test.owner, running.job.track_id.unwrap()).await.unwrap());
    assert!(!jobs::cancelled(store, &running).await.unwrap());
    test.upload(b"three").await;
    claim(&test).await.unwrap();
    test.advance(Duration::from_secs(16));
    assert_eq!(jobs::sweep(store).await.unwrap().n_lost, 1);
    let expected = [("analyze_track cancelled", 2), ("analyze_track retried worker_lost", 1)];
    assert_eq!(counts(&test).await, expected.map(|(name, n)| (name.to_owned(), n)).into());
    let all = tallies(&test, None).await;
    let lost = all.iter().find(|(_, it)| it.outcome == Outcome::Retried).unwrap();
    assert_eq!(lost.1.run_us, 16_000_000);
}

async fn the_queue_is_counted_by_kind(test: TestStore) {
    let store = &test.store;
    assert!(analytics::queue(store, None).await.unwrap().is_empty());
    let first = test.store.now();
    for n in 0..4_u8 {
        test.upload(&[n]).await;
    }
    test.advance(Duration::from_secs(9));
    let done = claim(&test).await.unwrap();
    assert!(jobs::complete_analysis(store, &done, analyzed()).await.unwrap());
    claim(&test).await.unwrap();
    let later = claim(&test).await.unwrap();
    assert!(jobs::crash(store, &later, "").await.unwrap());
    for user in [None, Some(test.owner)] {
        let queue = analytics::queue(store, user).await.unwrap();
        let analyses = queue[&JobKind::AnalyzeTrack];
        assert_eq!((analyses.n_due, analyses.n_delayed, analyses.n_running), (1, 1, 1));
        assert_eq!(analyses.first_due_at, Some(first));
        let matchings = queue[&JobKind::MatchTrack];
        assert_eq!((matchings.n_due, matchings.first_due_at), (1, Some(test.store.now())));
        assert_eq!(queue.len(), 2);
    }
    assert!(analytics::queue(store, Some(UserId::from_u128(1))).await.unwrap().is_empty());
}

async fn unknown_codes_are_counted_as_others(test: TestStore) {
    test.upload(b"one").await;
    let lease = claim(&test).await.unwrap();
    assert!(jobs::fail(&test.store, &lease, "made up by a child", "").await.unwrap());
    assert_eq!(counts(&test).await, [("analyze_track failed other".to_owned(), 1)].into());
}

/// Workers and deletions that add to the same rows at once: none waits for ever, and nothing is lost or doubled.
async fn endings_at_once_all_count(test: TestStore) {
    const N: u64 = 48;
    let mut doomed = Vec::new();
    for n in 0..N {
        let track = test.upload(&n.to_be_bytes()).await.track.id;
        if n % 4 == 0 {
            doomed.push(track);
        }
    }
    let mut tasks = Vec::new();
    for worker in 0..4 {
        let store = test.store.clone();
        tasks.push(tokio::spawn(async move {
            while let Some(lease) = jobs::claim(&store, "w").await.unwrap() {
                if lease.job.kind == JobKind::MatchTrack {
                    jobs::complete_match(&store, &lease, 5, 0, Vec::new()).await.unwrap();
                } else if worker % 2 == 0 {
                    jobs::complete_analysis(&store, &lease, analyzed()).await.unwrap();
                } else {
                    jobs::fail(&store, &lease, "empty", "").await.unwrap();
                }
            }
        }));
    }
    let (store, owner) = (test.store.clone(), test.owner);
    tasks.push(tokio::spawn(async move {
        for track in doomed {
            tracks::delete(&store, owner, track).await.unwrap();
        }
    }));
    for task in tasks {
        task.await.unwrap();
    }
    while let Some(lease) = claim(&test).await {
        jobs::fail(&test.store, &lease, "empty", "").await.unwrap();
    }
    let all = tallies(&test, None).await;
    let n_of = |kind| all.iter().filter(|(_, it)| it.kind == kind).map(|(_, it)| it.n).sum::<u64>();
    let done = all
        .iter()
        .filter(|(_, it)| it.kind == JobKind::AnalyzeTrack && it.outcome == Outcome::Succeeded);
    assert_eq!(n_of(JobKind::AnalyzeTrack), N);
    assert_eq!(n_of(JobKind::MatchTrack), done.map(|(_, it)| it.n).sum::<u64>());
    assert_eq!(tallies(&test, Some(test.owner)).await, all);
}
