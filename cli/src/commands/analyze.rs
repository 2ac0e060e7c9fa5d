//! `consort analyze`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use futures::stream::{self, StreamExt};
use report::Report;
use serde_json::json;

use crate::config::Config;
use crate::offline::{self, Analyzed, Failure};
use crate::table::Table;
use crate::{media_files, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Recordings, or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Print JSON Lines: one object a file, in the order of the files.
    #[arg(long)]
    json: bool,
    /// Analyse in this process, one file at a time, without limits: for profilers, never for files of strangers.
    #[arg(long)]
    in_process: bool,
}

pub(crate) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let files = media_files::find(&arguments.paths)?;
    let bar = output::progress(files.len(), "analysing");
    let concurrency = if arguments.in_process { 1 } else { offline::concurrency() };
    let mut results = stream::iter(&files)
        .map(async |path| {
            if arguments.in_process {
                offline::analyze_in_process(&config.worker, path)
            } else {
                offline::analyze(&config.worker, path).await
            }
        })
        .buffered(concurrency);
    let mut table =
        Table::new(["file", "bpm", "sure", "key", "sure", "LUFS", "dBTP", "arousal", "valence"]);
    let mut failures = Vec::new();
    let mut paths = files.iter();
    while let (Some(result), Some(path)) = (results.next().await, paths.next()) {
        bar.inc(1);
        let file = path.display().to_string();
        if arguments.json {
            let line = match &result {
                Ok(analyzed) => {
                    json!({ "file": file, "report": analyzed.report, "tags": analyzed.tags })
                }
                Err(failure) => json!({ "file": file, "error": failure }),
            };
            bar.suspend(|| output::line(&line.to_string()))?;
        }
        match result {
            Ok(Analyzed { report, .. }) => table.row(row(&file, &report)),
            Err(failure) => failures.push((file, failure)),
        }
    }
    bar.finish_and_clear();
    if !arguments.json {
        for line in table.lines().iter().take_while(|_| failures.len() < files.len()) {
            output::line(line)?;
        }
    }
    for (file, Failure { code, detail }) in &failures {
        output::note(&format!("{file}: {code}: {detail}"));
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(file: &str, report: &Report) -> Vec<String> {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
    };
    let key = match (&report.key.tonic, &report.key.mode) {
        (Some(tonic), Some(mode)) => format!("{tonic} {mode}"),
        _ => "–".to_owned(),
    };
    vec![
        file.to_owned(),
        number(report.tempo.bpm, 1),
        number(report.tempo.confidence, 2),
        key,
        number(report.key.confidence, 2),
        number(report.loudness.integrated_lufs, 1),
        number(report.loudness.true_peak_dbtp, 1),
        number(report.emotion.arousal.value, 2),
        number(report.emotion.valence.value, 2),
    ]
}
