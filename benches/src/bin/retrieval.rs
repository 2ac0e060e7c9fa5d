//! Whether what belongs together is found, beside other programs.
//!
//! ```text
//! cargo run --release -p benches --bin retrieval -- DIR…                     # tables for the terminal
//! cargo run --release -p benches --bin retrieval -- --keep FILE DIR…         # what was heard is kept for the next run
//! cargo run --release -p benches --bin retrieval -- --markdown --json FILE DIR…
//! ```
//!
//! `docs/matching.md` says how the folders look and what the figures mean. All folders are one collection.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use benches::retrieval::{Figures, Space, Track, collection, heard, space, tables};
use clap::Parser;
use matching::{Purpose, WEIGHTS_VERSION};
use serde::Serialize;

/// Copies, artists and styles among the nearest, beside other programs.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folders of recordings with a `truth.csv` each, or of any audio.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Purpose of our scores.
    #[arg(long, default_value = "alike")]
    purpose: Purpose,
    /// Recordings whose style is blank take the name of their folder for one.
    #[arg(long)]
    folders_are_styles: bool,
    /// Takes what was heard from this file, where the recording has not changed since, and writes it again.
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Prints Markdown.
    #[arg(long)]
    markdown: bool,
    /// Writes the figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Recordings at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Document<'a> {
    analysis_version: u32,
    weights_version: u32,
    purpose: &'static str,
    n_tracks: usize,
    n_sources: usize,
    spaces: &'a [Figures],
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut tracks = Vec::new();
    for folder in &arguments.folders {
        tracks.extend(collection::tracks(folder)?);
    }
    if arguments.folders_are_styles {
        for track in &mut tracks {
            let folder = track.name.split('/').next().map(str::to_owned);
            track.style = track.style.take().or(folder);
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.jobs).build()?;
    let keep = arguments.keep.as_deref();
    let heard = pool.install(|| heard::all(&tracks, keep, |line| eprintln!("{line}")))?;
    let (tracks, heard): (Vec<Track>, Vec<_>) =
        tracks.into_iter().zip(heard).filter_map(|(track, heard)| Some((track, heard?))).unzip();
    ensure!(tracks.len() > 1, "fewer than two recordings could be analysed");
    let mut spaces = vec![
        Space::ours(&heard, arguments.purpose),
        Space::statistics(&heard),
        Space::gaussians(&heard),
    ];
    spaces.extend(space::peers(&arguments.folders, &tracks)?);
    for (name, n) in spaces.iter().map(|space| (&space.name, space.n_missing())) {
        if n > 0 {
            eprintln!("{name}: nothing is known of {n} recordings, which count as found last");
        }
    }
    let figures: Vec<Figures> =
        pool.install(|| spaces.iter().map(|space| Figures::of(space, &tracks)).collect());
    let n_sources = tracks.iter().filter(|track| track.transform.is_none()).count();
    println!("{} recordings, {n_sources} of them sources\n", tracks.len());
    for section in tables::sections(&figures) {
        if arguments.markdown {
            println!("{}:\n\n{}", section.title, section.table.markdown());
        } else {
            println!("{}\n\n{}", section.title, section.table.text());
        }
    }
    if let Some(path) = &arguments.json {
        let document = Document {
            analysis_version: dsp::ANALYSIS_VERSION,
            weights_version: WEIGHTS_VERSION,
            purpose: arguments.purpose.as_str(),
            n_tracks: tracks.len(),
            n_sources,
            spaces: &figures,
        };
        std::fs::write(path, serde_json::to_string_pretty(&document)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
