//! `consort train likeness`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use report::{ModelResult, Report};
use serde::Deserialize;

use crate::output;

/// With fewer recordings the deviation is a guess.
const MIN_RECORDINGS: usize = 10;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Reports of recordings that have nothing to do with each other: what `analyze --json` printed.
    #[arg(required = true, value_name = "JSONL")]
    reports: Vec<PathBuf>,
}

/// A line of `analyze --json`; those of recordings without a report have none.
#[derive(Deserialize)]
struct Line {
    report: Option<Report>,
}

/// Points by what the model is called and its network.
type Spaces = BTreeMap<(String, String), Vec<Vec<f64>>>;

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut spaces = Spaces::new();
    for path in &arguments.reports {
        let file = std::fs::File::open(path)
            .with_context(|| format!("cannot read the reports {}", path.display()))?;
        for (line, number) in BufReader::new(file).lines().zip(1..) {
            let place = || format!("{}, line {number}", path.display());
            let line: Line =
                serde_json::from_str(&line.with_context(place)?).with_context(place)?;
            let models = line.report.into_iter().flat_map(|report| report.models);
            models.for_each(|model| add(&mut spaces, model));
        }
    }
    if spaces.is_empty() {
        bail!("no report has an embedding: analyse with a model of the kind `embedding`");
    }
    for ((name, _), points) in &spaces {
        if points.len() < MIN_RECORDINGS {
            bail!("{name} has heard {} recordings, must be {MIN_RECORDINGS} or more", points.len());
        }
        let (typical, deviation) = likeness(points);
        if deviation < 1e-4 {
            bail!("{name} puts all recordings in the same place");
        }
        output::line(&format!(
            "# {name}, {} recordings\n[matching]\ntypical = {typical:.4}\ndeviation = {deviation:.4}",
            points.len()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn add(spaces: &mut Spaces, model: ModelResult) {
    if model.embedding.iter().any(|value| *value != 0.0) {
        let name = format!("{} {}", model.card.name, model.card.version);
        spaces.entry((name, model.card.onnx_sha256)).or_default().push(model.embedding);
    }
}

/// Mean and standard deviation of the cosines of all pairs.
fn likeness(points: &[Vec<f64>]) -> (f64, f64) {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let lengths: Vec<f64> = points.iter().map(|point| product(point, point).sqrt()).collect();
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (one, point) in points.iter().enumerate() {
        for (other, earlier) in points[..one].iter().enumerate() {
            let cosine = product(point, earlier) / (lengths[one] * lengths[other]);
            (n, sum, squares) = (n + 1.0, sum + cosine, squares + cosine * cosine);
        }
    }
    let mean = sum / n;
    (mean, (squares / n - mean * mean).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Directions 0°, 60° and 120°: cosines 1/2, −1/2 and 1/2.
    #[test]
    fn is_the_mean_and_deviation_of_all_pairs() {
        let at = |degrees: f64, length: f64| {
            let radians = degrees.to_radians();
            vec![length * radians.cos(), length * radians.sin()]
        };
        let (typical, deviation) = likeness(&[at(0.0, 1.0), at(60.0, 7.0), at(120.0, 0.1)]);
        assert!((typical - 1.0 / 6.0).abs() < 1e-12, "{typical}");
        assert!((deviation - (2.0f64 / 9.0).sqrt()).abs() < 1e-12, "{deviation}");
    }
}
