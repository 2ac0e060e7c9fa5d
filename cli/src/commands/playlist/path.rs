//! `consort playlist path`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use matching::mix::mix_advice;
use matching::playlist::{PathSearch, Wanted};
use matching::{Purpose, reason, score_by};
use serde_json::{Value, json};

use super::files::Source;
use crate::commands::compare::to_json;
use crate::config::Config;
use crate::output;
use crate::table::Table;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where the path begins.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Where it ends.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Recordings, both ends included; there may not be as many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(2..=64))]
    length: u16,
    /// What each step is for: mix, alike or mood.
    #[arg(long, default_value = "mix")]
    purpose: Purpose,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let Arguments { from, to, length, purpose, source } = arguments;
    let weighting = source.weighting(purpose)?;
    let files = source.analyzed(config, &[&from, &to]).await?;
    let ((from, first), (to, last)) = (files.named(&from)?, files.named(&to)?);
    let ends = ((*from, first), (*to, last));
    let mut search = PathSearch::new(ends.0, ends.1, length.into(), weighting, Wanted::default())?;
    search.take(&files.items);
    let path = search.finish();
    let mut table = Table::new(["recording", "score", "because"]);
    let mut before = None;
    for stop in &path.stops {
        let Some(item) = files.item(stop.id) else { continue };
        let step = before.replace(item).map(|before| {
            let advice = mix_advice(&before.descriptor, &item.descriptor);
            (score_by(before, item, &weighting), advice)
        });
        if source.json {
            let step = step.as_ref().map_or(Value::Null, |(score, mix)| to_json(score, mix));
            let name = files.name(stop.id);
            let line = json!({ "file": name, "progress": stop.progress, "step": step });
            output::line(&line.to_string())?;
        } else {
            let (score, because) = step.map_or_else(Default::default, |(score, mix)| {
                let because = match purpose {
                    Purpose::Mix => format!("{} {}", reason(&score), mix.sentence()),
                    Purpose::Alike | Purpose::Mood => reason(&score),
                };
                (format!("{:.2}", score.score), because)
            });
            table.row([files.name(stop.id), score, because]);
        }
    }
    if !source.json {
        for line in table.lines() {
            output::line(&line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
