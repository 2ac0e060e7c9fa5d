//! Whether the emotion moves where listeners hear it move, on pairs of songs that differ in one thing.
//!
//! ```text
//! cargo run --release -p benches --bin contrasts              # 50 seeds
//! cargo run --release -p benches --bin contrasts -- --seeds 200 --features
//! ```
//!
//! `docs/emotion.md` has the table of what is expected, which is older than the first run.
#![expect(clippy::print_stdout, reason = "a command for developers")]

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result};
use clap::Parser;
use dsp::{Analysis, Analyzer, Emotion};
use fixtures::contrasts::{CONTRASTS, Contrast, Dimension, EXPECTATIONS};
use fixtures::synth::Song;
use rayon::prelude::*;

/// Rate of the rendered songs, Hz.
const RATE_HZ: u32 = 44_100;
/// Gains that must not matter, dB.
const GAINS_DB: [f32; 2] = [-15.0, -30.0];

/// Emotion on pairs of songs that differ in one thing.
#[derive(Debug, Parser)]
struct Arguments {
    /// Pairs of each contrast.
    #[arg(long, default_value_t = 50)]
    seeds: u64,
    /// Prints how far each contrast, and gain, moves each feature.
    #[arg(long)]
    features: bool,
    /// Prints the features of both songs of each pair.
    #[arg(long)]
    rows: bool,
    /// First seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Prints each pair that moved elsewhere.
    #[arg(long)]
    misses: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    println!(
        "{:<9} {:<8} {:>4} {:>6} {:>6} {:>7}",
        "contrast", "value", "sign", "right", "pairs", "median"
    );
    for contrast in CONTRASTS {
        let pairs: Vec<(Analysis, Analysis)> = (arguments.first..arguments.first + arguments.seeds)
            .into_par_iter()
            .map(|seed| {
                let (without, with) = contrast.pair(seed);
                Ok((analysis(&without, 0.0)?, analysis(&with, 0.0)?))
            })
            .collect::<Result<_>>()?;
        print_contrast(contrast, &pairs, arguments.misses)?;
        if arguments.features {
            print_features(&pairs);
        }
        if arguments.rows {
            print_rows(contrast, &pairs);
        }
    }
    let seeds = arguments.first..arguments.first + arguments.seeds.min(20);
    if arguments.features {
        print_gain(seeds.clone())?;
    }
    print_invariance(seeds)
}

fn print_contrast(contrast: Contrast, pairs: &[(Analysis, Analysis)], misses: bool) -> Result<()> {
    for expected in EXPECTATIONS.iter().filter(|it| it.contrast == contrast) {
        let mut steps = Vec::new();
        for (seed, (without, with)) in pairs.iter().enumerate() {
            let value = |analysis| value(analysis, expected.dimension);
            let step = expected.sign * (value(with)? - value(without)?);
            if misses && step <= 0.0 {
                println!("  pair {seed}: {step:+.3}");
            }
            steps.push(step);
        }
        steps.sort_by(f64::total_cmp);
        let n_right = u32::try_from(steps.iter().filter(|&&step| step > 0.0).count())?;
        println!(
            "{:<9} {:<8} {:>4} {:>5.1}% {:>6} {:>+7.3}",
            format!("{contrast:?}"),
            format!("{:?}", expected.dimension),
            if expected.sign > 0.0 { "+" } else { "-" },
            100.0 * f64::from(n_right) / f64::from(u32::try_from(steps.len())?),
            steps.len(),
            expected.sign * steps[steps.len() / 2],
        );
    }
    Ok(())
}

/// How far each feature moves: median, and share of the pairs in which it rises.
fn print_features(pairs: &[(Analysis, Analysis)]) {
    let mut moves: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (without, with) in pairs {
        let without: BTreeMap<_, _> = dsp::emotion::features(without).into_iter().collect();
        for (name, value) in dsp::emotion::features(with) {
            if let Some(before) = without.get(name) {
                moves.entry(name).or_default().push(value - before);
            }
        }
    }
    for (name, mut moves) in moves {
        moves.sort_by(f64::total_cmp);
        let up = moves.iter().filter(|&&moved| moved > 0.0).count();
        println!("  {name:<20} {:>+9.4} {up:>4} of {} up", moves[moves.len() / 2], moves.len());
    }
}

fn print_rows(contrast: Contrast, pairs: &[(Analysis, Analysis)]) {
    for (pair, (without, with)) in pairs.iter().enumerate() {
        for (song, analysis) in [("without", without), ("with", with)] {
            let features = dsp::emotion::features(analysis).into_iter();
            let cells: Vec<String> =
                features.map(|(name, value)| format!("{name}={value:.5}")).collect();
            println!("{contrast:?}\t{pair}\t{song}\t{}", cells.join("\t"));
        }
    }
}

/// How far gain moves each feature: largest change.
fn print_gain(seeds: Range<u64>) -> Result<()> {
    let rows: Vec<Vec<(&str, f64)>> = seeds
        .into_par_iter()
        .map(|seed| {
            let song = Contrast::Louder.pair(seed).1;
            let plain: BTreeMap<_, _> =
                dsp::emotion::features(&analysis(&song, 0.0)?).into_iter().collect();
            let mut moves = Vec::new();
            for gain_db in GAINS_DB {
                let quiet = dsp::emotion::features(&analysis(&song, gain_db)?).into_iter();
                moves.extend(
                    quiet.filter_map(|(name, value)| Some((name, value - plain.get(name)?))),
                );
            }
            Ok(moves)
        })
        .collect::<Result<_>>()?;
    let mut largest: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, moved) in rows.into_iter().flatten() {
        let most = largest.entry(name).or_default();
        *most = f64::max(*most, moved.abs());
    }
    println!("gain of {GAINS_DB:?} dB moves the features at most:");
    for (name, moved) in largest {
        println!("  {name:<20} {moved:.5}");
    }
    Ok(())
}

/// Largest change of each value by gain, and whether polarity changes anything.
fn print_invariance(seeds: Range<u64>) -> Result<()> {
    let rows: Vec<([f64; 8], bool)> = seeds
        .into_par_iter()
        .map(|seed| {
            let song = Contrast::Louder.pair(seed).1;
            let plain = emotion(&analysis(&song, 0.0)?)?;
            let loud = dimensions(&plain);
            let mut largest = [0.0; 8];
            for gain_db in GAINS_DB {
                let quiet = dimensions(&emotion(&analysis(&song, gain_db)?)?);
                largest = std::array::from_fn(|i| f64::max(largest[i], (loud[i] - quiet[i]).abs()));
            }
            let mut samples = song.render(RATE_HZ).interleaved();
            for sample in &mut samples {
                *sample = -*sample;
            }
            Ok((largest, emotion(&heard(&samples)?)? == plain))
        })
        .collect::<Result<_>>()?;
    let largest = |i: usize| rows.iter().map(|row| row.0[i]).fold(0.0, f64::max);
    let n_same = rows.iter().filter(|row| row.1).count();
    println!("gain of {GAINS_DB:?} dB moves at most:");
    for (i, name) in DIMENSIONS.into_iter().enumerate() {
        println!("{name:<9} {:.4}", largest(i));
    }
    println!("polarity changes nothing in {n_same} of {} songs", rows.len());
    Ok(())
}

const DIMENSIONS: [&str; 8] =
    ["valence", "arousal", "tension", "happy", "sad", "tender", "anger", "fear"];

/// The values of [`DIMENSIONS`].
fn dimensions(emotion: &Emotion) -> [f64; 8] {
    let concepts = &emotion.concepts;
    [
        &emotion.valence,
        &emotion.arousal,
        &emotion.tension,
        &concepts.happy,
        &concepts.sad,
        &concepts.tender,
        &concepts.anger,
        &concepts.fear,
    ]
    .map(|dimension| dimension.value)
}

fn value(analysis: &Analysis, dimension: Dimension) -> Result<f64> {
    let emotion = emotion(analysis)?;
    Ok(match dimension {
        Dimension::Valence => emotion.valence.value,
        Dimension::Arousal => emotion.arousal.value,
    })
}

fn emotion(analysis: &Analysis) -> Result<Emotion> {
    analysis.emotion.clone().ok().context("a song has no emotion")
}

fn analysis(song: &Song, gain_db: f32) -> Result<Analysis> {
    let gain = 10f32.powf(gain_db / 20.0);
    let mut samples = song.render(RATE_HZ).interleaved();
    for sample in &mut samples {
        *sample *= gain;
    }
    heard(&samples)
}

fn heard(samples: &[f32]) -> Result<Analysis> {
    let mut analyzer = Analyzer::new(RATE_HZ, 2)?;
    analyzer.push(samples)?;
    Ok(analyzer.finish())
}
