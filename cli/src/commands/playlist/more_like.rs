//! `consort playlist more-like`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use matching::playlist::{Fit, MoreLike, Wanted};
use matching::{Item, Purpose, reason, score_by};
use serde_json::json;

use super::files::{Files, Source};
use crate::config::Config;
use crate::output;
use crate::table::Table;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What the others shall be like; may be repeated.
    #[arg(long, required = true, value_name = "FILE")]
    like: Vec<PathBuf>,
    /// What they shall not be like; may be repeated.
    #[arg(long, value_name = "FILE")]
    less_like: Vec<PathBuf>,
    /// Most recordings to give.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// What for: mix, alike or mood.
    #[arg(long, default_value = "alike")]
    purpose: Purpose,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let Arguments { like, less_like, limit, purpose, source } = arguments;
    let weighting = source.weighting(purpose)?;
    let named: Vec<&PathBuf> = like.iter().chain(&less_like).collect();
    let files = source.analyzed(config, &named).await?;
    let likes = items(&files, &like)?;
    let dislikes = items(&files, &less_like)?;
    let mut search = MoreLike::new(&likes, &dislikes, weighting, Wanted::default(), limit);
    search.take(&files.items);
    let mut table = Table::new(["recording", "score", "closest to", "because"]);
    for fit in search.finish() {
        let Some(item) = files.item(fit.id) else { continue };
        let Some((id, closest)) = closest(&fit, &likes) else { continue };
        let because = reason(&score_by(closest, item, &weighting));
        let (name, closest) = (files.name(fit.id), files.name(id));
        if source.json {
            let line = json!({
                "file": name,
                "score": fit.score,
                "liked": fit.liked,
                "disliked": fit.disliked,
                "likes": fit.likes,
                "dislikes": fit.dislikes,
                "closest": closest,
                "reason": because,
            });
            output::line(&line.to_string())?;
        } else {
            table.row([name, format!("{:.2}", fit.score), closest, because]);
        }
    }
    if !source.json {
        for line in table.lines() {
            output::line(&line)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn items(files: &Files, paths: &[PathBuf]) -> Result<Vec<(u128, Item)>> {
    paths.iter().map(|path| Ok(files.named(path)?.clone())).collect()
}

/// The like that is nearest.
fn closest<'a>(fit: &Fit, likes: &'a [(u128, Item)]) -> Option<(u128, &'a Item)> {
    let place = fit.closest()?;
    likes.get(place).map(|(id, item)| (*id, item))
}
