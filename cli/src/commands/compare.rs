//! `consort compare`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use matching::mix::{MixAdvice, MixUnknown, PitchFit, mix_advice};
use matching::{Purpose, Score, Weighting, WeightsError};
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
    /// Score under these weights instead of for each purpose: facets with numbers, such as "tempo:1,key:0.5".
    #[arg(long, value_parser = weights)]
    weights: Option<Weighting>,
    /// Print one JSON object: the whole computation for each purpose.
    #[arg(long)]
    json: bool,
    /// Analyse in this process, one file at a time, without limits: for profilers, never for files of strangers.
    #[arg(long)]
    in_process: bool,
}

/// Without a purpose nothing must fit.
fn weights(text: &str) -> Result<Weighting, WeightsError> {
    Weighting::from_text(Purpose::Alike, text)
}

/// A score, and what it is called.
type Named = (&'static str, Score);

pub(crate) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let config = service::with_models(config).await?;
    if arguments.in_process {
        offline::prepare_in_process()?;
    }
    let (a, b) = analyze(&config.worker.shared_by(2), &arguments).await;
    let (a, b) = match (a, b) {
        (Ok(a), Ok(b)) => (a.item(), b.item()),
        (a, b) => {
            report_failure(&arguments.a, a.err());
            report_failure(&arguments.b, b.err());
            return Ok(ExitCode::FAILURE);
        }
    };
    let scores: Vec<Named> = match &arguments.weights {
        Some(weighting) => vec![("custom", matching::score_by(&a, &b, weighting))],
        None => Purpose::ALL
            .map(|purpose| (purpose.as_str(), matching::score(&a, &b, purpose)))
            .to_vec(),
    };
    let mix = mix_advice(&a.descriptor, &b.descriptor);
    if arguments.json {
        let by_name: Map<String, Value> =
            scores.iter().map(|(name, score)| ((*name).to_owned(), to_json(score, &mix))).collect();
        output::line(&Value::Object(by_name).to_string())?;
    } else {
        print(&scores, &mix)?;
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

fn report_failure(path: &Path, failure: Option<Failure>) {
    if let Some(Failure { code, detail }) = failure {
        output::note(&format!("{}: {code}: {detail}", path.display()));
    }
}

/// The whole computation of a pair.
pub(super) fn to_json(score: &Score, mix: &MixAdvice) -> Value {
    let mut json = json!({
        "score": score.score,
        "identical": score.identical,
        "evidence": score.evidence,
        "gate": score.gate,
        "weights_version": score.weights_version,
        "reason": matching::reason(score),
        "parts": score.parts,
    });
    if score.purpose == Purpose::Mix {
        json["mix"] = advice(mix);
    }
    json
}

/// Advice as the service gives it, but for what follows from the rest.
fn advice(mix: &MixAdvice) -> Value {
    let tempo = mix.tempo.as_ref().map(|fit| {
        json!({
            "a_bpm": fit.a_bpm,
            "b_bpm": fit.b_bpm,
            "relation": fit.relation.as_str(),
            "b_ratio": fit.b_ratio,
            "in_reach": fit.is_in_reach(),
            "confidence": fit.confidence,
        })
    });
    json!({
        "tempo": tempo.ok(),
        "tempo_reason": why(&mix.tempo),
        "key_lock": pitch(&mix.key_lock),
        "key_lock_reason": why(&mix.key_lock),
        "varispeed": pitch(&mix.varispeed),
        "varispeed_reason": why(&mix.varispeed),
        "sentence": mix.sentence(),
    })
}

fn pitch(fit: &Result<PitchFit, MixUnknown>) -> Option<Value> {
    let fit = fit.as_ref().ok()?;
    Some(json!({
        "a_key": fit.a_key,
        "b_key": fit.b_key,
        "b_semitones": fit.b_semitones,
        "heard_key": fit.heard_key,
        "heard_camelot": fit.heard_camelot,
        "heard_cents": fit.heard_cents,
        "relation": fit.relation,
        "compatible": fit.is_compatible,
        "confidence": fit.confidence,
    }))
}

/// The code of the reason why something is unknown.
fn why<T>(value: &Result<T, MixUnknown>) -> Option<&'static str> {
    value.as_ref().err().map(|unknown| unknown.as_str())
}

fn print(scores: &[Named], mix: &MixAdvice) -> Result<()> {
    for (name, score) in scores {
        output::line(&format!("{name} {:.2}: {}", score.score, matching::reason(score)))?;
        if score.purpose == Purpose::Mix {
            output::line(&format!("  {}", mix.sentence()))?;
        }
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
