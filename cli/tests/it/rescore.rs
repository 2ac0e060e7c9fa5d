//! `consort rescore`, and workers that are killed in the middle of what it starts.

use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use fixtures::Rng;
use fixtures::descriptors::descriptor;
use matching::{Catalogue, DESCRIPTOR_VERSION, Descriptor, Item, Purpose};
use rustix::process::Signal;
use store::events::Priority;
use store::jobs::{self, JobQuery};
use store::testing::{BlobKind, DatabaseKind, Seed, seed};
use store::{Job, JobKind, JobState, TrackId, events, matches, runs};
use tokio::time::timeout;

use crate::service::DEADLINE;
use crate::worker_site::Site;

const N_TRACKS: u64 = 240;
const N_HEADS: usize = 5;
const N_KILLS: usize = 8;
/// Few tracks in a tile, so that a worker is caught in the middle of one.
const SETTINGS: [(&str, &str); 2] = [("TRACKS_PER_TILE", "3"), ("MATCHES_PER_TRACK", "5")];

#[tokio::test]
async fn killed_workers_cost_a_run_nothing_on_sqlite() {
    killed_workers_cost_a_run_nothing(DatabaseKind::Sqlite, 1).await;
}

#[tokio::test]
async fn killed_workers_cost_a_run_nothing_on_postgres() {
    killed_workers_cost_a_run_nothing(DatabaseKind::Postgres, 2).await;
}

async fn killed_workers_cost_a_run_nothing(database: DatabaseKind, random: u64) {
    let site = Site::new(database, BlobKind::Local, &SETTINGS).await;
    let ids = library(&site).await;
    let watching = rescore(&site, &["--watch"]);
    let mut rng = Rng::new(random);
    for _ in 0..N_KILLS {
        kill_in_a_tile(&site, &mut rng).await;
        assert!(seen(&site, &ids).await.values().all(Vec::is_empty), "no half run is seen");
    }
    let mut worker = site.worker();
    let output = timeout(DEADLINE, watching).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("succeeded: 240 tracks, 0 stale, 80 tiles"), "{text}");
    assert_eq!(seen(&site, &ids).await, exhaustive(&ids));

    let run = runs::list(&site.test.store, site.test.owner, None, 1).await.unwrap().items.remove(0);
    let tiles = tiles(&site, JobState::Succeeded).await;
    assert_eq!((run.n_tiles_done, tiles.len()), (80, 80), "each tile was done once");
    let n_lost: i64 = tiles.iter().map(|job| job.lost).sum();
    assert!(n_lost >= i64::try_from(N_KILLS).unwrap(), "each kill lost a tile: {n_lost}");
    let mut happened = events::after(&site.test.store, site.test.owner, 0, 100).await.unwrap();
    happened.retain(|event| event.priority > Priority::Low);
    let happened: Vec<_> = happened.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(happened, ["run.started", "run.succeeded"]);

    // Nothing has changed since.
    let again = timeout(DEADLINE, rescore(&site, &["--watch"])).await.unwrap();
    let text = String::from_utf8(again.stdout).unwrap();
    assert!(text.contains("240 tracks, 0 stale, 0 tiles, 0 matches written"), "{text}");
    worker.signal(Signal::TERM);
    assert!(worker.ended().await);
}

#[tokio::test]
async fn one_run_is_under_way_at_a_time_and_wrong_scopes_are_refused() {
    let site = Site::embedded(&SETTINGS).await;
    library(&site).await;
    let first = rescore(&site, &["--dry-run", "--scope", "purpose=mix"]).await;
    let second = rescore(&site, &[]).await;
    assert!(first.status.success() && second.status.success());
    assert_eq!(first.stdout, second.stdout, "the same id");
    assert!(String::from_utf8_lossy(&second.stderr).contains("under way already"));
    let wrong = rescore(&site, &["--scope", "purpose=sleep"]).await;
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("sleep"));
}

async fn library(site: &Site) -> Vec<TrackId> {
    let seeds = (0..N_TRACKS).map(|number| {
        let bytes = descriptor(number);
        Seed {
            analysis_version: Descriptor::from_bytes(&bytes).unwrap().analysis_version(),
            descriptor: bytes,
            descriptor_version: DESCRIPTOR_VERSION,
            tags: Vec::new(),
        }
    });
    seed(&site.test.store, site.test.owner, seeds.collect()).await.unwrap()
}

fn rescore(site: &Site, arguments: &[&str]) -> impl Future<Output = Output> + use<> {
    let process = site
        .consort()
        .arg("rescore")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    async { process.wait_with_output().await.unwrap() }
}

/// Starts a worker and kills it at a random moment at which it holds a tile.
async fn kill_in_a_tile(site: &Site, rng: &mut Rng) {
    let mut worker = site.worker();
    let start = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_secs_f64(rng.range(0.0, 0.02))).await;
        // Frozen first: what is asserted is then still so when the worker dies.
        worker.freeze().await;
        let held = tiles(site, JobState::Running).await;
        if held.iter().any(|job| worker.holds(job)) {
            break;
        }
        assert!(start.elapsed() < DEADLINE, "no tile was ever being scored");
        worker.thaw();
    }
    worker.signal(Signal::KILL);
    assert!(!worker.ended().await);
}

async fn tiles(site: &Site, state: JobState) -> Vec<Job> {
    let query = JobQuery {
        state: Some(state),
        kind: Some(JobKind::RescoreTile),
        track: None,
        run: None,
        after: None,
        limit: 1000,
    };
    jobs::list(&site.test.store, site.test.owner, query).await.unwrap().items
}

type Lists = BTreeMap<(TrackId, &'static str), Vec<(TrackId, f64)>>;

async fn seen(site: &Site, ids: &[TrackId]) -> Lists {
    let mut seen = Lists::new();
    for &id in ids {
        for purpose in Purpose::ALL {
            let (store, name) = (&site.test.store, purpose.as_str());
            let list = matches::list(store, site.test.owner, id, name, 100).await.unwrap();
            let list = list.into_iter().map(|found| (found.track_id, found.score));
            seen.insert((id, name), list.collect());
        }
    }
    seen
}

/// What there should be to see: everything against everything.
fn exhaustive(ids: &[TrackId]) -> Lists {
    let items = ids.iter().zip(0..).map(|(id, number)| {
        let descriptor = Descriptor::from_bytes(&descriptor(number)).unwrap();
        (id.as_u128(), Item { descriptor, embedding: None, tags: Vec::new() })
    });
    let items: Vec<(u128, Item)> = items.collect();
    let catalogue = Catalogue::new(items.clone());
    let mut all = Lists::new();
    for (id, item) in &items {
        for purpose in Purpose::ALL {
            let best = catalogue.top(item, Some(*id), purpose, N_HEADS);
            let best = best.into_iter().map(|(other, score)| (TrackId::from_u128(other), score));
            all.insert((TrackId::from_u128(*id), purpose.as_str()), best.collect());
        }
    }
    all
}
