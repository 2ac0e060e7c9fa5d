//! Developer commands: `cargo xtask <command>`. Nothing but cargo is needed to start one.

mod accuracy_set;
mod check;
mod database;
mod foreign;
mod garage;
mod process;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask <command>

  test [ARGS…]     all tests, on SQLite and PostgreSQL, local disk and S3; ARGS go to `cargo test`
  foreign [--database URL]
                   programs of others against the service: spotipy, clients generated in Python and TypeScript, schemathesis; the second database
                   is a PostgreSQL of our own unless one is named. Needs python3, node and npm
  check            format, clippy, documentation, licences and the arrows between crates
  accuracy-set --seed N [--n N] [--bands N] DIR
                   a labelled set of songs for the accuracy harness (docs/accuracy.md)
  s3-conformance   the blob tests against Garage, a strict S3 server (built once, about 20 minutes)";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("test", rest)) => test(rest),
        Some(("foreign", rest)) => foreign::all(rest),
        Some(("check", [])) => check::all(),
        Some(("accuracy-set", rest)) => accuracy_set::render(rest),
        Some(("s3-conformance", [])) => garage::conformance(),
        Some(("help" | "--help" | "-h", _)) => {
            process::say(HELP);
            Ok(())
        }
        _ => bail!("unknown command\n\n{HELP}"),
    }
}

/// Every test of the workspace, with a throw-away PostgreSQL beside it.
fn test(arguments: &[String]) -> Result<()> {
    let server = database::Postgres::start()?;
    process::cargo(&["test", "--workspace", "--no-fail-fast"])
        .args(arguments)
        .env(database::URL_VARIABLE, server.url())
        .run()
}
