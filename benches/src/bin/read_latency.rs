//! How long reads of the API take at a fixed rate while recordings are being analysed.
//!
//! ```text
//! cargo build --release
//! cargo run --release -p benches --bin read_latency
//! ```
//!
//! The rate does not wait for answers: a request has a time at which it is due, and its latency counts from then, also
//! when the client was still busy with the one before. It ends 1 when the 99th percentile is above `--limit-ms`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use benches::service::{self, Connection, Server, Shape};
use clap::Parser;
use fixtures::clips;

const POLL: Duration = Duration::from_millis(100);
const ANALYSIS_DEADLINE: Duration = Duration::from_mins(5);

/// Latency of reads beside analyses.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/consort")]
    binary: PathBuf,
    /// Requests a second.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// For so long.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Connections that take turns.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Recordings of three hours that are queued before the first request.
    #[arg(long, default_value_t = 6)]
    analyses: u64,
    /// Analyses at once.
    #[arg(long, default_value_t = 1)]
    at_once: u32,
    /// What the 99th percentile may be, in milliseconds.
    #[arg(long, default_value_t = 20)]
    limit_ms: u64,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().context("cannot make a folder for the server")?;
    let settings = [("CONSORT__WORKER__CONCURRENCY", arguments.at_once.to_string())];
    let server = Server::start_with(&arguments.binary, &Shape::Embedded, folder.path(), &settings)?;
    let paths = library(&server)?;
    let resting = measure(&arguments, &server, &paths)?;
    for seed in 0..arguments.analyses {
        service::upload_hours(&server, seed, 3)?;
    }
    let beside = measure(&arguments, &server, &paths)?;
    let mut client = Connection::open(&server)?;
    ensure!(
        n_tracks(&mut client, "analyzing")? > 0,
        "the analyses ended before the requests: raise --analyses or lower --seconds"
    );
    Ok(report(&arguments, &resting, &beside))
}

/// Uploads the clips of the fixtures, waits until all is known of them, and gives the paths to read.
fn library(server: &Server) -> Result<Vec<String>> {
    let clips = clips();
    for clip in &clips {
        service::upload_file(server, &clip.path())?;
    }
    let mut client = Connection::open(server)?;
    let started = Instant::now();
    while n_tracks(&mut client, "analyzed")? < clips.len() || n_jobs(&mut client)? > 0 {
        ensure!(started.elapsed() < ANALYSIS_DEADLINE, "the clips were not analysed in time");
        thread::sleep(POLL);
    }
    let page = client.json("/v1/tracks?limit=100")?;
    let ids = page["items"].as_array().context("a page has items")?;
    let ids: Vec<&str> = ids.iter().filter_map(|track| track["id"].as_str()).collect();
    let mut paths = vec!["/v1/tracks?limit=50".to_owned(), "/v1/jobs?limit=50".to_owned()];
    for id in ids {
        paths.push(format!("/v1/tracks/{id}"));
        paths.push(format!("/v1/tracks/{id}/report"));
        paths.push(format!("/v1/tracks/{id}/matches?purpose=alike"));
        paths.push(format!("/v1/audio-features/{id}"));
    }
    Ok(paths)
}

fn n_tracks(client: &mut Connection, state: &str) -> Result<usize> {
    let page = client.json(&format!("/v1/tracks?limit=100&state={state}"))?;
    Ok(page["items"].as_array().context("a page has items")?.len())
}

/// Jobs that are not done.
fn n_jobs(client: &mut Connection) -> Result<usize> {
    let page = client.json("/v1/jobs?limit=100")?;
    let jobs = page["items"].as_array().context("a page has items")?;
    Ok(jobs.iter().filter(|job| job["state"] == "queued" || job["state"] == "running").count())
}

/// Latencies, ascending.
fn measure(arguments: &Arguments, server: &Server, paths: &[String]) -> Result<Vec<Duration>> {
    let n_requests = arguments.rate * arguments.seconds;
    let begin = Instant::now() + POLL;
    let mut latencies = thread::scope(|scope| {
        let clients: Vec<_> = (0..arguments.connections)
            .map(|client| {
                let mine = (0..n_requests).filter(move |n| n % arguments.connections == client);
                scope.spawn(move || {
                    let mut connection = Connection::open(server)?;
                    mine.map(|n| {
                        let due = begin + Duration::from_secs(1) * n / arguments.rate;
                        thread::sleep(due.saturating_duration_since(Instant::now()));
                        let path = &paths[n as usize % paths.len()];
                        match connection.get(path)? {
                            (200, _) => Ok(due.elapsed()),
                            (status, _) => bail!("{path} was answered {status}"),
                        }
                    })
                    .collect::<Result<Vec<_>>>()
                })
            })
            .collect();
        let mut all = Vec::new();
        for client in clients {
            all.extend(client.join().map_err(|_| anyhow!("a client panicked"))??);
        }
        Ok::<_, anyhow::Error>(all)
    })?;
    latencies.sort_unstable();
    ensure!(!latencies.is_empty(), "nothing was asked");
    Ok(latencies)
}

/// The latency that a share of the requests, in thousandths, did not exceed.
fn percentile(latencies: &[Duration], thousandths: usize) -> Duration {
    latencies[(latencies.len() * thousandths).div_ceil(1000).saturating_sub(1)]
}

#[expect(clippy::print_stdout, reason = "the table is what this command is for")]
fn report(arguments: &Arguments, resting: &[Duration], beside: &[Duration]) -> ExitCode {
    println!(
        "| {} a second for {} s | median, ms | 99 %, ms | 99.9 %, ms | longest, ms |",
        arguments.rate, arguments.seconds
    );
    println!("| --- | --: | --: | --: | --: |");
    let ms = |time: Duration| 1000.0 * time.as_secs_f64();
    for (name, latencies) in [
        ("nothing else at work".to_owned(), resting),
        (format!("beside {} analyses at once", arguments.at_once), beside),
    ] {
        let [median, p99, p999, longest] =
            [500, 990, 999, 1000].map(|share| ms(percentile(latencies, share)));
        println!("| {name} | {median:.2} | {p99:.2} | {p999:.2} | {longest:.2} |");
    }
    let limit = Duration::from_millis(arguments.limit_ms);
    if percentile(beside, 990) <= limit { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
