//! Prints mean and deviation of every feature of the emotion, as `dsp/src/emotion/reference.rs` keeps them.
//!
//! `cargo run --release -p benches --bin emotion_reference -- FOLDER… > dsp/src/emotion/reference.rs`; the names of the
//! folders go into the file as where the recordings are from. `--rows` prints the features of each recording instead.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use benches::whole::analysed_file;
use clap::Parser;
use rayon::prelude::*;

/// Statistics of the features of the emotion over recordings.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folders with recordings; every file that can be decoded counts.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Prints a table with one recording in a row, with the values that the present reference gives.
    #[arg(long)]
    rows: bool,
}

type Features = Vec<(&'static str, f64)>;

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let (mut sources, mut n_recordings) = (Vec::new(), 0);
    for folder in &arguments.folders {
        let mut paths: Vec<PathBuf> = folder
            .read_dir()
            .with_context(|| folder.display().to_string())?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        // The order of a folder is not the same everywhere, and sums depend on it in the last digit.
        paths.sort();
        let found: Vec<(&PathBuf, Result<Features>)> =
            paths.par_iter().map(|path| (path, features(path))).collect();
        let mut n = 0;
        for (path, features) in found {
            match features {
                Ok(features) if !features.is_empty() => {
                    n += 1;
                    if arguments.rows {
                        print_row(path, &features);
                    }
                    for (name, value) in features {
                        values.entry(name).or_default().push(value);
                    }
                }
                Ok(_) => eprintln!("{}: left out: nothing to hear", path.display()),
                Err(error) => eprintln!("{}: left out: {error:#}", path.display()),
            }
        }
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        sources.push(format!("`{name}` ({n})"));
        n_recordings += n;
    }
    if !arguments.rows {
        print_source(&values, &sources, n_recordings);
    }
    Ok(())
}

fn print_row(path: &Path, features: &Features) {
    let cells: Vec<String> =
        features.iter().map(|(name, value)| format!("{name}={value:.4}")).collect();
    println!("{}\t{}", path.display(), cells.join("\t"));
}

fn print_source(values: &BTreeMap<&str, Vec<f64>>, sources: &[String], n_recordings: usize) {
    println!("//! Mean and deviation of every feature over {n_recordings} reference recordings.");
    println!("//!");
    println!(
        "//! Made by `cargo run --release -p benches --bin emotion_reference` from, with their numbers:"
    );
    for source in sources {
        println!("//! - {source}");
    }
    println!("\nuse super::features::N_ALL;\n");
    println!("/// Mean and deviation, in the order of the names.");
    println!("#[rustfmt::skip]");
    println!("pub(crate) const REFERENCE: [(f64, f64); N_ALL] = [");
    for name in dsp::emotion::feature_names() {
        let values = values.get(name).map_or(&[][..], Vec::as_slice);
        let n = f64::from(u32::try_from(values.len().max(1)).expect("recordings fit in memory"));
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        println!("    ({mean:.5}, {:.5}), // {name}, {n} recordings", variance.sqrt());
    }
    println!("];");
}

fn features(path: &Path) -> Result<Features> {
    let analysis = analysed_file(path)?;
    let mut features = dsp::emotion::features(&analysis);
    if let Ok(emotion) = &analysis.emotion {
        features.extend([
            ("= valence", emotion.valence.value),
            ("= arousal", emotion.arousal.value),
            ("= tension", emotion.tension.value),
            ("= happy", emotion.concepts.happy.value),
            ("= sad", emotion.concepts.sad.value),
            ("= tender", emotion.concepts.tender.value),
            ("= anger", emotion.concepts.anger.value),
            ("= fear", emotion.concepts.fear.value),
        ]);
    }
    Ok(features)
}
