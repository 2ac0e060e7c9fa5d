//! Running other programs, with errors that name the command.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A command that prints what it does and fails loudly.
pub(crate) struct Step(Command);

/// A program found on the PATH.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Step {
    Step(Command::new(name))
}

/// The cargo that runs this program.
pub(crate) fn cargo(arguments: &[&str]) -> Step {
    Step(Command::new(env!("CARGO"))).args(arguments)
}

impl Step {
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.0.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it in a folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// The plain command, for what this wrapper does not cover.
    pub(crate) fn command(self) -> Command {
        self.0
    }

    /// Runs to the end; its output is the user's.
    pub(crate) fn run(mut self) -> Result<()> {
        say(&format!("+ {:?}", self.0));
        let status = self.0.status().with_context(|| format!("cannot start {:?}", self.0))?;
        ensure!(status.success(), "{:?} ended with {status}", self.0);
        Ok(())
    }

    /// Runs quietly; its output is part of the error when it fails.
    pub(crate) fn run_quietly(mut self) -> Result<()> {
        let output = self.0.output().with_context(|| format!("cannot start {:?}", self.0))?;
        ensure!(
            output.status.success(),
            "{:?} ended with {}\n{}{}",
            self.0,
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Whether it can be started and succeeds.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0.output().is_ok_and(|output| output.status.success())
    }
}

/// A line for the person at the terminal.
#[expect(clippy::print_stderr, reason = "a developer command talks on the terminal")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}
