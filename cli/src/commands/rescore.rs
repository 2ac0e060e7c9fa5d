//! `consort rescore`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use matching::Purpose;
use store::runs::{self, NewRun, Run, RunScope, RunState};
use store::{Actor, Store, users};

use crate::config::Config;
use crate::{output, service};

/// How often the run is looked at.
const POLL: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to score again: "all", "changed" (what is missing, incomplete or of other versions), or "purpose=mix", "purpose=alike" or
    /// "purpose=mood".
    #[arg(long, default_value = "all", value_parser = scope)]
    scope: Scope,
    /// Analyse recordings again first whose report is of an older analysis.
    #[arg(long)]
    reanalyze: bool,
    /// Only find out what would change.
    #[arg(long)]
    dry_run: bool,
    /// Wait for the end and show what changed. Workers do the work: without one this waits for ever.
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Clone, Copy)]
struct Scope {
    tracks: RunScope,
    purpose: Option<Purpose>,
}

fn scope(text: &str) -> Result<Scope, String> {
    let all = RunScope::All;
    if let Some(("purpose", name)) = text.split_once('=') {
        let purpose = name.parse().map_err(|error: matching::Error| error.to_string())?;
        return Ok(Scope { tracks: all, purpose: Some(purpose) });
    }
    let tracks = text.parse().map_err(|_| "must be all, changed or purpose=NAME")?;
    Ok(Scope { tracks, purpose: None })
}

pub(crate) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    let store = service::open_store(&config).await?.by(Actor::command_line());
    let new = NewRun {
        owner_id: users::operator(&store).await?.id,
        scope: arguments.scope.tracks,
        purpose: arguments.scope.purpose.map(|purpose| purpose.as_str().to_owned()),
        reanalyze: arguments.reanalyze,
        dry_run: arguments.dry_run,
        trace_id: None,
    };
    let started = runs::start(&store, new).await.context("cannot start the run")?;
    if started.existed {
        output::note("a run is under way already");
    }
    output::line(&started.run.id.to_string())?;
    let code = if arguments.watch { watch(&store, started.run).await? } else { ExitCode::SUCCESS };
    store.close().await;
    Ok(code)
}

async fn watch(store: &Store, mut run: Run) -> Result<ExitCode> {
    // How many tiles there are is known once the run is planned.
    let bar = output::progress(usize::MAX, "queued");
    while !run.state.is_final() {
        tokio::time::sleep(POLL).await;
        run = runs::get(store, run.owner_id, run.id).await?.context("the run is gone")?;
        bar.set_length(run.n_tiles.unsigned_abs());
        bar.set_position(run.n_tiles_done.unsigned_abs());
        bar.set_message(run.state.as_str());
    }
    bar.finish_and_clear();
    for line in summary(&run) {
        output::line(&line)?;
    }
    Ok(if run.state == RunState::Succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a run came to, for people.
fn summary(run: &Run) -> Vec<String> {
    let mut lines = vec![format!(
        "{}: {} tracks, {} stale, {} tiles, {} matches written",
        run.state, run.n_tracks, run.n_stale, run.n_tiles, run.n_matches_written
    )];
    if let Some(code) = &run.error_code {
        lines.push(format!("{code}: {}", run.error_detail.as_deref().unwrap_or_default()));
    }
    for diff in run.diff.iter().filter_map(|diff| diff.as_array()).flatten() {
        let correlation = diff["rank_correlation"].as_f64();
        lines.push(format!(
            "{}: {} pairs gained, {} lost, {} of {} moved, rank correlation {}",
            diff["purpose"].as_str().unwrap_or_default(),
            diff["n_gained"],
            diff["n_lost"],
            diff["n_moved"],
            diff["n_shared"],
            correlation.map_or_else(|| "unknown".to_owned(), |value| format!("{value:.4}"))
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_tracks_or_a_purpose() {
        assert_eq!(scope("changed").unwrap().tracks, RunScope::Changed);
        assert_eq!(scope("purpose=mix").unwrap().purpose, Some(Purpose::Mix));
        for text in ["", "purpose=", "purpose=x", "some", "all=1"] {
            assert!(scope(text).is_err(), "{text}");
        }
    }
}
