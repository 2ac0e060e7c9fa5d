//! Whether the arousal of a voice moves where listeners hear it move, on pairs of phrases that differ in one thing.
//!
//! `cargo run --release -p benches --bin voice_contrasts -- --first 16 --seeds 16`; `docs/emotion.md` has what is expected.
#![expect(clippy::print_stdout, reason = "a command for developers")]

use anyhow::{Result, anyhow};
use clap::Parser;
use dsp::{Speech, SpeechStage};
use fixtures::{Phrase, VOICE_CONTRASTS};
use rayon::prelude::*;

/// Rate of the rendered phrases, Hz.
const RATE_HZ: u32 = 22_050;
/// Their length.
const PHRASE_S: f64 = 8.0;

/// Arousal of voices on pairs of phrases that differ in one thing.
#[derive(Debug, Parser)]
struct Arguments {
    /// Pairs of each contrast.
    #[arg(long, default_value_t = 16)]
    seeds: u64,
    /// First seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Prints how far each contrast moves each feature, in medians.
    #[arg(long)]
    features: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    println!("{:<10} {:>6} {:>6} {:>8}", "contrast", "right", "pairs", "median");
    for contrast in VOICE_CONTRASTS {
        let pairs: Vec<[Speech; 2]> = (arguments.first..arguments.first + arguments.seeds)
            .into_par_iter()
            .map(|seed| {
                let (without, with) = contrast.pair(seed);
                Ok([speech(&without)?, speech(&with)?])
            })
            .collect::<Result<_>>()?;
        let arousal = |speech: &Speech| speech.arousal.as_ref().map_or(0.0, |it| it.value);
        let mut steps: Vec<f64> = pairs.iter().map(|[a, b]| arousal(b) - arousal(a)).collect();
        steps.sort_by(f64::total_cmp);
        let n_right = steps.iter().filter(|&&step| step > 0.0).count();
        let name = format!("{contrast:?}");
        println!("{name:<10} {n_right:>6} {:>6} {:>+8.3}", steps.len(), steps[steps.len() / 2]);
        if arguments.features {
            print_features(&pairs);
        }
    }
    Ok(())
}

fn print_features(pairs: &[[Speech; 2]]) {
    for name in dsp::voice::speech_feature_names() {
        let value = |speech: &Speech| speech.features.iter().find(|it| it.0 == name).map(|it| it.1);
        let mut steps: Vec<f64> =
            pairs.iter().filter_map(|[a, b]| Some(value(b)? - value(a)?)).collect();
        steps.sort_by(f64::total_cmp);
        if let Some(median) = steps.get(steps.len() / 2) {
            println!("  {name:<32} {median:>+10.4}");
        }
    }
}

fn speech(phrase: &Phrase) -> Result<Speech> {
    let mut stage = SpeechStage::new()?;
    stage.push(&phrase.render(RATE_HZ, PHRASE_S));
    stage.finish().map_err(|reason| anyhow!("{reason:?}"))
}
