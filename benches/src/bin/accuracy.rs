//! How right the analysis is, beside other programs.
//!
//! ```text
//! cargo run --release -p benches --bin accuracy -- DIR…              # tables for the terminal
//! cargo run --release -p benches --bin accuracy -- --markdown DIR…   # tables for docs/accuracy.md
//! cargo run --release -p benches --bin accuracy -- --emotion DIR     # emotion against ratings
//! cargo run --release -p benches --bin accuracy -- --emotion DIR --speech   # arousal of acted speech, high against low
//! ```
//!
//! `docs/accuracy.md` says how the folders look and what the columns mean.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use benches::accuracy::document::sections;
use benches::accuracy::emotion::{self, Answer, Judge, Rated, Scale, Spoken};
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
    #[arg(required_unless_present = "emotion")]
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
    /// Compares the emotion with the ratings in the `truth.csv` of this folder instead.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["folders", "json", "plot"])]
    emotion: Option<PathBuf>,
    /// Ends of the scale of those ratings.
    #[arg(
        long,
        value_name = "LOW,HIGH",
        default_value = "-1,1",
        allow_hyphen_values = true,
        requires = "emotion"
    )]
    scale: Scale,
    /// Model of the emotion that takes the place of the rule.
    #[arg(long, value_name = "FILE", requires = "emotion")]
    model: Option<PathBuf>,
    /// Takes all recordings to be speech, and tells high arousal from low.
    #[arg(long, requires = "emotion", conflicts_with = "model")]
    speech: bool,
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
    if let Some(folder) = &arguments.emotion {
        return emotion(folder, &arguments);
    }
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

/// Prints how well the emotion agrees with ratings.
fn emotion(folder: &Path, arguments: &Arguments) -> Result<()> {
    let judge = arguments.model.as_deref().map_or_else(|| Ok(Judge::default()), Judge::of_file)?;
    let rated = emotion::ratings(folder, arguments.scale)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.jobs).build()?;
    if arguments.speech {
        let hear = |rated: &Rated| {
            Spoken::hear(&rated.path).unwrap_or_else(|error| {
                eprintln!("{}: {error:#}", rated.path.display());
                Spoken::default()
            })
        };
        let spoken: Vec<Spoken> = pool.install(|| rated.par_iter().map(hear).collect());
        let table = emotion::speech::table(&rated, &spoken);
        println!("{}", if arguments.markdown { table.markdown() } else { table.text() });
        return Ok(());
    }
    let hear = |rated: &Rated| {
        judge.hear(&rated.path).unwrap_or_else(|error| {
            eprintln!("{}: {error:#}", rated.path.display());
            Answer::default()
        })
    };
    let answers: Vec<Answer> = pool.install(|| rated.par_iter().map(hear).collect());
    let table = emotion::table(&emotion::figures(&rated, &answers));
    println!("{}", if arguments.markdown { table.markdown() } else { table.text() });
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
