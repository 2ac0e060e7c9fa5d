//! What lists made to order cost: everything that a request reads, from the database to the answer.
//!
//! ```text
//! cargo run --release -p benches --bin lists -- --tracks 10000
//! ```
//!
//! Fills a SQLite file in a temporary folder with a made-up library (`benches::library`), or an empty database that is named, and reads it page by page as
//! the service does. CPU seconds are of the whole process. `docs/matching.md` has the figures.
#![expect(clippy::print_stdout, reason = "a command for developers")]

use anyhow::{Context as _, Result};
use benches::clock::cpu_s;
use benches::library::{Kind, Library};
use clap::Parser;
use matching::playlist::{MoreLike, PathSearch, Similar, Wanted};
use matching::{DESCRIPTOR_VERSION, Descriptor, Item, Purpose, Weighting};
use std::time::Instant;
use store::testing::{Seed, seed};
use store::{BlobsConfig, Config, DatabaseConfig, QueueConfig, Store, UserId, descriptors, users};

/// Seed of the library.
const SEED: u64 = 5;
/// Tracks that are made and written at a time.
const BATCH: usize = 1000;
/// Descriptors that are read at a time, as in the service.
const N_PER_PAGE: u32 = 2000;

/// Cost of lists made to order on a made-up library.
#[derive(Debug, Parser)]
struct Arguments {
    /// An empty database; a SQLite file in a temporary folder unless told.
    #[arg(long)]
    database: Option<String>,
    /// Tracks of the library.
    #[arg(long, default_value_t = 10_000)]
    tracks: usize,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("lists.db").display());
    let store = Store::open(&Config {
        database: DatabaseConfig {
            url: arguments.database.unwrap_or(file).into(),
            max_connections: 4,
        },
        blobs: BlobsConfig::Local { path: folder.path().join("blobs") },
        queue: QueueConfig::default(),
    })
    .await?;
    store.migrate().await?;
    let owner = users::operator(&store).await?.id;
    fill(&store, owner, arguments.tracks).await?;
    let named: Vec<(u128, Item)> = page(&store, owner, None, 8).await?;
    let [first, second] = [0, named.len() - 1].map(|place| (named[place].0, &named[place].1));
    let weighting = Weighting::custom(Purpose::Alike, [("timbre", 2.0), ("rhythm", 1.0)])?;
    let wanted = Wanted::default;

    println!("{} tracks                            wall s   CPU s", arguments.tracks);
    let nothing: fn(&mut (), &[(u128, Item)]) = |(), _| ();
    measured("reading alone", &store, owner, (), nothing, |()| ()).await?;
    let search = Similar::new(first.0, first.1, weighting, wanted(), 50);
    measured("search, 2 weights", &store, owner, search, Similar::take, |it| {
        drop(it.finish());
    })
    .await?;
    let search = Similar::new(first.0, first.1, Purpose::Alike.into(), wanted(), 50);
    measured("search, alike", &store, owner, search, Similar::take, |it| drop(it.finish())).await?;
    let (likes, dislikes) = named.split_at(5.min(named.len()));
    let search = MoreLike::new(likes, dislikes, Purpose::Alike.into(), wanted(), 50);
    measured("5 likes, 3 dislikes, alike", &store, owner, search, MoreLike::take, |it| {
        drop(it.finish());
    })
    .await?;
    for length in [10, 64] {
        let search = PathSearch::new(first, second, length, Purpose::Mix.into(), wanted())?;
        let what = format!("path of {length}, mix");
        measured(&what, &store, owner, search, PathSearch::take, |it| drop(it.finish())).await?;
    }
    Ok(())
}

/// Gives the whole catalogue to a search, and prints what that took.
async fn measured<T>(
    what: &str,
    store: &Store,
    owner: UserId,
    mut search: T,
    take: fn(&mut T, &[(u128, Item)]),
    finish: fn(T),
) -> Result<()> {
    let (start, cpu) = (Instant::now(), cpu_s());
    let mut after = None;
    loop {
        let items = page(store, owner, after, N_PER_PAGE).await?;
        let Some((last, _)) = items.last() else { break };
        after = Some(*last);
        take(&mut search, &items);
    }
    finish(search);
    println!("{what:40} {:7.3} {:7.3}", start.elapsed().as_secs_f64(), cpu_s() - cpu);
    Ok(())
}

async fn page(
    store: &Store,
    owner: UserId,
    after: Option<u128>,
    limit: u32,
) -> Result<Vec<(u128, Item)>> {
    let after = after.map(store::TrackId::from_u128);
    let rows = descriptors::page(store, owner, DESCRIPTOR_VERSION, after, limit).await?;
    rows.into_iter()
        .map(|row| {
            let descriptor = Descriptor::from_bytes(&row.bytes)?;
            Ok((row.track_id.as_u128(), Item { descriptor, embedding: None, tags: row.tags }))
        })
        .collect()
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
