//! Runs: what is staged, what is seen, and when. The work itself is tested in `worker`.

use std::time::Duration;

use serde_json::json;
use store::events::{self, Changed};
use store::jobs::{self, Analyzed, NewMatch};
use store::matches::{self, Entry, NewList, NewPair, collect, lists};
use store::runs::{self, NewRun, Plan, Switched, Tile, Versions};
use store::testing::TestStore;
use store::{JobKind, JobState, Lease, Run, RunScope, RunState, TrackId, UserId, tracks};

use crate::jobs::{analyzed, claim, happened};

on_both_databases! {
    what_is_staged_is_seen_after_the_switch_and_not_before,
    a_run_that_is_asked_for_twice_is_one,
    a_cancelled_run_leaves_nothing_and_was_never_seen,
    a_lost_worker_costs_a_tile_nothing,
    a_track_that_is_deleted_while_its_tile_is_scored_is_in_no_list,
    what_is_matched_during_a_run_is_taken_in_before_the_switch,
    a_step_that_is_given_up_fails_the_run,
    a_run_whose_tile_was_cancelled_is_cancelled,
    older_reports_are_analysed_before_the_plan,
    a_run_without_tiles_has_succeeded,
    pairs_that_no_list_names_are_collected,
    a_dry_run_keeps_its_difference_and_nothing_else,
    runs_of_others_are_not_there,
    a_run_tells_its_steps,
}

pub(crate) const N_HEADS: u32 = 3;
pub(crate) const VERSIONS: Versions =
    Versions { descriptor: 1, weights: 2, n_heads: N_HEADS, least_score: 0.0 };

/// Analysed tracks whose matching is done, without any match.
pub(crate) async fn catalogue(test: &TestStore, n: u8) -> Vec<TrackId> {
    let mut ids = Vec::new();
    for i in 0..n {
        ids.push(test.upload(&[i]).await.track.id);
        let lease = claim(test).await.unwrap();
        assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
        let lease = claim(test).await.unwrap();
        assert!(jobs::complete_match(&test.store, &lease, N_HEADS, 0, vec![]).await.unwrap());
    }
    ids
}

pub(crate) fn wish(test: &TestStore) -> NewRun {
    NewRun {
        owner_id: test.owner,
        scope: RunScope::All,
        purpose: None,
        reanalyze: false,
        dry_run: false,
        trace_id: None,
    }
}

pub(crate) async fn run(test: &TestStore, id: store::RunId) -> Run {
    runs::get(&test.store, test.owner, id).await.unwrap().unwrap()
}

/// A run with one tile for each track, and the leases of the tiles.
pub(crate) async fn planned(test: &TestStore, ids: &[TrackId]) -> (Run, Vec<Lease>) {
    planned_as(test, ids, wish(test)).await
}

async fn planned_as(test: &TestStore, ids: &[TrackId], wish: NewRun) -> (Run, Vec<Lease>) {
    let started = runs::start(&test.store, wish).await.unwrap();
    assert!(!started.existed);
    let lease = claim(test).await.unwrap();
    assert_eq!(lease.job.kind, JobKind::PlanRun);
    let plan = Plan {
        seq: events::last_seq(&test.store, test.owner).await.unwrap(),
        n_tracks: ids.len() as u64,
        n_stale: 0,
        tiles: ids.iter().map(|id| vec![*id]).collect(),
    };
    assert!(runs::plan(&test.store, &lease, &started.run, plan).await.unwrap());
    let mut leases = Vec::new();
    for _ in ids {
        leases.push(claim(test).await.unwrap());
    }
    leases.sort_by_key(|lease| lease.job.tile);
    (run(test, started.run.id).await, leases)
}

fn list(track: TrackId, entries: &[Entry]) -> NewList {
    NewList {
        track_id: track,
        purpose: "mix".into(),
        entries: entries.to_vec(),
        descriptor_version: 1,
        weights_version: 2,
    }
}

fn pair(one: TrackId, other: TrackId, score: f64) -> NewPair {
    NewPair {
        purpose: "mix".into(),
        a_id: one.min(other),
        b_id: one.max(other),
        score,
        parts: json!([]),
        reason: format!("score {score}"),
        descriptor_version: 1,
        weights_version: 2,
    }
}

/// A tile of one track with one match.
fn tile(test: &TestStore, run: &Run, track: TrackId, other: TrackId, score: f64) -> Tile {
    assert_eq!(run.owner_id, test.owner);
    Tile {
        seq: run.seq,
        lists: vec![list(track, &[(other, score)])],
        pairs: vec![pair(track, other, score)],
    }
}

async fn seen(test: &TestStore, track: TrackId) -> Vec<Entry> {
    let list = matches::list(&test.store, test.owner, track, "mix", 100).await.unwrap();
    list.into_iter().map(|seen| (seen.track_id, seen.score)).collect()
}

pub(crate) async fn finish(test: &TestStore) -> Lease {
    let lease = claim(test).await.unwrap();
    assert_eq!(lease.job.kind, JobKind::FinishRun);
    lease
}

/// Removes what was staged, as a worker does, and ends the run.
pub(crate) async fn discard(test: &TestStore, run: &Run) {
    let lease = finish(test).await;
    while collect::staged(&test.store, test.owner, run.generation, 1).await.unwrap() > 0 {}
    assert!(runs::discarded(&test.store, &lease, run).await.unwrap());
}

async fn kinds(test: &TestStore) -> Vec<String> {
    let events = happened(test, test.owner).await;
    events.into_iter().map(|event| event.kind).filter(|kind| kind.starts_with("run.")).collect()
}

async fn what_is_staged_is_seen_after_the_switch_and_not_before(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let (run_, leases) = planned(&test, &ids).await;
    assert_eq!((run_.state, run_.generation, run_.n_tiles), (RunState::Scoring, 1, 2));
    for (lease, (one, other)) in leases.iter().zip([(ids[0], ids[1]), (ids[1], ids[0])]) {
        let tile = tile(&test, &run_, one, other, 0.5);
        assert!(runs::complete_tile(&test.store, lease, &run_, tile).await.unwrap());
        assert!(seen(&test, ids[0]).await.is_empty() && seen(&test, ids[1]).await.is_empty());
    }
    let now = run(&test, run_.id).await;
    assert_eq!((now.state, now.n_tiles_done), (RunState::Switching, 2));
    assert_eq!((now.n_lists_written, now.n_matches_written), (2, 1), "a pair is written once");
    let lease = finish(&test).await;
    let diff = json!([{ "purpose": "mix" }]);
    let switched = runs::switch(&test.store, &lease, &run_, run_.seq, VERSIONS, diff.clone());
    assert_eq!(switched.await.unwrap(), Switched::Done);
    assert_eq!(seen(&test, ids[0]).await, [(ids[1], 0.5)]);
    assert_eq!(seen(&test, ids[1]).await, [(ids[0], 0.5)]);
    let now = run(&test, run_.id).await;
    assert_eq!((now.state, now.diff), (RunState::Succeeded, Some(diff)));
    assert_eq!(now.finished_at, Some(test.store.now()));
    assert!(jobs::complete(&test.store, &lease).await.unwrap());
    assert_eq!(kinds(&test).await, ["run.started", "run.succeeded"]);
    assert!(runs::is_unchanged(&test.store, test.owner, VERSIONS).await.unwrap());
    let newer = Versions { weights: 3, ..VERSIONS };
    assert!(!runs::is_unchanged(&test.store, test.owner, newer).await.unwrap());
    let stricter = Versions { least_score: 0.5, ..VERSIONS };
    assert!(!runs::is_unchanged(&test.store, test.owner, stricter).await.unwrap());

    // The next one covers the lists that it changes, and only those.
    let (next, leases) = planned(&test, &ids).await;
    assert_eq!(next.generation, 2);
    let empty = Tile { seq: next.seq, ..Tile::default() };
    assert!(runs::complete_tile(&test.store, &leases[1], &next, empty).await.unwrap());
    let changed = tile(&test, &next, ids[0], ids[1], 0.75);
    assert!(runs::complete_tile(&test.store, &leases[0], &next, changed).await.unwrap());
    assert_eq!(seen(&test, ids[0]).await, [(ids[1], 0.5)]);
    let lease = finish(&test).await;
    let switched = runs::switch(&test.store, &lease, &next, next.seq, VERSIONS, json!([]));
    assert_eq!(switched.await.unwrap(), Switched::Done);
    assert_eq!(seen(&test, ids[0]).await, [(ids[1], 0.75)]);
    assert_eq!(collect::superseded_lists(&test.store, test.owner, 2, 10).await.unwrap(), 1);
    assert_eq!(seen(&test, ids[0]).await, [(ids[1], 0.75)]);
    assert_eq!(lists::generations(&test.store, test.owner).await.unwrap(), [1, 2]);
}

async fn a_run_that_is_asked_for_twice_is_one(test: TestStore) {
    let first = runs::start(&test.store, wish(&test)).await.unwrap();
    let dry = NewRun { dry_run: true, scope: RunScope::Changed, ..wish(&test) };
    let again = runs::start(&test.store, dry).await.unwrap();
    assert!(!first.existed && again.existed);
    assert_eq!(first.run, again.run);
    assert_eq!(kinds(&test).await, ["run.started"]);
    assert!(claim(&test).await.is_some() && claim(&test).await.is_none(), "one job");
}

async fn a_cancelled_run_leaves_nothing_and_was_never_seen(test: TestStore) {
    let ids = catalogue(&test, 3).await;
    let (run_, leases) = planned(&test, &ids).await;
    let first = tile(&test, &run_, ids[0], ids[1], 0.5);
    assert!(runs::complete_tile(&test.store, &leases[0], &run_, first).await.unwrap());
    let now = runs::cancel(&test.store, test.owner, run_.id).await.unwrap().unwrap();
    assert_eq!(now.state, RunState::Cancelling);
    // Who is still at a tile writes nothing more.
    let late = tile(&test, &run_, ids[1], ids[0], 0.5);
    assert!(!runs::complete_tile(&test.store, &leases[1], &run_, late).await.unwrap());
    assert!(runs::start(&test.store, wish(&test)).await.unwrap().existed, "it is not over yet");
    discard(&test, &run_).await;
    assert_eq!(run(&test, run_.id).await.state, RunState::Cancelled);
    assert!(lists::generations(&test.store, test.owner).await.unwrap().is_empty());
    assert!(collect::pair_generations(&test.store, test.owner).await.unwrap().is_empty());
    assert_eq!(lists::visible(&test.store, test.owner).await.unwrap(), 0);
    assert_eq!(kinds(&test).await, ["run.started", "run.cancelled"]);
    let ended = runs::cancel(&test.store, test.owner, run_.id).await.unwrap().unwrap();
    assert_eq!(ended.state, RunState::Cancelled);
    assert!(!runs::start(&test.store, wish(&test)).await.unwrap().existed);
}

async fn a_lost_worker_costs_a_tile_nothing(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let (run_, leases) = planned(&test, &ids).await;
    test.advance(Duration::from_secs(16));
    assert_eq!(jobs::sweep(&test.store).await.unwrap().n_lost, 2);
    let mut again = [claim(&test).await.unwrap(), claim(&test).await.unwrap()];
    again.sort_by_key(|lease| lease.job.tile);
    let work = tile(&test, &run_, ids[0], ids[1], 0.5);
    let stale = runs::complete_tile(&test.store, &leases[0], &run_, work.clone());
    assert!(!stale.await.unwrap());
    assert!(lists::generations(&test.store, test.owner).await.unwrap().is_empty());
    assert!(runs::complete_tile(&test.store, &again[0], &run_, work.clone()).await.unwrap());
    let twice = runs::complete_tile(&test.store, &again[0], &run_, work);
    assert!(!twice.await.unwrap(), "a tile counts once");
    assert_eq!(run(&test, run_.id).await.n_tiles_done, 1);
    let rest = tile(&test, &run_, ids[1], ids[0], 0.5);
    assert!(runs::complete_tile(&test.store, &again[1], &run_, rest).await.unwrap());
    assert_eq!(run(&test, run_.id).await.state, RunState::Switching);
    // Lost in the last step: the sweep gives it to another.
    let lost = finish(&test).await;
    test.advance(Duration::from_secs(16));
    jobs::sweep(&test.store).await.unwrap();
    let lease = finish(&test).await;
    let stale = runs::switch(&test.store, &lost, &run_, run_.seq, VERSIONS, json!([]));
    assert_eq!(stale.await.unwrap(), Switched::Lost);
    assert!(seen(&test, ids[0]).await.is_empty());
    let switched = runs::switch(&test.store, &lease, &run_, run_.seq, VERSIONS, json!([]));
    assert_eq!(switched.await.unwrap(), Switched::Done);
    assert_eq!(seen(&test, ids[0]).await, [(ids[1], 0.5)]);
}

async fn a_track_that_is_deleted_while_its_tile_is_scored_is_in_no_list(test: TestStore) {
    let ids = catalogue(&test, 3).await;
    let (run_, leases) = planned(&test, &ids).await;
    let staged = tile(&test, &run_, ids[0], ids[2], 0.5);
    assert!(runs::complete_tile(&test.store, &leases[0], &run_, staged).await.unwrap());
    assert!(tracks::delete(&test.store, test.owner, ids[2]).await.unwrap());
    for (lease, track) in [(&leases[1], ids[1]), (&leases[2], ids[2])] {
        let other = if track == ids[1] { ids[2] } else { ids[1] };
        let late = tile(&test, &run_, track, other, 0.5);
        assert!(runs::complete_tile(&test.store, lease, &run_, late).await.unwrap());
    }
    let lease = finish(&test).await;
    let switched = runs::switch(&test.store, &lease, &run_, run_.seq, VERSIONS, json!([]));
    assert_eq!(switched.await.unwrap(), Switched::Done);
    for id in &ids {
        assert!(seen(&test, *id).await.is_empty());
    }
    // They could have others in its place: a run has something to do.
    assert_eq!(lists::short(&test.store, test.owner, 10).await.unwrap(), ids[..2]);
    assert!(!runs::is_unchanged(&test.store, test.owner, VERSIONS).await.unwrap());
    assert!(collect::pair_generations(&test.store, test.owner).await.unwrap().is_empty());
}

async fn what_is_matched_during_a_run_is_taken_in_before_the_switch(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let (run_, leases) = planned(&test, &ids).await;
    for (lease, (one, other)) in leases.iter().zip([(ids[0], ids[1]), (ids[1], ids[0])]) {
        let tile = tile(&test, &run_, one, other, 0.5);
        assert!(runs::complete_tile(&test.store, lease, &run_, tile).await.unwrap());
    }
    // An upload, matched where it is seen.
    let new = test.upload(b"new").await.track.id;
    let lease = claim(&test).await.unwrap();
    assert!(jobs::complete_analysis(&test.store, &lease, analyzed()).await.unwrap());
    let lease = claim(&test).await.unwrap();
    assert_eq!(lease.job.kind, JobKind::MatchTrack, "before the end of the run");
    let found = || {
        vec![NewMatch {
            purpose: "mix".into(),
            other_id: ids[0],
            score: 0.75,
            parts: json!([]),
            reason: String::new(),
            descriptor_version: 1,
            weights_version: 2,
        }]
    };
    let generation = jobs::complete_match(&test.store, &lease, N_HEADS, 7, found()).await;
    assert!(generation.unwrap_err().to_string().contains("generation"));
    assert!(jobs::complete_match(&test.store, &lease, N_HEADS, 0, found()).await.unwrap());
    assert_eq!(seen(&test, ids[0]).await, [(new, 0.75)]);

    let lease = finish(&test).await;
    let switch = |seq| runs::switch(&test.store, &lease, &run_, seq, VERSIONS, json!([]));
    assert_eq!(switch(run_.seq).await.unwrap(), Switched::Behind);
    assert_eq!(seen(&test, ids[0]).await, [(new, 0.75)], "still as before");
    let (changed, seq) =
        events::changed_tracks(&test.store, test.owner, run_.seq, Changed::Lists).await.unwrap();
    assert_eq!(changed.into_iter().collect::<Vec<_>>(), [new]);
    assert!(runs::apply(&test.store, &lease, &run_, new, N_HEADS, found()).await.unwrap());
    assert_eq!(switch(seq).await.unwrap(), Switched::Done);
    assert_eq!(seen(&test, ids[0]).await, [(new, 0.75), (ids[1], 0.5)]);
    assert_eq!(seen(&test, ids[1]).await, [(ids[0], 0.5)]);
    assert_eq!(seen(&test, new).await, [(ids[0], 0.75)]);
}

async fn a_step_that_is_given_up_fails_the_run(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let (run_, leases) = planned(&test, &ids).await;
    let first = tile(&test, &run_, ids[0], ids[1], 0.5);
    assert!(runs::complete_tile(&test.store, &leases[0], &run_, first).await.unwrap());
    assert!(jobs::fail(&test.store, &leases[1], "tile_missing", "gone").await.unwrap());
    jobs::sweep(&test.store).await.unwrap();
    assert_eq!(run(&test, run_.id).await.state, RunState::Cancelling);
    jobs::sweep(&test.store).await.unwrap();
    discard(&test, &run_).await;
    let now = run(&test, run_.id).await;
    assert_eq!((now.state, now.error_code.as_deref()), (RunState::Failed, Some("tile_missing")));
    assert!(seen(&test, ids[0]).await.is_empty());
    assert_eq!(kinds(&test).await, ["run.started", "run.failed"]);
}

async fn a_run_whose_tile_was_cancelled_is_cancelled(test: TestStore) {
    let ids = catalogue(&test, 1).await;
    let (run_, leases) = planned(&test, &ids).await;
    jobs::cancel(&test.store, test.owner, leases[0].job.id).await.unwrap().unwrap();
    assert!(jobs::cancelled(&test.store, &leases[0]).await.unwrap());
    jobs::sweep(&test.store).await.unwrap();
    discard(&test, &run_).await;
    assert_eq!(run(&test, run_.id).await.state, RunState::Cancelled);
}

async fn older_reports_are_analysed_before_the_plan(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let wish = NewRun { reanalyze: true, ..wish(&test) };
    let run_ = runs::start(&test.store, wish).await.unwrap().run;
    let lease = claim(&test).await.unwrap();
    assert_eq!(runs::begin_analyses(&test.store, &lease, &run_, 1).await.unwrap(), Some(0));
    assert_eq!(runs::begin_analyses(&test.store, &lease, &run_, 2).await.unwrap(), Some(2));
    let now = run(&test, run_.id).await;
    assert_eq!((now.state, now.n_analyses), (RunState::Analyzing, 2));
    jobs::sweep(&test.store).await.unwrap();
    for id in &ids {
        let lease = claim(&test).await.unwrap();
        assert_eq!((lease.job.kind, lease.job.track_id), (JobKind::AnalyzeTrack, Some(*id)));
        let newer = Analyzed { analysis_version: 2, ..analyzed() };
        assert!(jobs::complete_analysis(&test.store, &lease, newer).await.unwrap());
        let stale = store::descriptors::n_stale(&test.store, test.owner, 1, 2).await.unwrap();
        assert_eq!(stale, u64::from(*id == ids[0]));
    }
    // Of each track only the newest report.
    let of = async |owner| store::reports::of(&test.store, owner, &ids).await.unwrap();
    let mut newest: Vec<_> =
        of(test.owner).await.into_iter().map(|(id, it)| (id, it.analysis_version)).collect();
    newest.sort_unstable();
    assert_eq!(newest, [(ids[0], 2), (ids[1], 2)]);
    assert!(of(UserId::from_u128(1)).await.is_empty());
    jobs::sweep(&test.store).await.unwrap();
    let mut left = Vec::new();
    while let Some(lease) = claim(&test).await {
        left.push(lease.job.kind);
    }
    assert_eq!(left, [JobKind::MatchTrack, JobKind::MatchTrack, JobKind::PlanRun]);
}

async fn a_run_without_tiles_has_succeeded(test: TestStore) {
    let (run_, leases) = planned(&test, &[]).await;
    assert!(leases.is_empty());
    assert_eq!((run_.state, run_.n_tiles, run_.generation), (RunState::Succeeded, 0, 0));
    assert_eq!(run_.diff, Some(json!([])));
    assert!(claim(&test).await.is_none());
    assert_eq!(kinds(&test).await, ["run.started", "run.succeeded"]);
}

async fn pairs_that_no_list_names_are_collected(test: TestStore) {
    let ids = catalogue(&test, 3).await;
    let (run_, leases) = planned(&test, &ids[..1]).await;
    let pairs = vec![pair(ids[0], ids[1], 0.5), pair(ids[0], ids[2], 0.25)];
    let lists = vec![list(ids[0], &[(ids[1], 0.5)])];
    let staged = Tile { seq: run_.seq, lists, pairs };
    assert!(runs::complete_tile(&test.store, &leases[0], &run_, staged).await.unwrap());
    let all = || collect::pairs(&test.store, test.owner, 1, None, 10);
    let keys = all().await.unwrap();
    assert_eq!(keys.len(), 2);
    let unnamed = |keys| collect::unnamed(&test.store, test.owner, keys);
    assert_eq!(unnamed(keys.clone()).await.unwrap(), 0, "a run is under way");
    let lease = finish(&test).await;
    let switched = runs::switch(&test.store, &lease, &run_, run_.seq, VERSIONS, json!([]));
    assert_eq!(switched.await.unwrap(), Switched::Done);
    assert_eq!(unnamed(keys.clone()).await.unwrap(), 1);
    let [left] = all().await.unwrap().try_into().unwrap();
    assert_eq!((left.a_id, left.b_id), (ids[0], ids[1]));
    assert!(collect::pairs(&test.store, test.owner, 1, Some(&left), 10).await.unwrap().is_empty());
}

async fn a_dry_run_keeps_its_difference_and_nothing_else(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let wish = NewRun { dry_run: true, ..wish(&test) };
    let (run_, leases) = planned_as(&test, &ids[..1], wish).await;
    let staged = tile(&test, &run_, ids[0], ids[1], 0.5);
    assert!(runs::complete_tile(&test.store, &leases[0], &run_, staged).await.unwrap());
    let lost = finish(&test).await;
    let diff = json!([{ "purpose": "mix", "n_gained": 1 }]);
    assert!(runs::keep_difference(&test.store, &lost, &run_, diff.clone()).await.unwrap());
    // Lost before it has removed anything.
    test.advance(Duration::from_secs(16));
    jobs::sweep(&test.store).await.unwrap();
    assert!(!runs::discarded(&test.store, &lost, &run_).await.unwrap());
    discard(&test, &run_).await;
    let now = run(&test, run_.id).await;
    assert_eq!((now.state, now.diff), (RunState::Succeeded, Some(diff)));
    assert!(seen(&test, ids[0]).await.is_empty());
    assert!(lists::generations(&test.store, test.owner).await.unwrap().is_empty());
}

async fn runs_of_others_are_not_there(test: TestStore) {
    let mine = runs::start(&test.store, wish(&test)).await.unwrap().run;
    let other = store::users::create(&test.store, "other").await.unwrap().id;
    assert!(runs::get(&test.store, other, mine.id).await.unwrap().is_none());
    assert!(runs::cancel(&test.store, other, mine.id).await.unwrap().is_none());
    assert!(runs::list(&test.store, other, None, 10).await.unwrap().items.is_empty());
    assert_eq!(
        runs::list(&test.store, test.owner, None, 10).await.unwrap().items,
        std::slice::from_ref(&mine)
    );
    assert_eq!(run(&test, mine.id).await.state, RunState::Queued);
    let job = claim(&test).await.unwrap().job;
    assert_eq!((job.run_id, job.state), (Some(mine.id), JobState::Running));
}

/// Each event names the run, and the job of it that one finds started.
async fn a_run_tells_its_steps(test: TestStore) {
    let ids = catalogue(&test, 2).await;
    let before = events::last_seq(&test.store, test.owner).await.unwrap();
    let wish = NewRun { reanalyze: true, ..wish(&test) };
    let run_ = runs::start(&test.store, wish).await.unwrap().run;
    let lease = claim(&test).await.unwrap();
    let first = lease.job.id;
    assert_eq!(runs::begin_analyses(&test.store, &lease, &run_, 2).await.unwrap(), Some(2));
    for _ in &ids {
        let lease = claim(&test).await.unwrap();
        let newer = Analyzed { analysis_version: 2, ..analyzed() };
        assert!(jobs::complete_analysis(&test.store, &lease, newer).await.unwrap());
    }
    jobs::sweep(&test.store).await.unwrap();
    let plan = loop {
        let lease = claim(&test).await.unwrap();
        if lease.job.kind == JobKind::PlanRun {
            break lease;
        }
    };
    let seq = events::last_seq(&test.store, test.owner).await.unwrap();
    let tiles = ids.iter().map(|id| vec![*id]).collect();
    let tiles = Plan { seq, n_tracks: 2, n_stale: 0, tiles };
    assert!(runs::plan(&test.store, &plan, &run_, tiles).await.unwrap());
    let run_ = run(&test, run_.id).await;
    for _ in &ids {
        let lease = claim(&test).await.unwrap();
        let nothing = Tile { seq, ..Tile::default() };
        assert!(runs::complete_tile(&test.store, &lease, &run_, nothing).await.unwrap());
    }
    let finish = finish(&test).await;
    let switched = runs::switch(&test.store, &finish, &run_, seq, VERSIONS, json!([]));
    assert_eq!(switched.await.unwrap(), Switched::Done);
    assert!(jobs::complete(&test.store, &finish).await.unwrap());

    let told = events::after(&test.store, test.owner, before, 1000).await.unwrap();
    let told: Vec<_> = told
        .into_iter()
        .filter(|event| event.track_id.is_none())
        .map(|event| (event.kind, event.job_id.unwrap(), event.data))
        .collect();
    let (plan, finish, run_id) = (plan.job.id, finish.job.id, run_.id);
    let started = |kind: &str| json!({ "kind": kind, "attempt": 1 });
    let of_run = json!({ "run_id": run_id });
    let analyze = json!({ "run_id": run_id, "step": "analyze", "n_analyses": 2 });
    let score = json!({ "run_id": run_id, "step": "score", "n_tiles": 2 });
    let last = json!({ "run_id": run_id, "step": "finish" });
    let expected = [
        ("run.started", first, of_run.clone()),
        ("job.started", first, started("plan_run")),
        ("run.step", first, analyze),
        ("job.started", plan, started("plan_run")),
        ("run.step", plan, score),
        ("run.step", finish, last),
        ("job.started", finish, started("finish_run")),
        ("run.succeeded", finish, of_run),
    ];
    assert_eq!(told, expected.map(|(kind, job, data)| (kind.to_owned(), job, data)));
}
