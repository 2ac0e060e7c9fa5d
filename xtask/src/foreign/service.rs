//! A `consort serve` on loopback for the foreign programs, with a user and tokens.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

const START_DEADLINE: Duration = Duration::from_mins(1);
/// What the program says before its address.
const ANSWERS: &str = "consort answers on ";
/// What a client needs that uploads and reads.
const SCOPES: [&str; 4] = ["tracks:read", "tracks:write", "matches:read", "jobs:read"];

/// A running service; stopped when dropped.
pub(super) struct Service {
    pub(super) url: String,
    /// The token of a user who may do what clients do.
    pub(super) token: String,
    /// A token for everything, of the operator.
    pub(super) admin_token: String,
    process: Child,
}

impl Service {
    /// Starts the program with nothing in its store but a user, on SQLite unless a PostgreSQL is named.
    pub(super) fn start(binary: &Path, folder: &Path, database: Option<&str>) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let sqlite = format!("sqlite:{}", folder.join("consort.db").display());
        let consort = Consort { binary, folder, database: database.unwrap_or(&sqlite) };
        let log = folder.join("log");
        let process = consort
            .command(&["serve"])
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut service =
            Self { url: String::new(), token: String::new(), admin_token: String::new(), process };
        service.url = service.address(&log)?;
        consort.run(&["admin", "user", "create", "ana"])?;
        let mut token = vec!["admin", "token", "create", "--user", "ana"];
        token.extend(SCOPES.iter().flat_map(|scope| ["--scope", *scope]));
        service.token = consort.run(&token)?;
        service.admin_token = consort.run(&["admin", "token"])?;
        Ok(service)
    }

    /// Where it answers, once it says so.
    fn address(&mut self, log: &Path) -> Result<String> {
        let started = Instant::now();
        while started.elapsed() < START_DEADLINE {
            let text = fs::read_to_string(log)?;
            let said = text.lines().find_map(|line| line.strip_prefix(ANSWERS));
            if let Some(url) = said {
                return Ok(url.to_owned());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("the service ended with {status}\n{text}");
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the service did not answer within {} s", START_DEADLINE.as_secs())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // A process that has gone already is what is wanted.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The program with the settings of one service.
struct Consort<'a> {
    binary: &'a Path,
    folder: &'a Path,
    database: &'a str,
}

impl Consort<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.binary);
        command
            .args(arguments)
            .env("CONSORT__API__LISTEN", "127.0.0.1:0")
            .env("CONSORT__STORE__DATABASE__URL", self.database)
            .env("CONSORT__STORE__BLOBS__PATH", self.folder.join("blobs"))
            // A program that makes up logins would learn nothing but how the limit answers.
            .env("CONSORT__API__RATE_LIMIT__LOGIN__PER_MIN", "0")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; the last line that it prints.
    fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "consort {arguments:?} ended with {}\n{errors}",
            output.status
        );
        let text = String::from_utf8(output.stdout)?;
        Ok(text.lines().last().unwrap_or_default().trim().to_owned())
    }
}
