//! `consort compare`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use matching::{Item, Purpose, Score};
use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::offline::{self, Analyzed, Failure};
use crate::table::Table;
use crate::{output, service};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One recording.
    a: PathBuf,
    /// The other.
    b: PathBuf,
    /// Print one JSON object: the whole computation for each purpose.
    #[arg(long)]
    json: bool,
    /// Analyse in this process, one file at a time, without limits: for profilers, never for files of strangers.
    #[arg(long)]
    in_process: bool,
}

pub(crate) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let config = service::with_models(config).await?;
    if arguments.in_process {
        offline::prepare_in_process()?;
    }
    let (a, b) = analyze(&config.worker.shared_by(2), &arguments).await;
    let (a, b) = match (a, b) {
        (Ok(a), Ok(b)) => (item(a), item(b)),
        (a, b) => {
            report_failure(&arguments.a, a.err());
            report_failure(&arguments.b, b.err());
            return Ok(ExitCode::FAILURE);
        }
    };
    let scores = Purpose::ALL.map(|purpose| matching::score(&a, &b, purpose));
    if arguments.json {
        let by_purpose: Map<String, Value> = scores
            .iter()
            .map(|score| (score.purpose.as_str().to_owned(), to_json(score)))
            .collect();
        output::line(&Value::Object(by_purpose).to_string())?;
    } else {
        print(&scores)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn analyze(
    config: &worker::Config,
    arguments: &Arguments,
) -> (Result<Analyzed, Failure>, Result<Analyzed, Failure>) {
    let (a, b) = (&arguments.a, &arguments.b);
    if arguments.in_process {
        (offline::analyze_in_process(config, a), offline::analyze_in_process(config, b))
    } else {
        tokio::join!(offline::analyze(config, a), offline::analyze(config, b))
    }
}

fn item(analyzed: Analyzed) -> Item {
    let embedding = worker::embedding(&analyzed.report.models);
    Item { descriptor: analyzed.descriptor, embedding, tags: Vec::new() }
}

fn report_failure(path: &Path, failure: Option<Failure>) {
    if let Some(Failure { code, detail }) = failure {
        output::note(&format!("{}: {code}: {detail}", path.display()));
    }
}

fn to_json(score: &Score) -> Value {
    json!({
        "score": score.score,
        "identical": score.identical,
        "evidence": score.evidence,
        "gate": score.gate,
        "weights_version": score.weights_version,
        "reason": matching::reason(score),
        "parts": score.parts,
    })
}

fn print(scores: &[Score]) -> Result<()> {
    for score in scores {
        output::line(&format!(
            "{} {:.2}: {}",
            score.purpose.as_str(),
            score.score,
            matching::reason(score)
        ))?;
        let mut table = Table::new(["  facet", "agrees", "sure", "weight", "adds", "because"]);
        for part in &score.parts {
            table.row([
                format!("  {}", part.facet),
                format!("{:.2}", part.score),
                format!("{:.2}", part.confidence),
                format!("{:.2}", part.weight),
                format!("{:+.2}", part.contribution),
                part.detail.clone(),
            ]);
        }
        for line in table.lines() {
            output::line(&line)?;
        }
        output::line("")?;
    }
    Ok(())
}
