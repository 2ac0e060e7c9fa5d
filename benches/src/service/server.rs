//! The server that is measured, as a process of its own.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::bucket::Bucket;
use super::client;

const START_DEADLINE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(50);

/// Where rows and recordings live.
#[derive(Debug, Clone)]
pub enum Shape {
    /// SQLite, a local folder, workers in the server's process.
    Embedded,
    /// SQLite, a local folder, no workers.
    Accepting,
    /// PostgreSQL, S3, no workers in the server's process.
    Production {
        /// The database.
        url: String,
        /// The bucket.
        bucket: Bucket,
    },
}

impl Shape {
    /// What to call it in a table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Accepting => "embedded, without workers",
            Self::Production { .. } => "PostgreSQL and S3",
        }
    }

    /// The settings as variables.
    fn variables(&self, folder: &Path) -> Vec<(&'static str, String)> {
        match self {
            Self::Embedded | Self::Accepting => vec![
                (
                    "CONSORT__STORE__DATABASE__URL",
                    format!("sqlite:{}", folder.join("consort.db").display()),
                ),
                ("CONSORT__STORE__BLOBS__PATH", folder.join("blobs").display().to_string()),
            ],
            Self::Production { url, bucket } => {
                let mut variables = vec![("CONSORT__STORE__DATABASE__URL", url.clone())];
                variables.extend(bucket.variables());
                variables
            }
        }
    }

    fn arguments(&self) -> &'static [&'static str] {
        match self {
            Self::Embedded => &["serve"],
            Self::Accepting | Self::Production { .. } => &["serve", "--no-worker"],
        }
    }
}

/// A running server; it is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    process: Child,
    address: SocketAddr,
    token: String,
}

impl Server {
    /// Starts `binary` and waits until it is ready. Its log is `server.log` in `folder`.
    ///
    /// # Errors
    ///
    /// When the program is missing or does not become ready.
    pub fn start(binary: &Path, shape: &Shape, folder: &Path) -> Result<Self> {
        Self::start_with(binary, shape, folder, &[])
    }

    /// [`start`](Self::start) with settings, by the names of their variables.
    ///
    /// # Errors
    ///
    /// As for `start`.
    pub fn start_with(
        binary: &Path,
        shape: &Shape,
        folder: &Path,
        settings: &[(&'static str, String)],
    ) -> Result<Self> {
        let binary = std::path::absolute(binary)?;
        if !binary.is_file() {
            bail!("{} is missing: `cargo build --release` makes it", binary.display());
        }
        let address = free_address()?;
        let mut variables = shape.variables(folder);
        variables.push(("CONSORT__API__LISTEN", address.to_string()));
        variables.extend_from_slice(settings);
        let command = |arguments: &[&str]| {
            let mut command = Command::new(&binary);
            command.args(arguments).envs(variables.clone()).current_dir(folder);
            command.stdin(Stdio::null());
            command
        };
        let token = command(&["admin", "token"]).stderr(Stdio::inherit()).output()?;
        if !token.status.success() {
            bail!("`consort admin token` failed: {}", token.status);
        }
        let token = String::from_utf8(token.stdout)?.trim().to_owned();
        let log = File::create(folder.join("server.log"))?;
        let process = command(shape.arguments())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut server = Self { process, address, token };
        server.wait_until_ready(folder)?;
        Ok(server)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A token for everything of the operator.
    pub fn token(&self) -> &str {
        &self.token
    }

    fn wait_until_ready(&mut self, folder: &Path) -> Result<()> {
        let started = Instant::now();
        while !client::is_ready(self.address) {
            if let Some(status) = self.process.try_wait()? {
                let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
                bail!("the server ended early: {status}\n{log}");
            }
            if started.elapsed() > START_DEADLINE {
                bail!("the server was not ready within {} s", START_DEADLINE.as_secs());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to save in either case.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A loopback port that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?)
}
