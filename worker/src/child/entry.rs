//! The child's own `main`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::process::ExitCode;

use super::confine::{Confined, confine};
use super::model::{self, Opened};
use super::{EXIT_SETUP, Failure, Line, Media, Request, Task, analyze};

/// Runs the child: `args` are those after the subcommand, the media is standard input.
///
/// Must be called before any thread is started. Ends with 0 when the last line says how it went,
/// [`EXIT_SETUP`] when the child could not begin, [`super::EXIT_MEMORY`] above the memory limit, and 101
/// (Rust's own) after a panic.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match begin(args) {
        Ok((request, opened, confined)) => match answer(&request, opened, confined) {
            Ok(()) => ExitCode::SUCCESS,
            // Nobody is left to read: the parent closed the pipe.
            Err(_) => ExitCode::FAILURE,
        },
        Err(error) => {
            let _ = writeln!(io::stderr(), "cannot begin: {error}");
            ExitCode::from(EXIT_SETUP)
        }
    }
}

/// The files of the model that the request is about, or why they could not be opened.
type Files = Option<Result<Opened, Failure>>;

fn begin(args: impl IntoIterator<Item = OsString>) -> io::Result<(Request, Files, Confined)> {
    let mut args = args.into_iter();
    let (Some(argument), None) = (args.next(), args.next()) else {
        return Err(io::Error::other("expected one argument, the request"));
    };
    let text = argument.to_str().ok_or_else(|| io::Error::other("the request is not UTF-8"))?;
    let request: Request = serde_json::from_str(text)?;
    // Nothing of them is read before the limits hold.
    let opened = match &request.task {
        Task::Analyze => None,
        Task::CheckModel(files) | Task::RunModel(files) => Some(Opened::open(files)),
    };
    let confined = confine(&request)?;
    Ok((request, opened, confined))
}

/// Does what the request says, and says how it went.
fn answer(request: &Request, opened: Files, confined: Confined) -> io::Result<()> {
    #[cfg(debug_assertions)]
    if let Some(fault) = &request.fault
        && let Some(failure) = fault.act()
    {
        return say(&Line::Error(failure));
    }
    let mut unheard = Ok(());
    let progress = |share| {
        if unheard.is_ok() {
            unheard = say(&Line::Progress(share));
        }
    };
    let said = match (&request.task, opened) {
        (Task::CheckModel(_), Some(opened)) => {
            opened.and_then(model::check).map(|card| Line::Checked(Box::new(card)))
        }
        (Task::RunModel(files), Some(opened)) => media(request)
            .and_then(|media| model::hear(opened, files, media, &request.limits, progress))
            .map(|said| Line::Said(Box::new(said))),
        _ => media(request)
            .and_then(|media| analyze(media, &request.limits, request.emotion.as_ref(), progress))
            .map(|mut outcome| {
                outcome.sandbox = confined.sandbox;
                outcome.peak_memory_bytes = confined.status.and_then(peak_memory_bytes);
                Line::Ok(Box::new(outcome))
            }),
    };
    unheard?;
    say(&said.unwrap_or_else(Line::Error))
}

fn media(request: &Request) -> Result<Media, Failure> {
    let file = standard_input().map_err(|error| failure(&error))?;
    let (extension, sha256) = (request.extension.clone(), request.sha256.clone());
    Ok(Media { file, extension, sha256 })
}

fn failure(error: &io::Error) -> Failure {
    Failure { code: "io".into(), detail: error.to_string() }
}

/// Standard input as a file that can seek, at its beginning.
fn standard_input() -> io::Result<File> {
    let mut file = File::from(rustix::stdio::stdin().try_clone_to_owned()?);
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn say(line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&text)?;
    out.flush()
}

/// `VmHWM` of `/proc/self/status`.
fn peak_memory_bytes(mut status: File) -> Option<u64> {
    let mut text = String::new();
    status.read_to_string(&mut text).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let n_kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(n_kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_call_reads_nothing_and_says_so() {
        let check = |args: &[&str]| {
            assert!(begin(args.iter().map(OsString::from)).is_err(), "{args:?}");
        };
        check(&[]);
        check(&["{}"]);
        check(&["{}", "{}"]);
        check(&["not json"]);
    }

    #[test]
    fn peak_memory_of_this_process_is_plausible() {
        let n_bytes = peak_memory_bytes(File::open("/proc/self/status").unwrap()).unwrap();
        assert!((1 << 20..1 << 36).contains(&n_bytes), "{n_bytes}");
    }
}
