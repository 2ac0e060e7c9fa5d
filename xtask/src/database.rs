//! A throw-away PostgreSQL cluster on a free loopback port.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{program, say};

/// The variable in which tests find the administrator's URL of the cluster.
pub(crate) const URL_VARIABLE: &str = "CONSORT_TEST_POSTGRES";

/// Debian's package of the server. Any version from 15 on will do.
const PACKAGE: &str = "postgresql";

const START_DEADLINE: Duration = Duration::from_secs(30);

/// A running cluster; stopped and removed when dropped.
pub(crate) struct Postgres {
    server: Child,
    binaries: PathBuf,
    directory: PathBuf,
    account: Account,
    port: u16,
}

/// PostgreSQL refuses to run as root: the account that it runs under.
#[derive(Clone, Copy)]
struct Account {
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// Creates the cluster and waits until it answers.
    pub(crate) fn start() -> Result<Self> {
        let binaries = binaries()?;
        let account = account()?;
        let directory =
            std::env::temp_dir().join(format!("consort-postgres-{}", std::process::id()));
        fs::create_dir(&directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
        chown(&directory, Some(account.uid), Some(account.gid))?;

        let data = directory.join("data");
        let mut initdb = account.command(&binaries.join("initdb"), &directory);
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        let output = initdb.arg(&data).output().context("cannot start initdb")?;
        ensure!(
            output.status.success(),
            "initdb failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );

        let port = free_port()?;
        let log = fs::File::create(directory.join("log"))?;
        let mut postgres = account.command(&binaries.join("postgres"), &directory);
        postgres.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k"]).arg(&directory);
        for setting in [
            "listen_addresses=127.0.0.1",
            "max_connections=300",
            // The cluster lives for one test run: durability buys nothing.
            "fsync=off",
            "full_page_writes=off",
        ] {
            postgres.args(["-c", setting]);
        }
        let server = postgres
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start postgres")?;
        let mut cluster = Self { server, binaries, directory, account, port };
        cluster.wait_until_ready()?;
        say(&format!("PostgreSQL answers on 127.0.0.1:{port}"));
        Ok(cluster)
    }

    /// The administrator's URL.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < START_DEADLINE {
            if let Some(status) = self.server.try_wait()? {
                let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                bail!("PostgreSQL ended with {status}\n{log}");
            }
            let mut ready =
                self.account.command(&self.binaries.join("pg_isready"), &self.directory);
            ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if ready.status().is_ok_and(|status| status.success()) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL did not answer within {} s", START_DEADLINE.as_secs())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop = self.account.command(&self.binaries.join("pg_ctl"), &self.directory);
        stop.args(["stop", "-m", "immediate", "-D"]).arg(self.directory.join("data"));
        if !stop.stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            say("PostgreSQL did not stop on request: ending its first process");
            // A process that has gone already is what is wanted.
            self.server.kill().ok();
        }
        self.server.wait().ok();
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            say(&format!("cannot remove {}: {error}", self.directory.display()));
        }
    }
}

impl Account {
    fn command(self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.uid(self.uid).gid(self.gid).current_dir(directory);
        command
    }
}

/// The folder of the newest installed server, which Debian keeps off the PATH.
fn binaries() -> Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    if is_root() && program("apt-get").args(["--version"]).succeeds() {
        say("PostgreSQL is missing: installing Debian's package");
        program("apt-get").args(["update", "-q"]).run_quietly()?;
        program("apt-get")
            .args(["install", "-q", "-y", "--no-install-recommends", PACKAGE])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .run_quietly()?;
    }
    installed().context(
        "PostgreSQL 15 or newer is needed: install the package `postgresql`, then run this again",
    )
}

fn installed() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(version, path)| *version >= 15 && path.join("postgres").exists())
        .collect();
    versions.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
    };
    versions.pop().map(|(_, path)| path).or_else(on_path)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Our own account, or, for root, that of `postgres` or `nobody`.
fn account() -> Result<Account> {
    let own = fs::metadata("/proc/self").context("cannot read /proc/self")?;
    if own.uid() != 0 {
        return Ok(Account { uid: own.uid(), gid: own.gid() });
    }
    let accounts = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let find = |name: &str| {
        let fields: Vec<&str> = accounts
            .lines()
            .map(|line| line.split(':').collect())
            .find(|fields: &Vec<_>| fields[0] == name)?;
        Some(Account { uid: fields.get(2)?.parse().ok()?, gid: fields.get(3)?.parse().ok()? })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .context("no account to run PostgreSQL under: it refuses root")
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
