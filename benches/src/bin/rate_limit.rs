//! How exactly the rate limit lets requests through: those answered with 200 beside what the settings promise.
//!
//! ```text
//! cargo build --release
//! cargo run --release -p benches --bin rate_limit
//! ```
//!
//! Clients ask as fast as they can. Of so many requests `burst + rate × time` may pass. It ends 1 when it is more or less
//! than that by more than `--within`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use benches::service::{Connection, Server, Shape};
use clap::Parser;

/// Exactness of the rate limit.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/consort")]
    binary: PathBuf,
    /// Requests a minute that the limit lets through in the long run.
    #[arg(long, default_value_t = 6000)]
    per_min: u32,
    /// Requests at once after a rest.
    #[arg(long, default_value_t = 50)]
    burst: u32,
    /// For so long.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Connections that ask at once, in the name of one token.
    #[arg(long, default_value_t = 4)]
    connections: u32,
    /// How far the two may be apart, as a share.
    #[arg(long, default_value_t = 0.05)]
    within: f64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().context("cannot make a folder for the server")?;
    let settings = [
        ("CONSORT__API__RATE_LIMIT__TOKEN__PER_MIN", arguments.per_min.to_string()),
        ("CONSORT__API__RATE_LIMIT__TOKEN__BURST", arguments.burst.to_string()),
        // The address asks more than a thousand times a second here.
        ("CONSORT__API__RATE_LIMIT__ADDRESS__PER_MIN", "0".to_owned()),
    ];
    let server =
        Server::start_with(&arguments.binary, &Shape::Accepting, folder.path(), &settings)?;
    let begin = Instant::now();
    let end = begin + Duration::from_secs(arguments.seconds);
    let (passed, refused) = thread::scope(|scope| {
        let clients: Vec<_> =
            (0..arguments.connections).map(|_| scope.spawn(|| ask(&server, end))).collect();
        clients.into_iter().try_fold((0, 0), |(passed, refused), client| {
            let (p, r) = client.join().map_err(|_| anyhow!("a client panicked"))??;
            Ok::<_, anyhow::Error>((passed + p, refused + r))
        })
    })?;
    Ok(report(&arguments, begin.elapsed(), passed, refused))
}

/// Requests that passed and that were refused until `end`.
fn ask(server: &Server, end: Instant) -> Result<(u32, u32)> {
    let mut connection = Connection::open(server)?;
    let (mut passed, mut refused) = (0, 0);
    while Instant::now() < end {
        match connection.get("/v1/tracks?limit=1")? {
            (200, _) => passed += 1,
            (429, _) => refused += 1,
            (status, _) => bail!("answered {status}"),
        }
    }
    Ok((passed, refused))
}

#[expect(clippy::print_stdout, reason = "the table is what this command is for")]
fn report(arguments: &Arguments, took: Duration, passed: u32, refused: u32) -> ExitCode {
    let promised =
        f64::from(arguments.burst) + f64::from(arguments.per_min) / 60.0 * took.as_secs_f64();
    let off = f64::from(passed) / promised - 1.0;
    println!(
        "| {} a minute, {} at once, for {:.1} s | requests |",
        arguments.per_min,
        arguments.burst,
        took.as_secs_f64()
    );
    println!("| --- | --: |");
    println!("| promised | {promised:.0} |");
    println!("| passed | {passed} ({:+.2} %) |", 100.0 * off);
    println!("| refused | {refused} |");
    if refused > 0 && off.abs() <= arguments.within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
