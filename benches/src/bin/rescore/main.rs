//! What re-scoring a library costs, and how workers share it.
//!
//! ```text
//! cargo run --release -p benches --bin rescore -- --database postgres://user@host/empty --tracks 50000 --workers 2
//! ```
//!
//! Fills an empty database with a made-up library (`benches::library`), runs one run with one worker process, forgets it, runs it with several, and
//! once more without any change. Each worker is a process of its own with one job at a time on one thread; its CPU seconds are those of the
//! whole process, starting and loading included. `docs/matching.md` has the method.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

mod figures;
mod process;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use benches::library::{Kind, Library};
use clap::Parser;
use figures::Figures;
use matching::DESCRIPTOR_VERSION;
use process::Process;
use store::jobs::{self, JobQuery};
use store::runs::{self, NewRun};
use store::testing::{Seed, forget_matches, seed};
use store::{
    BlobsConfig, Config, DatabaseConfig, JobKind, QueueConfig, RunScope, RunState, Store, UserId,
    users,
};

/// Seed of the library.
const SEED: u64 = 5;
/// Tracks that are made and written at a time.
const BATCH: usize = 1000;
/// How often the run is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Cost of re-scoring runs on a made-up library.
#[derive(Debug, Parser)]
struct Arguments {
    /// An empty database: `postgres://…` or `sqlite:…`.
    #[arg(long)]
    database: String,
    /// Tracks of the library.
    #[arg(long, default_value_t = 50_000)]
    tracks: usize,
    /// Worker processes that share the second run.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Is one of the workers; not for people.
    #[arg(long, hide = true)]
    be_worker: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let store = Store::open(&Config {
        database: DatabaseConfig { url: arguments.database.clone().into(), max_connections: 6 },
        blobs: BlobsConfig::Local { path: folder.path().into() },
        queue: QueueConfig::default(),
    })
    .await?;
    if arguments.be_worker {
        return process::work(store).await;
    }
    store.migrate().await?;
    let owner = users::operator(&store).await?.id;
    fill(&store, owner, arguments.tracks).await?;
    let mut all = Vec::new();
    for n_workers in [1, arguments.workers] {
        forget_matches(&store).await?;
        all.push(measured(&store, owner, &arguments, "everything", n_workers).await?);
    }
    all.push(measured(&store, owner, &arguments, "no change", arguments.workers).await?);
    if arguments.json {
        println!("{}", serde_json::to_string(&all)?);
    } else {
        figures::print(arguments.tracks, &all);
    }
    Ok(())
}

async fn fill(store: &Store, owner: UserId, n: usize) -> Result<()> {
    let library = Library::new(Kind::Clustered, n, SEED);
    for first in (0..n).step_by(BATCH) {
        let items = library.items(first..(first + BATCH).min(n));
        let seeds = items
            .into_iter()
            .map(|(_, item)| Seed {
                descriptor: item.descriptor.to_bytes(),
                descriptor_version: DESCRIPTOR_VERSION,
                analysis_version: dsp::ANALYSIS_VERSION,
                tags: item.tags,
            })
            .collect();
        seed(store, owner, seeds).await.context("the database must be empty")?;
    }
    Ok(())
}

/// One run from the wish to its end, and what its workers used.
async fn measured(
    store: &Store,
    owner: UserId,
    arguments: &Arguments,
    what: &'static str,
    n_workers: usize,
) -> Result<Figures> {
    eprintln!("{what}, {n_workers} workers");
    let wish = NewRun {
        owner_id: owner,
        scope: RunScope::All,
        purpose: None,
        reanalyze: false,
        dry_run: false,
        trace_id: None,
    };
    let start = Instant::now();
    let processes: Vec<Process> =
        (0..n_workers).map(|_| Process::start(&arguments.database)).collect::<Result<_>>()?;
    let mut run = runs::start(store, wish).await?.run;
    while !run.state.is_final() {
        tokio::time::sleep(POLL).await;
        run = runs::get(store, owner, run.id).await?.context("the run is gone")?;
    }
    let wall_s = start.elapsed().as_secs_f64();
    ensure!(
        run.state == RunState::Succeeded,
        "the run ended as {}: {:?}",
        run.state,
        run.error_code
    );
    // What nobody sees any more is removed after the switch: that is work of the run too.
    loop {
        let backlog = jobs::backlog(store).await?;
        if backlog.n_queued + backlog.n_running == 0 {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
    let mut cpu_s = Vec::new();
    for process in processes {
        cpu_s.push(process.stop()?);
    }
    let (n_tiles_started, n_of_worker) = tiles(store, owner).await?;
    Ok(Figures {
        what,
        n_workers,
        wall_s,
        worker_cpu_s: cpu_s,
        n_tiles: run.n_tiles,
        n_tiles_started,
        n_tiles_of_worker: n_of_worker,
        n_lists_written: run.n_lists_written,
        n_matches_written: run.n_matches_written,
    })
}

/// How often a tile of the newest run was started, and how many each worker ended.
async fn tiles(store: &Store, owner: UserId) -> Result<(i64, Vec<usize>)> {
    let newest = runs::list(store, owner, None, 1).await?.items.pop().context("no run")?;
    let (mut n_started, mut workers) = (0, std::collections::BTreeMap::<String, usize>::new());
    let mut after = None;
    loop {
        let query = JobQuery {
            state: None,
            kind: Some(JobKind::RescoreTile),
            track: None,
            run: None,
            after,
            limit: 1000,
        };
        let page = jobs::list(store, owner, query).await?;
        for job in page.items.iter().filter(|job| job.run_id == Some(newest.id)) {
            n_started += job.attempts;
            *workers.entry(job.worker.clone().unwrap_or_default()).or_default() += 1;
        }
        after = page.items.last().map(|job| job.id);
        if !page.has_more {
            return Ok((n_started, workers.into_values().collect()));
        }
    }
}
