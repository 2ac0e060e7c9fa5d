//! What goes to the terminal: data to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::config::ConfigError;

/// BSD's `EX_CONFIG`.
const EXIT_CONFIG: u8 = 78;

/// One line of data.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Data as it is.
pub(crate) fn bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// One line for the person who watches.
#[expect(clippy::print_stderr, reason = "messages of a command go to standard error")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Reports why a command failed.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
    // A reader that has seen enough, as in `consort analyze … | head`.
    let is_closed_pipe = error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    });
    if is_closed_pipe {
        return ExitCode::SUCCESS;
    }
    note(&format!("error: {error:#}"));
    let is_config = error.is::<ConfigError>() || error.is::<worker::ModelRefused>();
    if is_config { ExitCode::from(EXIT_CONFIG) } else { ExitCode::FAILURE }
}

/// A progress bar on a terminal for more than one file, otherwise nothing.
pub(crate) fn progress(n_files: usize, what: &'static str) -> ProgressBar {
    if n_files < 2 || !io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(Some(n_files as u64), ProgressDrawTarget::hidden());
    }
    let style =
        ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed} (about {eta} left)")
            .expect("the template is fixed and valid");
    let bar = ProgressBar::new(n_files as u64).with_style(style).with_message(what);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}
