//! Prints mean and deviation of every feature under the emotion rule, as `dsp/src/emotion.rs` keeps them.
//!
//! `cargo run --release -p benches --bin emotion_reference -- FILES…`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::{collections::BTreeMap, fs::File, path::Path};

use anyhow::Result;
use decode::{Decoder, Limits};

fn main() -> Result<()> {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for path in std::env::args_os().skip(1) {
        let path = Path::new(&path);
        match features(path) {
            Ok(features) => {
                for (name, value) in features {
                    values.entry(name).or_default().push(value);
                }
            }
            Err(error) => eprintln!("{}: left out: {error:#}", path.display()),
        }
    }
    for (name, values) in values {
        let n = f64::from(u32::try_from(values.len())?);
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        println!("{name}: mean {mean:.3}, deviation {:.3}, {n} recordings", variance.sqrt());
    }
    Ok(())
}

fn features(path: &Path) -> Result<Vec<(&'static str, f64)>> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let mut decoder = Decoder::open(File::open(path)?, extension, &Limits::default())?;
    let format = decoder.format();
    let mut analyzer = dsp::Analyzer::new(format.sample_rate_hz, format.n_channels)?;
    while let Some(block) = decoder.next_block()? {
        analyzer.push(block)?;
    }
    Ok(dsp::emotion::features(&analyzer.finish()))
}
