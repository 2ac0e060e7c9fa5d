//! What length costs: core-seconds per minute and peak resident memory of an analysis, from 1 minute to 3 hours.
//!
//! ```text
//! cargo run --release -p benches --bin lengths
//! ```
//!
//! Each length is analysed by a process of its own, this program again, so that its peak is its own. The sound is the
//! music of the other benches, 44.1 kHz stereo WAV, again and again; it is read from a file and never held whole.
#![expect(clippy::print_stdout, reason = "the table is what this command is for")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use benches::clock::{cpu_s, stay_on_this_thread};
use benches::memory::resident;
use benches::repeated::Repeated;
use benches::{sounds, whole};
use clap::Parser;
use decode::{Decoder, Limits};
use dsp::Analyzer;
use fixtures::synth::Song;
use worker::child::PcmHash;

/// Seconds of the sound that is repeated.
const SOUND_S: u32 = 60;

/// Core-seconds per minute and peak memory by length.
#[derive(Debug, Parser)]
struct Arguments {
    /// Lengths to measure, minutes.
    #[arg(long, value_delimiter = ',', default_value = "1,5,30,180")]
    minutes: Vec<u32>,
    /// What the program calls itself with.
    #[arg(long, hide = true)]
    sound: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(sound) = &arguments.sound {
        stay_on_this_thread()?;
        return arguments.minutes.iter().try_for_each(|minutes| measure(sound, *minutes));
    }
    let folder = tempfile::tempdir()?;
    let sound = folder.path().join("sound.wav");
    let song = Song { duration_s: SOUND_S.into(), tail_s: 0.0, ..Song::random(sounds::SEED) };
    let rendered = song.render(sounds::RATE_HZ);
    std::fs::write(&sound, fixtures::wav_i16(&rendered.interleaved(), sounds::RATE_HZ, 2))?;
    println!("| length, min | core-seconds per minute | peak memory, MB |\n| --: | --: | --: |");
    for minutes in &arguments.minutes {
        let status = Command::new(std::env::current_exe()?)
            .args(["--minutes", &minutes.to_string(), "--sound"])
            .arg(&sound)
            .status()?;
        ensure!(status.success(), "the analysis of {minutes} minutes ended with {status}");
    }
    Ok(())
}

/// Prints one row.
fn measure(sound: &Path, minutes: u32) -> Result<()> {
    let start = cpu_s();
    let source =
        Repeated::open(sound, (minutes * 60 / SOUND_S).into()).context("cannot read the sound")?;
    let mut decoder = Decoder::open(source, Some("wav"), &Limits::default())?;
    let format = decoder.format();
    let mut analyzer = Analyzer::new(format.sample_rate_hz, format.n_channels)?;
    let mut pcm_hash = PcmHash::new(format.sample_rate_hz, format.n_channels);
    while let Some(block) = decoder.next_block()? {
        analyzer.push(block)?;
        pcm_hash.update(block);
    }
    black_box(pcm_hash.finish());
    let analysis = analyzer.finish();
    whole::outputs(&analysis)?;
    let cost = (cpu_s() - start) / f64::from(minutes);
    let peak_mb = resident(std::process::id())?.peak_bytes / 1_000_000;
    println!("| {minutes} | {cost:.4} | {peak_mb} |");
    Ok(())
}
