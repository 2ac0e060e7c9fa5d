//! Matching and runs with real workers: what is kept is what comparing everything with everything gives.

use std::collections::BTreeMap;
use std::time::Duration;

use fixtures::descriptors::{descriptor, sealed};
use matching::{Catalogue, DESCRIPTOR_VERSION, Descriptor, Item, Purpose};
use serde_json::json;
use store::jobs::{self, Analyzed, JobQuery, Stage};
use store::matches::{collect, lists};
use store::runs::{self, NewRun};
use store::tracks::{self, TrackPatch};
use store::{JobKind, JobState, Run, RunScope, RunState, TrackId, descriptors, matches};

use crate::world::{World, on_both_databases, tick};

on_both_databases!(
    matching_one_by_one_keeps_the_best_of_each,
    a_run_makes_what_matching_makes_and_writes_nothing_twice,
    a_dry_run_tells_and_shows_nothing,
    a_run_takes_in_what_happens_meanwhile,
    a_run_of_what_has_changed_fills_up_lists,
    a_catalogue_of_one_or_none_has_a_run_too,
    descriptors_of_another_version_are_counted_and_not_compared,
    a_match_needs_the_least_score,
);

const N_HEADS: u32 = 5;

/// A few tracks in a tile, so that there are many tiles.
fn small(mut world: World) -> World {
    world.config.matches_per_track = N_HEADS;
    world.config.tracks_per_tile = 7;
    world
}

/// Uploads a recording and completes its analysis as a worker would.
async fn analyzed(world: &World, number: u64) -> TrackId {
    let (track, _) = world.upload(&format!("recording {number}")).await;
    complete(world, track.id, descriptor(number)).await;
    track.id
}

async fn complete(world: &World, track: TrackId, descriptor: Vec<u8>) {
    // Analyses go first: nothing else is claimed here as long as one waits.
    let lease = jobs::claim(&world.store, "by hand").await.unwrap().unwrap();
    assert_eq!((lease.job.kind, lease.job.track_id), (JobKind::AnalyzeTrack, Some(track)));
    let analyzed = Analyzed {
        report_json: "{}".into(),
        details: Vec::new(),
        analysis_version: dsp::ANALYSIS_VERSION,
        pcm_hash: None,
        fingerprint_keys: Vec::new(),
        descriptor,
        descriptor_version: DESCRIPTOR_VERSION,
        embedding: None,
        media: json!({}),
        stages: json!({}),
        duration_s: 1.0,
    };
    assert!(jobs::complete_analysis(&world.store, &lease, analyzed).await.unwrap());
}

async fn library(world: &World, numbers: std::ops::Range<u64>) -> Vec<TrackId> {
    let mut ids = Vec::new();
    for number in numbers {
        ids.push(analyzed(world, number).await);
    }
    ids
}

/// Ends all jobs that wait, without doing them.
async fn forget_jobs(world: &World) {
    while let Some(lease) = jobs::claim(&world.store, "by hand").await.unwrap() {
        assert!(jobs::complete(&world.store, &lease).await.unwrap());
    }
}

async fn idle(world: &World) {
    let mut tick = tick();
    loop {
        tick.tick().await;
        let backlog = jobs::backlog(&world.store).await.unwrap();
        if backlog.n_queued + backlog.n_running == 0 {
            return;
        }
    }
}

fn wish(world: &World) -> NewRun {
    NewRun {
        owner_id: world.owner,
        scope: RunScope::All,
        purpose: None,
        reanalyze: false,
        dry_run: false,
        trace_id: None,
    }
}

async fn ended(world: &World, run: &Run) -> Run {
    let mut tick = tick();
    loop {
        tick.tick().await;
        let run = runs::get(&world.store, world.owner, run.id).await.unwrap().unwrap();
        if run.state.is_final() {
            return run;
        }
    }
}

/// Runs a run with one worker to its end.
async fn done(world: &World, wish: NewRun) -> Run {
    let running = world.start();
    let run = runs::start(&world.store, wish).await.unwrap().run;
    let run = ended(world, &run).await;
    idle(world).await;
    running.stop().await;
    run
}

type Lists = BTreeMap<(TrackId, &'static str), Vec<(TrackId, f64)>>;

/// What the owner sees.
async fn seen(world: &World) -> Lists {
    let mut seen = Lists::new();
    for row in descriptors::all(&world.store, DESCRIPTOR_VERSION).await.unwrap() {
        for purpose in Purpose::ALL {
            let (id, name) = (row.track_id, purpose.as_str());
            let list = matches::list(&world.store, world.owner, id, name, 100).await.unwrap();
            let list = list.into_iter().map(|found| (found.track_id, found.score));
            seen.insert((id, name), list.collect());
        }
    }
    seen
}

/// What there should be to see: everything against everything.
async fn exhaustive(world: &World) -> Lists {
    let rows = descriptors::all(&world.store, DESCRIPTOR_VERSION).await.unwrap();
    let items: Vec<(u128, Item)> = rows
        .into_iter()
        .map(|row| {
            let descriptor = Descriptor::from_bytes(&row.bytes).unwrap();
            (row.track_id.as_u128(), Item { descriptor, embedding: None, tags: row.tags })
        })
        .collect();
    let catalogue = Catalogue::new(items.clone());
    let mut all = Lists::new();
    for (id, item) in &items {
        for purpose in Purpose::ALL {
            let best = catalogue.top(item, Some(*id), purpose, N_HEADS as usize);
            let best = best.into_iter().map(|(other, score)| (TrackId::from_u128(other), score));
            all.insert((TrackId::from_u128(*id), purpose.as_str()), best.collect());
        }
    }
    all
}

async fn matching_one_by_one_keeps_the_best_of_each(world: World) {
    let world = small(world);
    let mut ids = library(&world, 0..25).await;
    let running = world.start();
    idle(&world).await;
    assert_eq!(seen(&world).await, exhaustive(&world).await);
    // The worker keeps its catalogue: what comes, changes and goes is taken in.
    running.stop().await;
    ids.extend(library(&world, 25..32).await);
    let running = world.start();
    idle(&world).await;
    for (n, id) in ids.iter().enumerate().step_by(9) {
        let tags = Some(vec![format!("tag {}", n % 2), "all".to_owned()]);
        let patch = TrackPatch { tags, ..TrackPatch::default() };
        tracks::update(&world.store, world.owner, *id, patch).await.unwrap().unwrap();
    }
    for id in ids.iter().skip(1).step_by(11) {
        assert!(tracks::delete(&world.store, world.owner, *id).await.unwrap());
    }
    idle(&world).await;
    // The next matching fills up the lists that lost one.
    let patch = TrackPatch { tags: Some(vec!["last".into()]), ..TrackPatch::default() };
    tracks::update(&world.store, world.owner, ids[0], patch).await.unwrap().unwrap();
    idle(&world).await;
    let short = lists::short(&world.store, world.owner, 100).await.unwrap();
    let (seen, exhaustive) = (seen(&world).await, exhaustive(&world).await);
    for (key, list) in &exhaustive {
        if !short.contains(&key.0) {
            assert_eq!(&seen[key], list, "{key:?}");
        }
    }
    running.stop().await;
}

async fn a_run_makes_what_matching_makes_and_writes_nothing_twice(world: World) {
    let world = small(world);
    library(&world, 0..40).await;
    forget_jobs(&world).await;
    let (first, second) = (world.start(), world.start());
    let run = runs::start(&world.store, wish(&world)).await.unwrap().run;
    let run = ended(&world, &run).await;
    idle(&world).await;
    assert_eq!((run.state, run.n_tiles, run.n_tiles_done), (RunState::Succeeded, 6, 6));
    assert_eq!((run.n_tracks, run.n_stale), (40, 0));
    assert_eq!(run.n_lists_written, 120);
    assert_eq!(seen(&world).await, exhaustive(&world).await);
    let query = JobQuery {
        kind: Some(JobKind::RescoreTile),
        state: None,
        track: None,
        run: None,
        after: None,
        limit: 100,
    };
    let tiles = jobs::list(&world.store, world.owner, query).await.unwrap().items;
    assert_eq!(tiles.len(), 6);
    assert!(tiles.iter().all(|job| (job.state, job.attempts) == (JobState::Succeeded, 1)));
    first.stop().await;
    second.stop().await;
    // Of both workers, who ended tiles at the same time.
    let steps = JobQuery { kind: None, run: Some(run.id), ..query };
    let steps = jobs::list(&world.store, world.owner, steps).await.unwrap().items;
    let Run { attempts, taken, .. } =
        runs::get(&world.store, world.owner, run.id).await.unwrap().unwrap();
    assert_eq!((attempts, steps.len()), (8, 8));
    assert_eq!(taken.cpu, steps.iter().map(|job| job.taken.cpu).sum::<Duration>());
    assert_eq!(taken.run, steps.iter().map(|job| job.taken.run).sum::<Duration>());
    assert!(taken.cpu > Duration::ZERO && taken.stages.contains_key(&Stage::Matching), "{taken:?}");

    // Nothing has changed: nothing is done.
    let again = done(&world, wish(&world)).await;
    assert_eq!((again.state, again.n_tiles), (RunState::Succeeded, 0));
    assert_eq!((again.n_lists_written, again.n_matches_written), (0, 0));
    // Matched one by one since: everything is scored again, and nothing is written.
    library(&world, 40..43).await;
    let running = world.start();
    idle(&world).await;
    running.stop().await;
    let run = done(&world, wish(&world)).await;
    assert_eq!((run.state, run.n_tiles), (RunState::Succeeded, 7));
    assert_eq!((run.n_lists_written, run.n_matches_written), (0, 0));
    for diff in run.diff.unwrap().as_array().unwrap() {
        assert_eq!((&diff["n_gained"], &diff["n_lost"]), (&json!(0), &json!(0)));
        assert_eq!(diff["rank_correlation"], json!(1.0));
    }
    assert_eq!(seen(&world).await, exhaustive(&world).await);
}

async fn a_dry_run_tells_and_shows_nothing(world: World) {
    let world = small(world);
    library(&world, 0..20).await;
    forget_jobs(&world).await;
    let dry = NewRun { dry_run: true, purpose: Some("alike".into()), ..wish(&world) };
    let run = done(&world, dry).await;
    assert_eq!(
        (run.state, run.n_lists_written, run.n_matches_written),
        (RunState::Succeeded, 20, 0)
    );
    let diff = run.diff.unwrap();
    assert_eq!((&diff[0]["purpose"], diff.as_array().unwrap().len()), (&json!("alike"), 1));
    let n_pairs = diff[0]["n_gained"].as_u64().unwrap();
    assert!((50..=100).contains(&n_pairs), "{n_pairs}");
    assert!(seen(&world).await.values().all(Vec::is_empty));
    assert!(lists::generations(&world.store, world.owner).await.unwrap().is_empty());
    // One purpose only; the others are as unknown as before.
    let one = NewRun { purpose: Some("alike".into()), ..wish(&world) };
    assert_eq!(done(&world, one).await.n_lists_written, 20);
    let exhaustive = exhaustive(&world).await;
    for (key, list) in seen(&world).await {
        assert_eq!(list, if key.1 == "alike" { exhaustive[&key].clone() } else { Vec::new() });
    }
    assert_eq!(done(&world, wish(&world)).await.n_lists_written, 40);
    assert_eq!(seen(&world).await, exhaustive);
}

async fn a_run_takes_in_what_happens_meanwhile(world: World) {
    let world = small(world);
    let ids = library(&world, 0..30).await;
    forget_jobs(&world).await;
    // Its analysis is done, its matching comes while the run is under way.
    let late = analyzed(&world, 77).await;
    let run = runs::start(&world.store, wish(&world)).await.unwrap().run;
    let (first, second) = (world.start(), world.start());
    tracks::delete(&world.store, world.owner, ids[3]).await.unwrap();
    let patch = TrackPatch { tags: Some(vec!["x".into()]), ..TrackPatch::default() };
    tracks::update(&world.store, world.owner, ids[4], patch).await.unwrap().unwrap();
    let run = ended(&world, &run).await;
    tracks::delete(&world.store, world.owner, ids[5]).await.unwrap();
    idle(&world).await;
    first.stop().await;
    second.stop().await;
    assert_eq!(run.state, RunState::Succeeded);
    let now = seen(&world).await;
    assert!(!now[&(late, "alike")].is_empty());
    let gone = [ids[3], ids[5]];
    assert!(now.values().flatten().all(|(id, _)| !gone.contains(id)));
    // What was deleted is missing in some lists; the next run fills them up.
    let run = done(&world, wish(&world)).await;
    assert_eq!(run.state, RunState::Succeeded);
    assert_eq!(seen(&world).await, exhaustive(&world).await);
    // Every pair is named, and seen once.
    let mut n_pairs = 0;
    for generation in collect::pair_generations(&world.store, world.owner).await.unwrap() {
        let all = collect::pairs(&world.store, world.owner, generation, None, 10_000);
        n_pairs += all.await.unwrap().len();
    }
    let mut pairs: Vec<_> = seen(&world)
        .await
        .into_iter()
        .flat_map(|((id, purpose), list)| {
            list.into_iter().map(move |(other, _)| (purpose, id.min(other), id.max(other)))
        })
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    assert_eq!(n_pairs, pairs.len());
}

async fn a_run_of_what_has_changed_fills_up_lists(world: World) {
    let world = small(world);
    let ids = library(&world, 0..30).await;
    forget_jobs(&world).await;
    assert_eq!(done(&world, wish(&world)).await.state, RunState::Succeeded);
    let takers = seen(&world)
        .await
        .into_iter()
        .filter(|(key, list)| key.0 != ids[7] && list.iter().any(|(other, _)| *other == ids[7]));
    let n_lists = takers.count();
    tracks::delete(&world.store, world.owner, ids[7]).await.unwrap();
    let changed = NewRun { scope: RunScope::Changed, ..wish(&world) };
    let run = done(&world, changed.clone()).await;
    assert_eq!(run.n_lists_written, i64::try_from(n_lists).unwrap());
    assert!(run.n_tiles < 5, "{} tiles", run.n_tiles);
    assert_eq!(seen(&world).await, exhaustive(&world).await);
    assert_eq!(done(&world, changed).await.n_tiles, 0);
}

async fn a_catalogue_of_one_or_none_has_a_run_too(world: World) {
    let world = small(world);
    let run = done(&world, wish(&world)).await;
    assert_eq!((run.state, run.n_tracks, run.n_tiles), (RunState::Succeeded, 0, 0));
    library(&world, 0..1).await;
    let run = done(&world, wish(&world)).await;
    assert_eq!((run.state, run.n_tracks, run.n_matches_written), (RunState::Succeeded, 1, 0));
    assert!(seen(&world).await.values().all(Vec::is_empty));
}

async fn descriptors_of_another_version_are_counted_and_not_compared(world: World) {
    let world = small(world);
    library(&world, 0..4).await;
    // The same facts from an older analysis.
    let (track, _) = world.upload("older").await;
    let lease = jobs::claim(&world.store, "by hand").await.unwrap().unwrap();
    let mut bytes = descriptor(1);
    bytes[8..12].copy_from_slice(&(dsp::ANALYSIS_VERSION + 7).to_le_bytes());
    let other = Analyzed {
        report_json: "{}".into(),
        details: Vec::new(),
        analysis_version: dsp::ANALYSIS_VERSION + 7,
        pcm_hash: None,
        fingerprint_keys: Vec::new(),
        descriptor: sealed(bytes),
        descriptor_version: DESCRIPTOR_VERSION,
        embedding: None,
        media: json!({}),
        stages: json!({}),
        duration_s: 1.0,
    };
    assert!(jobs::complete_analysis(&world.store, &lease, other).await.unwrap());
    let run = done(&world, wish(&world)).await;
    assert_eq!((run.state, run.n_tracks, run.n_stale), (RunState::Succeeded, 5, 1));
    for ((id, _), list) in seen(&world).await {
        assert_eq!(list.len(), if id == track.id { 0 } else { 3 });
    }
}

async fn a_match_needs_the_least_score(world: World) {
    let mut world = small(world);
    library(&world, 0..20).await;
    let running = world.start();
    idle(&world).await;
    running.stop().await;
    let all = exhaustive(&world).await;
    assert_eq!(seen(&world).await, all);
    // A run takes away what is not good enough any more, and matching keeps to it.
    let least = 0.6;
    world.config.least_track_score = least;
    assert_eq!(done(&world, wish(&world)).await.state, RunState::Succeeded);
    let good = |lists: Lists| -> Lists {
        let of = |list: Vec<(TrackId, f64)>| list.into_iter().filter(|(_, score)| *score >= least);
        lists.into_iter().map(|(key, list)| (key, of(list).collect())).collect()
    };
    let wanted = good(all.clone());
    assert!(wanted != all && wanted.values().any(|list| !list.is_empty()));
    assert_eq!(seen(&world).await, wanted);
    library(&world, 20..26).await;
    let running = world.start();
    idle(&world).await;
    running.stop().await;
    assert_eq!(seen(&world).await, good(exhaustive(&world).await));
    assert_eq!(done(&world, wish(&world)).await.n_lists_written, 0);
}
