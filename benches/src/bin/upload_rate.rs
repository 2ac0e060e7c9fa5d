//! How fast uploads are accepted: from the first byte sent to the answer that says they are safe and queued, beside plain write, fsync and rename of as many
//! bytes on the same disk in the same run.
//!
//! ```text
//! cargo build --release
//! cargo run --release -p benches --bin upload_rate
//! ```
//!
//! The two take turns, so that both see the same disk and the same hour. It ends 1 when uploads are accepted at less than `--least` of the plain rate.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use benches::service::{self, Server, Shape};
use clap::Parser;
use fixtures::Rng;

/// Acceptance of uploads beside plain writing.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/consort")]
    binary: PathBuf,
    /// Uploads of a turn.
    #[arg(long, default_value_t = 40)]
    uploads: u64,
    /// At once.
    #[arg(long, default_value_t = 2)]
    clients: u64,
    /// Turns of each.
    #[arg(long, default_value_t = 5)]
    turns: u64,
    /// Size of each, in millions of bytes.
    #[arg(long, default_value_t = 5)]
    size_mb: u64,
    /// Share of the plain rate that is enough.
    #[arg(long, default_value_t = 0.5)]
    least: f64,
}

impl Arguments {
    fn n_bytes(&self) -> u64 {
        self.size_mb * 1_000_000
    }
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().context("cannot make a folder for the server")?;
    let server = Server::start(&arguments.binary, &Shape::Accepting, folder.path())?;
    let (mut accepting, mut writing) = (Duration::ZERO, Duration::ZERO);
    // The first turn warms both up and does not count.
    for turn in 0..=arguments.turns {
        let begin = Instant::now();
        side_by_side(&arguments, turn, &|seed| {
            service::upload(&server, seed, arguments.n_bytes())
        })?;
        let accepted = begin.elapsed();
        let begin = Instant::now();
        side_by_side(&arguments, turn, &|seed| plain(folder.path(), seed, arguments.n_bytes()))?;
        if turn > 0 {
            accepting += accepted;
            writing += begin.elapsed();
        }
    }
    Ok(report(&arguments, accepting, writing))
}

/// One turn: each client does its share, one after the other.
fn side_by_side(
    arguments: &Arguments,
    turn: u64,
    work: &(impl Fn(u64) -> Result<()> + Sync),
) -> Result<()> {
    let Arguments { uploads, clients, .. } = *arguments;
    thread::scope(|scope| {
        let running: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn(move || {
                    let mine = (0..uploads).filter(|n| n % clients == client);
                    mine.map(|n| turn * uploads + n).try_for_each(work)
                })
            })
            .collect();
        running
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| anyhow!("a client panicked"))?)
    })
}

/// What a careful program does with bytes: write them beside, make them safe, give them their name, make that safe.
fn plain(folder: &Path, seed: u64, n_bytes: u64) -> Result<()> {
    const CHUNK: usize = 64 * 1024;
    let folder = folder.join("plain");
    fs::create_dir_all(&folder)?;
    let staged = folder.join(format!("{seed}.part"));
    let mut file = File::create(&staged)?;
    let mut rng = Rng::new(seed);
    let mut chunk = vec![0_u8; CHUNK];
    let mut left = usize::try_from(n_bytes)?;
    while left > 0 {
        for word in chunk.chunks_exact_mut(8) {
            word.copy_from_slice(&rng.next_u64().to_le_bytes());
        }
        file.write_all(&chunk[..left.min(CHUNK)])?;
        left -= left.min(CHUNK);
    }
    file.sync_all()?;
    fs::rename(&staged, folder.join(seed.to_string()))?;
    File::open(&folder)?.sync_all()?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the table is what this command is for")]
fn report(arguments: &Arguments, accepting: Duration, writing: Duration) -> ExitCode {
    let n = arguments.uploads * arguments.turns;
    let rate =
        |time: Duration| f64::from(u32::try_from(n).unwrap_or(u32::MAX)) / time.as_secs_f64();
    let share = rate(accepting) / rate(writing);
    println!("| {n} × {} MB, {} at once | a second |", arguments.size_mb, arguments.clients);
    println!("| --- | --: |");
    println!("| uploads accepted | {:.1} |", rate(accepting));
    println!("| plain write, fsync, rename | {:.1} |", rate(writing));
    println!("| share | {:.0} % |", share * 100.0);
    if share >= arguments.least { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
