//! How much memory uploads cost the server: resident peak (`VmHWM`) at idle and after concurrent large uploads.
//!
//! ```text
//! cargo build --release
//! cargo run --release -p benches --bin upload_memory                               # SQLite and a local folder
//! cargo run --release -p benches --bin upload_memory -- --database postgres://…   # PostgreSQL and S3
//! ```
//!
//! Without `--s3-endpoint` the second form brings an S3 server of its own, in this process, whose memory is not counted.
//! It ends 1 when the uploads cost as much as `--limit-mb` or more.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;

use benches::memory::{Resident, resident};
use benches::service::{self, Bucket, OwnServer, Server, Shape};

/// Peak resident memory of the server under concurrent large uploads.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/consort")]
    binary: PathBuf,
    /// Uploads at once.
    #[arg(long, default_value_t = 4)]
    uploads: u64,
    /// Size of each, in millions of bytes.
    #[arg(long, default_value_t = 200)]
    size_mb: u64,
    /// What they may cost together, in millions of bytes.
    #[arg(long, default_value_t = 160)]
    limit_mb: u64,
    /// Measure the production shape on this empty PostgreSQL database; the embedded shape without it.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The bucket to measure with.
    #[command(flatten)]
    bucket: Bucket,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().context("cannot make a folder for the server")?;
    // Lives until the end of the measurement: dropping it stops the server.
    let mut own_s3 = None;
    let shape = match &arguments.database {
        None => Shape::Embedded,
        Some(url) => {
            let bucket = match arguments.bucket.given() {
                Some(bucket) => bucket,
                None => own_s3.insert(OwnServer::start()?).bucket(),
            };
            Shape::Production { url: url.clone(), bucket }
        }
    };
    let server = Server::start(&arguments.binary, &shape, folder.path())?;
    let idle = resident(server.pid())?;
    upload(&server, &arguments)?;
    let loaded = resident(server.pid())?;
    drop(server);
    report(&shape, &arguments, idle, loaded)
}

/// All uploads at once, each of other bytes, each answered 202.
fn upload(server: &Server, arguments: &Arguments) -> Result<()> {
    let n_bytes = arguments.size_mb * 1_000_000;
    thread::scope(|scope| {
        let uploads: Vec<_> = (0..arguments.uploads)
            .map(|seed| scope.spawn(move || service::upload(server, seed, n_bytes)))
            .collect();
        uploads
            .into_iter()
            .try_for_each(|upload| upload.join().map_err(|_| anyhow!("an upload panicked"))?)
    })
}

#[expect(clippy::print_stdout, reason = "the table is what this command is for")]
fn report(
    shape: &Shape,
    arguments: &Arguments,
    idle: Resident,
    loaded: Resident,
) -> Result<ExitCode> {
    let grown = loaded.peak_bytes.checked_sub(idle.peak_bytes).context("a peak cannot fall")?;
    let (uploads, size, limit) = (arguments.uploads, arguments.size_mb, arguments.limit_mb);
    println!("| shape | uploads | idle VmHWM | peak VmHWM | difference | limit |");
    println!("| --- | --- | --: | --: | --: | --: |");
    println!(
        "| {} | {uploads} × {size} MB | {} MB | {} MB | {} MB | {limit} MB |",
        shape.name(),
        megabytes(idle.peak_bytes),
        megabytes(loaded.peak_bytes),
        megabytes(grown),
    );
    Ok(if grown < limit * 1_000_000 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Rounded up: a limit is not met by rounding.
fn megabytes(n_bytes: u64) -> u64 {
    n_bytes.div_ceil(1_000_000)
}
