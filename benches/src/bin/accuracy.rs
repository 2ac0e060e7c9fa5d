//! How right the analysis is, beside other programs.
//!
//! ```text
//! cargo run --release -p benches --bin accuracy -- DIR…              # tables for the terminal
//! cargo run --release -p benches --bin accuracy -- --markdown DIR…   # tables for docs/accuracy.md
//! ```
//!
//! `docs/accuracy.md` says how the folders look and what the columns mean.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use benches::accuracy::document::sections;
use benches::accuracy::layout::{self, Recording, Set};
use benches::accuracy::score::{Row, Scored};
use benches::accuracy::summary::Summary;
use benches::accuracy::{Estimate, reliability, speeds};
use clap::Parser;
use rayon::prelude::*;
use serde::Serialize;

/// Tempo, beats, downbeats and key against truth, beside other programs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folders with recordings and truth, or folders of such folders.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Prints Markdown.
    #[arg(long)]
    markdown: bool,
    /// Writes figures and rows by file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Draws confidence against correctness as SVG.
    #[arg(long)]
    plot: Option<PathBuf>,
    /// Files at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Figures<'a> {
    analysis_version: u32,
    sets: &'a [Summary],
    files: Vec<Row<'a>>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut sets = Vec::new();
    for folder in &arguments.folders {
        sets.extend(layout::sets(folder)?);
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.jobs).build()?;
    let scored = pool.install(|| scored(&sets));
    let summaries = summaries(&scored);
    for section in sections(&summaries, &speeds::pairs(&scored)) {
        if arguments.markdown {
            println!("### {}\n\n{}", section.title, section.table.markdown());
        } else {
            println!("{}\n\n{}", section.title, section.table.text());
        }
    }
    if let Some(path) = &arguments.json {
        write_json(path, &summaries, &scored)?;
    }
    if let Some(path) = &arguments.plot {
        let tempo: Vec<_> = scored.iter().filter_map(|scored| scored.tempo_claim).collect();
        let key: Vec<_> = scored.iter().filter_map(|scored| scored.key_claim).collect();
        reliability::plot(path, &tempo, &key)?;
    }
    Ok(())
}

/// Every recording, in the order of the sets whatever is finished first.
fn scored(sets: &[Set]) -> Vec<Scored> {
    let recordings: Vec<(&Set, &Recording)> = sets
        .iter()
        .flat_map(|set| set.recordings.iter().map(move |recording| (set, recording)))
        .collect();
    recordings
        .par_iter()
        .map(|(set, recording)| {
            let estimate = Estimate::of_file(&recording.path).unwrap_or_else(|error| {
                // A file that cannot be read is one more that was not answered.
                eprintln!("{}: {error:#}", recording.path.display());
                Estimate::unknown()
            });
            Scored::new(set, recording, estimate)
        })
        .collect()
}

/// Each set, and all of them pooled where there are several.
fn summaries(scored: &[Scored]) -> Vec<Summary> {
    let mut names = BTreeSet::new();
    let names: Vec<&str> =
        scored.iter().map(|s| s.set.as_str()).filter(|name| names.insert(*name)).collect();
    let mut summaries: Vec<Summary> = names
        .iter()
        .map(|name| {
            let of_set: Vec<&Scored> = scored.iter().filter(|s| s.set == *name).collect();
            Summary::of(name, &of_set)
        })
        .collect();
    if summaries.iter().filter(|summary| summary.n_files > 0).count() > 1 {
        summaries.push(Summary::of("all sets pooled", &scored.iter().collect::<Vec<_>>()));
    }
    summaries
}

fn write_json(path: &Path, summaries: &[Summary], scored: &[Scored]) -> Result<()> {
    let figures = Figures {
        analysis_version: dsp::ANALYSIS_VERSION,
        sets: summaries,
        files: scored.iter().map(Scored::row).collect(),
    };
    std::fs::write(path, serde_json::to_string_pretty(&figures)? + "\n")
        .with_context(|| format!("cannot write {}", path.display()))
}
