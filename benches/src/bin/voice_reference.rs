//! Prints what tells speech from music, and what typical speech is like, as `dsp/src/voice` keeps them.
//!
//! ```text
//! … --bin voice_reference -- --speech DIR… --music DIR…            > dsp/src/voice/reference.rs
//! … --bin voice_reference -- --speech DIR… --features              > dsp/src/voice/speech/reference.rs
//! … --bin voice_reference -- --speech DIR… --music DIR… --folds      how right the decision is, folder by folder
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]
#![expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52 seconds")]

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use benches::logistic::{Logistic, area_under_curve};
use benches::mono::mono;
use clap::Parser;
use dsp::SpeechStage;
use dsp::voice::cues::{N_CUES, NAMES};
use dsp::voice::{cues_over_time, speech_feature_names};
use rayon::prelude::*;

/// Standardised cues are cut here, as the analysis does.
const MAX_Z: f64 = 3.0;
/// Penalty of weights, in rows: far fewer than there are, enough that cues that say the same share their weight.
const RIDGE: f64 = 5.0;

/// Statistics and weights for speech and music.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folders with speech; every file that can be decoded counts.
    #[arg(long, num_args = 1.., required = true)]
    speech: Vec<PathBuf>,
    /// Folders with music.
    #[arg(long, num_args = 1..)]
    music: Vec<PathBuf>,
    /// Prints mean and deviation of the features of the speech instead.
    #[arg(long)]
    features: bool,
    /// Prints how right seconds of each folder are with weights of all others.
    #[arg(long)]
    folds: bool,
}

/// A folder, and the cues of each second of its recordings.
struct Set {
    name: String,
    is_speech: bool,
    n_recordings: usize,
    rows: Vec<[f64; N_CUES]>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.features {
        return print_features(&arguments.speech);
    }
    let folders = arguments.speech.iter().map(|it| (it, true));
    let folders = folders.chain(arguments.music.iter().map(|it| (it, false)));
    let sets: Vec<Set> =
        folders.map(|(it, is_speech)| set(it, is_speech)).collect::<Result<_>>()?;
    if arguments.folds {
        print_folds(&sets);
    } else {
        print_weights(&sets);
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

/// What can be decoded of a folder, and what is made of it.
fn heard<T: Send>(folder: &Path, of: impl Fn(&[f32]) -> Result<T> + Sync) -> Result<Vec<T>> {
    let found: Vec<_> = files(folder)?
        .par_iter()
        .map(|path| {
            mono(path).and_then(|samples| of(&samples)).map_err(|error| (path.clone(), error))
        })
        .collect();
    Ok(found
        .into_iter()
        .filter_map(|it| {
            it.map_err(|(path, error)| eprintln!("{}: left out: {error:#}", path.display())).ok()
        })
        .collect())
}

fn set(folder: &Path, is_speech: bool) -> Result<Set> {
    let recordings = heard(folder, |samples| Ok(cues_over_time(samples)?))?;
    Ok(Set {
        name: name(folder),
        is_speech,
        n_recordings: recordings.len(),
        rows: recordings.into_iter().flatten().map(|row| row.map(f64::from)).collect(),
    })
}

/// Mean and deviation of each cue, speech and music counting alike, and the weights.
fn fit(sets: &[&Set]) -> (Vec<(f64, f64)>, Logistic) {
    let total = |is_speech: bool| {
        let of_class = sets.iter().filter(|it| it.is_speech == is_speech);
        of_class.map(|it| it.rows.len()).sum::<usize>().max(1) as f64
    };
    let n = total(true) + total(false);
    let weighted = || {
        sets.iter().flat_map(|set| {
            let weight = 0.5 * n / total(set.is_speech);
            set.rows.iter().map(move |row| (row, set.is_speech, weight))
        })
    };
    let sum: f64 = weighted().map(|it| it.2).sum();
    let scale: Vec<(f64, f64)> = (0..N_CUES)
        .map(|i| {
            let mean = weighted().map(|(row, _, w)| w * row[i]).sum::<f64>() / sum;
            let square = weighted().map(|(row, _, w)| w * (row[i] - mean).powi(2)).sum::<f64>();
            (mean, (square / sum).sqrt())
        })
        .collect();
    let rows: Vec<_> = weighted()
        .map(|(row, is_speech, weight)| (standardised(row, &scale), is_speech, weight))
        .collect();
    let logistic = Logistic::fit(&rows, RIDGE);
    (scale, logistic)
}

fn standardised(row: &[f64; N_CUES], scale: &[(f64, f64)]) -> Vec<f64> {
    let pairs = row.iter().zip(scale);
    pairs.map(|(x, (mean, deviation))| ((x - mean) / deviation).clamp(-MAX_Z, MAX_Z)).collect()
}

fn print_weights(sets: &[Set]) {
    let (scale, logistic) = fit(&sets.iter().collect::<Vec<_>>());
    println!("//! Statistics and weights of the cues that tell speech from music.");
    println!("//!");
    println!(
        "//! Made by `cargo run --release -p benches --bin voice_reference` from, with their numbers:"
    );
    for set in sets {
        let Set { name, n_recordings, rows, .. } = set;
        let kind = if set.is_speech { "speech" } else { "music" };
        println!("//! - {kind}: `{name}` ({n_recordings} recordings, {} seconds)", rows.len());
    }
    println!("\nuse super::cues::N_CUES;\n");
    println!(
        "/// Mean and deviation of each cue, speech and music counting alike, and what one deviation adds to the logarithm of the"
    );
    println!("/// odds of speech.");
    println!("#[rustfmt::skip]");
    println!("pub(super) const WEIGHTS: [(f64, f64, f64); N_CUES] = [");
    for ((name, (mean, deviation)), weight) in NAMES.iter().zip(scale).zip(&logistic.weights) {
        println!("    ({mean:.5}, {deviation:.5}, {weight:.4}), // {name}");
    }
    println!("];");
    println!("/// Logarithm of the odds of what lies at the mean.");
    println!("pub(super) const OFFSET: f64 = {:.4};", logistic.offset);
}

fn print_folds(sets: &[Set]) {
    println!(
        "{:<28} {:<6} {:>7} {:>7} {:>9}",
        "folder left out", "kind", "seconds", "right", "mean odds"
    );
    let (mut speech, mut music) = (Vec::new(), Vec::new());
    for left_out in sets {
        let others: Vec<&Set> = sets.iter().filter(|it| it.name != left_out.name).collect();
        let (scale, logistic) = fit(&others);
        let odds: Vec<f64> =
            left_out.rows.iter().map(|row| logistic.odds(&standardised(row, &scale))).collect();
        let n = odds.len().max(1) as f64;
        let n_right = odds.iter().filter(|it| (**it > 0.0) == left_out.is_speech).count();
        println!(
            "{:<28} {:<6} {:>7} {:>7.3} {:>9.2}",
            left_out.name,
            if left_out.is_speech { "speech" } else { "music" },
            odds.len(),
            n_right as f64 / n,
            odds.iter().sum::<f64>() / n,
        );
        if left_out.is_speech { &mut speech } else { &mut music }.extend(odds);
    }
    let area = area_under_curve(&speech, &music).unwrap_or(f64::NAN);
    println!("area under the curve over all seconds: {area:.4}");
    println!("\n{:<24} {:>9} {:>9} {:>8}", "cue", "speech", "music", "weight");
    let (_, logistic) = fit(&sets.iter().collect::<Vec<_>>());
    for (i, name) in NAMES.iter().enumerate() {
        let mean = |is_speech: bool| {
            let rows: Vec<f64> = sets
                .iter()
                .filter(|it| it.is_speech == is_speech)
                .flat_map(|it| it.rows.iter().map(|row| row[i]))
                .collect();
            rows.iter().sum::<f64>() / rows.len().max(1) as f64
        };
        println!(
            "{name:<24} {:>9.3} {:>9.3} {:>8.3}",
            mean(true),
            mean(false),
            logistic.weights[i]
        );
    }
}

fn print_features(folders: &[PathBuf]) -> Result<()> {
    println!("//! Mean and deviation of every feature of speech over reference recordings.");
    println!("//!");
    println!(
        "//! Made by `cargo run --release -p benches --bin voice_reference -- --features` from, with their numbers:"
    );
    let mut all = Vec::new();
    for folder in folders {
        let found = heard(folder, |samples| {
            let mut stage = SpeechStage::new()?;
            stage.push(samples);
            stage.finish().map_err(|reason| anyhow::anyhow!("{reason:?}"))
        })?;
        println!("//! - `{}` ({})", name(folder), found.len());
        // A folder is one voice or a few, whose number must not decide what is typical.
        let weight = 1.0 / found.len().max(1) as f64;
        all.extend(found.into_iter().map(|speech| (speech.features, weight)));
    }
    println!("\nuse super::features::N_SPEECH_FEATURES;\n");
    println!("/// Mean and deviation, in the order of the names; folders count alike.");
    println!("#[rustfmt::skip]");
    println!("pub(super) const REFERENCE: [(f64, f64); N_SPEECH_FEATURES] = [");
    for name in speech_feature_names() {
        let values: Vec<(f64, f64)> = all
            .iter()
            .flat_map(|(features, w)| {
                features.iter().filter(|it| it.0 == name).map(|it| (it.1, *w))
            })
            .collect();
        let sum: f64 = values.iter().map(|it| it.1).sum();
        let mean = values.iter().map(|(x, w)| w * x).sum::<f64>() / sum;
        let square = values.iter().map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>() / sum;
        println!("    ({mean:.5}, {:.5}), // {name}", square.sqrt());
    }
    println!("];");
    Ok(())
}
