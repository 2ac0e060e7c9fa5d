//! `consort analyze`.

mod rows;
mod shapes;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use futures::stream::{self, StreamExt};
use report::formats::Format;
use serde_json::json;

use self::rows::Rows;
use self::shapes::Shapes;
use crate::config::Config;
use crate::media_files::Found;
use crate::offline::{self, Analyzed, Failure};
use crate::{media_files, output, service};

/// The command line is wrong.
const EXIT_USAGE: u8 = 2;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Recordings, or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Print JSON Lines: one object a file, in the order of the files.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Print each report in a shape that other programs read, one after the other.
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    format: Option<Format>,
    /// Write one file a recording into this folder instead of printing.
    #[arg(long, value_name = "DIR", requires = "format")]
    output: Option<PathBuf>,
    /// Recordings that are analysed at once; one a core unless told.
    #[arg(short = 'j', long = "jobs", value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Analyse in this process, one file at a time, without limits: for profilers, never for files of strangers.
    #[arg(long, conflicts_with = "jobs")]
    in_process: bool,
}

/// Takes the names of formats, and lists them when it does not know one.
fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(Format::ALL.iter().map(|format| format.as_str()))
        .try_map(|name| name.parse::<Format>())
}

/// Where results go.
enum Sink {
    /// One object a file.
    Lines,
    /// A table for people.
    Rows(Rows),
    /// A shape of other programs.
    Shapes(Shapes),
}

pub(crate) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let files = media_files::find(&arguments.paths)?;
    let config = service::with_models(config).await?;
    let mut sink = match arguments.format {
        Some(format) => match Shapes::new(format, arguments.output.clone(), &files) {
            Ok(shapes) => Sink::Shapes(shapes),
            Err(wrong) => {
                output::note(&format!("error: {wrong}"));
                return Ok(ExitCode::from(EXIT_USAGE));
            }
        },
        None if arguments.json => Sink::Lines,
        None => Sink::Rows(Rows::new()),
    };
    let bar = output::progress(files.len(), "analysing");
    let n_jobs = match arguments.jobs {
        _ if arguments.in_process => 1,
        Some(jobs) => jobs.get(),
        None => offline::concurrency(),
    };
    let worker = config.worker.shared_by(n_jobs.min(files.len()));
    if arguments.in_process {
        offline::prepare_in_process()?;
    }
    let mut results = stream::iter(&files)
        .map(async |file| {
            if arguments.in_process {
                offline::analyze_in_process(&worker, &file.path)
            } else {
                offline::analyze(&worker, &file.path).await
            }
        })
        .buffered(n_jobs);
    let mut failures = Vec::new();
    let mut named = files.iter();
    while let (Some(result), Some(file)) = (results.next().await, named.next()) {
        bar.inc(1);
        if let Some(failure) = bar.suspend(|| take(&mut sink, file, result))? {
            failures.push((file.path.display().to_string(), failure));
        }
    }
    bar.finish_and_clear();
    if let Sink::Rows(rows) = &sink {
        rows.print()?;
    }
    for (file, Failure { code, detail }) in &failures {
        output::note(&format!("{file}: {code}: {detail}"));
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Gives one result to where it goes; the failure, if it is one.
fn take(
    sink: &mut Sink,
    file: &Found,
    result: Result<Analyzed, Failure>,
) -> Result<Option<Failure>> {
    let name = file.path.display().to_string();
    if let Sink::Lines = sink {
        let line = match &result {
            Ok(analyzed) => {
                json!({ "file": name, "report": analyzed.report, "tags": analyzed.tags })
            }
            Err(failure) => json!({ "file": name, "error": failure }),
        };
        output::line(&line.to_string())?;
    }
    match (sink, result) {
        (_, Err(failure)) => return Ok(Some(failure)),
        (Sink::Lines, Ok(_)) => {}
        (Sink::Rows(rows), Ok(analyzed)) => rows.add(&name, &analyzed.report),
        (Sink::Shapes(shapes), Ok(analyzed)) => shapes.give(file, &analyzed)?,
    }
    Ok(None)
}
