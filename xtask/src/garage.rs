//! The blob tests against Garage: an S3 server that is stricter than most.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, program, say};

const VERSION: &str = "2.5.0";
const START_DEADLINE: Duration = Duration::from_mins(1);
const REGION: &str = "garage";
const BUCKET: &str = "consort";
const ACCESS_KEY: &str = "GK0123456789abcdef01234567";
const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Builds Garage when it is missing, starts it on loopback and runs the blob suite of `store`.
pub(crate) fn conformance() -> Result<()> {
    let root = target_directory().join("garage");
    let binary = root.join("bin/garage");
    if !binary.exists() {
        say("Garage is missing: building it, which takes about 20 minutes on two cores");
        cargo(&["install", "garage", "--version", VERSION, "--locked", "--debug", "--root"])
            .args([&root])
            .run()?;
    }
    let server = Garage::start(&binary, &root)?;
    cargo(&["test", "-p", "store", "--test", "external_s3"])
        .env("CONSORT_TEST_S3_ENDPOINT", format!("http://127.0.0.1:{}", server.port))
        .env("CONSORT_TEST_S3_REGION", REGION)
        .env("CONSORT_TEST_S3_BUCKET", BUCKET)
        .env("CONSORT_TEST_S3_ACCESS_KEY", ACCESS_KEY)
        .env("CONSORT_TEST_S3_SECRET_KEY", SECRET_KEY)
        .run()
}

struct Garage {
    server: Child,
    directory: PathBuf,
    port: u16,
}

impl Garage {
    fn start(binary: &Path, root: &Path) -> Result<Self> {
        let directory = root.join(format!("run-{}", std::process::id()));
        fs::create_dir_all(&directory)?;
        let (port, rpc_port) = two_free_ports()?;
        let settings = directory.join("garage.toml");
        fs::write(
            &settings,
            format!(
                "metadata_dir = \"{0}/meta\"\ndata_dir = \"{0}/data\"\ndb_engine = \"sqlite\"\nreplication_factor = 1\n\
                 rpc_bind_addr = \"127.0.0.1:{rpc_port}\"\nrpc_public_addr = \"127.0.0.1:{rpc_port}\"\nrpc_secret = \"{SECRET_KEY}\"\n\
                 [s3_api]\ns3_region = \"{REGION}\"\napi_bind_addr = \"127.0.0.1:{port}\"\n",
                directory.display()
            ),
        )?;
        let log = fs::File::create(directory.join("log"))?;
        let server = program(binary)
            .args(["-c"])
            .args([&settings])
            .args(["server", "--single-node", "--default-bucket"])
            .env("GARAGE_DEFAULT_ACCESS_KEY", ACCESS_KEY)
            .env("GARAGE_DEFAULT_SECRET_KEY", SECRET_KEY)
            .env("GARAGE_DEFAULT_BUCKET", BUCKET)
            .command()
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start Garage")?;
        let garage = Self { server, directory, port };
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if started.elapsed() > START_DEADLINE {
                bail!("Garage did not answer within {} s", START_DEADLINE.as_secs());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(garage)
    }
}

impl Drop for Garage {
    fn drop(&mut self) {
        // A process that has gone already is what is wanted.
        self.server.kill().ok();
        self.server.wait().ok();
        fs::remove_dir_all(&self.directory).ok();
    }
}

fn two_free_ports() -> Result<(u16, u16)> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok((first.local_addr()?.port(), second.local_addr()?.port()))
}

fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from)
}
