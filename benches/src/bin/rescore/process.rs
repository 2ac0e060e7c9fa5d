//! A worker in a process of its own.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use benches::clock::cpu_s;
use store::Store;
use tokio_util::sync::CancellationToken;

/// A worker that runs until it is stopped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts this program again as a worker on the database.
    pub(crate) fn start(database: &str) -> Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["--be-worker", "--database", database])
            .env("RAYON_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a worker")?;
        Ok(Self(child))
    }

    /// Stops it; the CPU seconds that it used.
    pub(crate) fn stop(mut self) -> Result<f64> {
        drop(self.0.stdin.take());
        let mut said = String::new();
        self.0.stdout.take().context("no output")?.read_to_string(&mut said)?;
        ensure!(self.0.wait()?.success(), "a worker failed");
        said.trim().parse().with_context(|| format!("a worker said {said:?}"))
    }
}

/// Works until standard input ends, then prints the CPU seconds that it took.
#[expect(clippy::print_stdout, reason = "that is how it tells")]
pub(crate) async fn work(store: Store) -> Result<()> {
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        stop.cancel();
    });
    let config = worker::Config { concurrency: 1, ..worker::Config::default() };
    worker::run(store, config, shutdown).await?;
    println!("{}", cpu_s());
    Ok(())
}
