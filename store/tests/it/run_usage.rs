//! What a run says that its jobs took.

use std::time::Duration;

use serde_json::json;
use store::jobs::{self, Analyzed, JobQuery, Stage, StageTime, Taken};
use store::runs::{self, NewRun, Plan, Switched, Tile};
use store::testing::TestStore;
use store::{Job, JobKind, Lease, Run, RunId, RunState, events};

use crate::jobs::{analyzed, claim};
use crate::runs::{N_HEADS, VERSIONS, catalogue, discard, finish, planned, run, wish};

on_both_databases! {
    a_run_adds_up_what_its_jobs_took,
    a_cancelled_run_counts_what_was_begun,
}

fn spend(lease: &Lease, cpu_ms: u64, stage: Stage) {
    lease.meter.note(|usage| {
        usage.cpu += Duration::from_millis(cpu_ms);
        usage.n_bytes += 7;
        usage.cost_nanos = Some(cpu_ms * 10);
        usage.stages.add(stage, StageTime { wall_s: 0.25, cpu_s: Some(0.5) });
    });
}

/// The jobs of a run, newest first, whose sums are what the run says it took.
async fn adds_up(test: &TestStore, id: RunId) -> Vec<Job> {
    let query =
        JobQuery { state: None, kind: None, track: None, run: Some(id), after: None, limit: 100 };
    let jobs = jobs::list(&test.store, test.owner, query).await.unwrap().items;
    let Run { attempts, taken, .. } = run(test, id).await;
    let sum = |of: fn(&Job) -> Duration| jobs.iter().map(of).sum::<Duration>();
    assert_eq!((taken.run, taken.cpu), (sum(|it| it.taken.run), sum(|it| it.taken.cpu)));
    assert_eq!(taken.n_bytes, jobs.iter().map(|it| it.taken.n_bytes).sum::<u64>());
    let audio = jobs.iter().filter_map(|it| it.taken.audio);
    assert_eq!(taken.audio, audio.reduce(|a, b| a + b));
    let cost = jobs.iter().filter_map(|it| it.taken.cost_nanos);
    assert_eq!(taken.cost_nanos, cost.reduce(|a, b| a + b));
    let ended = jobs.iter().filter(|it| it.state.is_final());
    assert_eq!(attempts, ended.map(|it| it.attempts).sum::<i64>());
    jobs
}

async fn a_run_adds_up_what_its_jobs_took(test: TestStore) {
    let (store, second) = (&test.store, Duration::from_secs(1));
    let ids = catalogue(&test, 2).await;
    let trace_id = Some("0af7651916cd43dd8448eb211c80319c".to_owned());
    let wish = NewRun { reanalyze: true, trace_id: trace_id.clone(), ..wish(&test) };
    let run_ = runs::start(store, wish).await.unwrap().run;
    assert_eq!((run_.attempts, &run_.taken), (0, &Taken::default()));
    test.advance(3 * second);
    let lease = claim(&test).await.unwrap();
    assert_eq!(run(&test, run_.id).await.taken, Taken::default(), "nothing has ended yet");
    spend(&lease, 10, Stage::Matching);
    test.advance(second);
    assert_eq!(runs::begin_analyses(store, &lease, &run_, 2).await.unwrap(), Some(2));
    assert_eq!(adds_up(&test, run_.id).await.len(), 3);

    // One of the analyses takes two attempts; matchings are nobody's steps.
    let lease = claim(&test).await.unwrap();
    spend(&lease, 100, Stage::Fetch);
    test.advance(second);
    assert!(jobs::retry_later(store, &lease, "io", "").await.unwrap());
    adds_up(&test, run_.id).await;
    test.advance(60 * second);
    for _ in 0..4 {
        let lease = claim(&test).await.unwrap();
        spend(&lease, 100, Stage::Fetch);
        if lease.job.kind == JobKind::AnalyzeTrack {
            lease.meter.note(|usage| usage.audio = Some(30 * second));
            test.advance(2 * second);
            let newer = Analyzed { analysis_version: 2, ..analyzed() };
            assert!(jobs::complete_analysis(store, &lease, newer).await.unwrap());
        } else {
            assert!(jobs::complete_match(store, &lease, N_HEADS, 0, vec![]).await.unwrap());
        }
    }
    assert_eq!(adds_up(&test, run_.id).await.len(), 3);
    let taken = run(&test, run_.id).await.taken;
    assert_eq!((taken.audio, taken.cpu), (Some(60 * second), Duration::from_millis(310)));

    jobs::sweep(store).await.unwrap();
    let lease = claim(&test).await.unwrap();
    let plan = Plan {
        seq: events::last_seq(store, test.owner).await.unwrap(),
        n_tracks: 2,
        n_stale: 0,
        tiles: ids.iter().map(|id| vec![*id]).collect(),
    };
    assert!(runs::plan(store, &lease, &run_, plan).await.unwrap());
    let planned = run(&test, run_.id).await;
    // The second tile is lost once.
    for n_lost in [0, 1] {
        let mut lease = claim(&test).await.unwrap();
        spend(&lease, 1, Stage::Matching);
        if n_lost == 1 {
            test.advance(16 * second);
            assert_eq!(jobs::sweep(store).await.unwrap().n_lost, 1);
            lease = claim(&test).await.unwrap();
        }
        assert_eq!((lease.job.kind, lease.job.lost), (JobKind::RescoreTile, n_lost));
        let empty = Tile { seq: planned.seq, ..Tile::default() };
        assert!(runs::complete_tile(store, &lease, &planned, empty).await.unwrap());
    }
    let lease = finish(&test).await;
    let switched = runs::switch(store, &lease, &planned, planned.seq, VERSIONS, json!([]));
    assert_eq!(switched.await.unwrap(), Switched::Done);
    spend(&lease, 5, Stage::Matching);
    test.advance(second);
    // It has ended, and its last job still adds what it takes.
    assert!(jobs::complete(store, &lease).await.unwrap());
    let steps = adds_up(&test, run_.id).await;
    let kinds: Vec<_> = steps.iter().rev().map(|job| job.kind).collect();
    let (analysis, tile) = (JobKind::AnalyzeTrack, JobKind::RescoreTile);
    let plan = JobKind::PlanRun;
    assert_eq!(kinds, [plan, analysis, analysis, plan, tile, tile, JobKind::FinishRun]);
    assert!(steps.iter().all(|job| job.trace_id == trace_id), "{steps:?}");
    let Run { attempts, taken, .. } = run(&test, run_.id).await;
    assert_eq!((attempts, taken.wait), (9, Some(3 * second)));
    assert_eq!(taken.run, 23 * second, "of all attempts, that of the lost worker too");
    assert_eq!((taken.cpu, taken.n_bytes), (Duration::from_millis(316), 42));
    let stages: Vec<_> = taken.stages.keys().copied().collect();
    assert_eq!(stages, [Stage::Fetch, Stage::Matching, Stage::Write]);
    // Of all three attempts at analyses.
    let fetch = StageTime { wall_s: 0.75, cpu_s: Some(1.5) };
    assert_eq!(taken.stages[&Stage::Fetch], fetch);
}

async fn a_cancelled_run_counts_what_was_begun(test: TestStore) {
    let ids = catalogue(&test, 3).await;
    let (run_, leases) = planned(&test, &ids).await;
    // One waits, two are worked at.
    assert!(jobs::release(&test.store, &leases[0]).await.unwrap());
    spend(&leases[1], 5, Stage::Matching);
    test.advance(Duration::from_secs(1));
    runs::cancel(&test.store, test.owner, run_.id).await.unwrap().unwrap();
    assert_eq!(adds_up(&test, run_.id).await.len(), 5);
    assert_eq!(run(&test, run_.id).await.attempts, 3);
    discard(&test, &run_).await;
    adds_up(&test, run_.id).await;
    let ended = run(&test, run_.id).await;
    assert_eq!((ended.state, ended.attempts), (RunState::Cancelled, 4));
    let page = runs::list(&test.store, test.owner, None, 10).await.unwrap();
    assert_eq!(page.items, [ended]);
}
