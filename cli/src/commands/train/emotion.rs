//! `consort train emotion`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use futures::stream::{self, StreamExt as _};
use report::emotion_model::{Identity, Rated, train};

use super::ratings::{self, Rating, Scale};
use super::{plot, table};
use crate::config::Config;
use crate::{offline, output};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Table of ratings: a column `file` and any of `valence`, `arousal`, `tension`; `group` or `artist` says what belongs
    /// together.
    #[arg(long, value_name = "CSV")]
    truth: PathBuf,
    /// Folder that the files of the table are in.
    #[arg(long, value_name = "DIR")]
    audio: PathBuf,
    /// Write the model to this file.
    #[arg(long, value_name = "FILE", default_value = "model.json")]
    output: PathBuf,
    /// Draw ratings against predictions into this SVG file; beside the model unless told.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Ends of the scale of the ratings, for example 1,9; -1,1 unless told.
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true)]
    scale: Option<Scale>,
    /// What the model is called in reports.
    #[arg(long, default_value = "emotion")]
    name: String,
    /// Its version in reports.
    #[arg(long = "model-version", value_name = "VERSION", default_value = "1")]
    version: String,
    /// Under which licence the ratings and recordings may be used for this; goes into the model.
    #[arg(long, value_name = "TEXT")]
    license: Option<String>,
    /// Recordings that are analysed at once; one a core unless told.
    #[arg(short = 'j', long = "jobs", value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let path = &arguments.truth;
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the table {}", path.display()))?;
    let ratings = ratings::read(&text, &arguments.audio, arguments.scale)
        .with_context(|| path.display().to_string())?;
    let n_jobs = arguments.jobs.map_or_else(offline::concurrency, NonZeroUsize::get);
    let rated = analyze(&config.worker, &ratings.lines, n_jobs).await;
    let identity = Identity {
        name: arguments.name,
        version: arguments.version,
        license: arguments.license,
        truth_sha256: worker::sha256_hex(text.as_bytes()),
    };
    let scale = arguments.scale.map_or([-1.0, 1.0], |scale| [scale.low, scale.high]);
    let trained = worker::compute(move || train(&rated, scale, identity)).await??;
    write(&arguments.output, &trained.model.to_json())?;
    let picture = arguments.plot.unwrap_or_else(|| arguments.output.with_extension("svg"));
    write(&picture, &plot::calibration(&trained.validations)?)?;
    table::print(&trained, ratings.grouped_by)?;
    output::note(&format!(
        "the model is in {}, ratings against predictions are in {}",
        arguments.output.display(),
        picture.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Analyses every recording of the table in limited processes; what gives no emotion is named and left out.
async fn analyze(config: &worker::Config, lines: &[Rating], n_jobs: usize) -> Vec<Rated> {
    let config = config.shared_by(n_jobs.min(lines.len()));
    let bar = output::progress(lines.len(), "analysing");
    let mut results = stream::iter(lines)
        .map(async |line| (line, offline::analyze(&config, &line.path).await))
        .buffered(n_jobs);
    let mut rated = Vec::new();
    while let Some((line, result)) = results.next().await {
        bar.inc(1);
        let name = line.path.display();
        match result {
            Ok(analyzed) if analyzed.report.emotion.method.is_some() => {
                rated.push(Rated::new(&analyzed.report, line.values, line.group.clone()));
            }
            Ok(_) => bar.suspend(|| output::note(&format!("{name}: no emotion, left out"))),
            Err(error) => bar.suspend(|| {
                output::note(&format!("{name}: {}: {}, left out", error.code, error.detail));
            }),
        }
    }
    bar.finish_and_clear();
    rated
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
