//! Programs that others wrote, run against the service: clients that know it under another name, clients generated from its OpenAPI
//! document, and a tester that reads the document and tries what it promises.
//!
//! All of them are installed below `target/foreign`, nothing elsewhere. What they are is pinned in `xtask/foreign`.

mod python;
mod service;
mod typescript;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::database::Postgres;
use crate::process::{Step, cargo, program, say};
use python::Python;
use service::Service;
use typescript::TypeScript;

/// Installs what is needed, and runs everything against both databases; PostgreSQL's is at the URL that the arguments name, or on a server of
/// our own.
pub(crate) fn all(arguments: &[String]) -> Result<()> {
    let url = match arguments {
        [] => None,
        [option, url] if option == "--database" => Some(url.clone()),
        _ => bail!("foreign takes --database URL and nothing else"),
    };
    let root = std::path::absolute(target_directory())?.join("foreign");
    fs::create_dir_all(&root)?;
    let python = Python::install(&root.join("python"))?;
    let typescript = TypeScript::install(&root.join("typescript"))?;
    // What the tests built already: they need the program, and a plain build would choose other features and build all of it again.
    cargo(&["test", "--workspace", "--test", "it", "--no-run", "--quiet"]).run()?;
    let binary = target_directory().join("debug/consort");

    let mut n_failed = 0;
    {
        let service = Service::start(&binary, &root.join("embedded"), None)?;
        n_failed += Run { service: &service, database: "SQLite" }.parts(&python, &typescript);
    }
    let server = if url.is_none() { Some(Postgres::start()?) } else { None };
    let url = url.or_else(|| server.as_ref().map(Postgres::url)).context("no database")?;
    {
        let service = Service::start(&binary, &root.join("postgres"), Some(&url))?;
        n_failed += Run { service: &service, database: "PostgreSQL" }.parts(&python, &typescript);
    }
    ensure!(n_failed == 0, "{n_failed} of the foreign programs failed");
    Ok(())
}

/// What the programs run against.
struct Run<'a> {
    service: &'a Service,
    database: &'static str,
}

impl Run<'_> {
    /// Runs all of them; how many failed. The tester comes last: it leaves nothing as it was.
    fn parts(&self, python: &Python, typescript: &TypeScript) -> usize {
        let url = &self.service.url;
        self.part("spotipy", || Ok(python.spotipy()))
            + self.part("generated Python client", || Ok(python.client(url)))
            + self.part("generated TypeScript client", || Ok(typescript.client(url)))
            + self.part("schemathesis", || python.schemathesis(url))
    }

    /// Runs the steps of a part, and says how it went in one line; its output only if it failed. How many failed: none or one.
    fn part(&self, name: &str, steps: impl FnOnce() -> Result<Vec<Step>>) -> usize {
        let begin = Instant::now();
        let result = steps().and_then(|steps| {
            steps.into_iter().try_for_each(|step| self.known_to(step).run_quietly())
        });
        let seconds = begin.elapsed().as_secs();
        let title = format!("{name} on {}", self.database);
        match result {
            Ok(()) => {
                say(&format!("passed  {title} ({seconds} s)"));
                0
            }
            Err(error) => {
                say(&format!("{error:?}"));
                say(&format!("failed  {title} ({seconds} s)"));
                1
            }
        }
    }

    /// Tells a program where the service is, and who it is.
    fn known_to(&self, step: Step) -> Step {
        step.env("CONSORT_URL", &self.service.url)
            .env("CONSORT_TOKEN", &self.service.token)
            .env("CONSORT_ADMIN_TOKEN", &self.service.admin_token)
            .env("CONSORT_AUDIO", root().join("fixtures/audio"))
            // The service is on this machine: a proxy of the environment has no part in it.
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1")
    }
}

/// The top of the tree.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The pinned lists and the programs of ours that drive the others.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign")
}

/// Runs `install` unless what it installs from is the same as last time.
fn unless_installed(
    folder: &Path,
    sources: &[PathBuf],
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let mut wanted = String::new();
    for source in sources {
        wanted += &fs::read_to_string(source).with_context(|| source.display().to_string())?;
    }
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    install()?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// A program that has to be there already.
fn needed(name: &str) -> Result<()> {
    ensure!(program(name).args(["--version"]).succeeds(), "{name} is needed and cannot be started");
    Ok(())
}

fn target_directory() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
