//! A labelled set of songs.

use anyhow::{Context as _, Result, bail};

use crate::process::cargo;

/// Songs in a set unless told otherwise: enough for an interval of ±0.1 around a share.
const DEFAULT_COUNT: u64 = 60;

/// What the command line says.
#[derive(Debug, Clone, PartialEq)]
struct Options {
    dir: String,
    count: u64,
    seed: u64,
    bands: u64,
}

/// Renders the set that the arguments describe, in the release profile: the synthesiser is slow without.
pub(crate) fn render(arguments: &[String]) -> Result<()> {
    let Options { dir, count, seed, bands } = options(arguments)?;
    cargo(&["run", "--quiet", "--release", "-p", "fixtures", "--bin", "accuracy_set", "--"])
        .args([dir, count.to_string(), seed.to_string(), bands.to_string()])
        .run()
}

fn options(arguments: &[String]) -> Result<Options> {
    let (mut dir, mut count, mut seed, mut bands) = (None, DEFAULT_COUNT, None, 0);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<u64> {
            let value = arguments.next().with_context(|| format!("{argument} needs a number"))?;
            value.parse().with_context(|| format!("{argument} {value}"))
        };
        match argument.as_str() {
            "--seed" => seed = Some(number()?),
            "--n" => count = number()?,
            "--bands" => bands = number()?,
            other if other.starts_with('-') => bail!("unknown option {other}"),
            other if dir.is_some() => bail!("one folder only, not also {other}"),
            other => dir = Some(other.to_owned()),
        }
    }
    Ok(Options {
        dir: dir.context("accuracy-set needs a folder")?,
        count,
        seed: seed.context("accuracy-set needs --seed N")?,
        bands,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options> {
        options(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_come_in_any_order() {
        let expected = Options { dir: "set".to_owned(), count: 5, seed: 7, bands: 0 };
        assert_eq!(parsed("--seed 7 --n 5 set").unwrap(), expected);
        assert_eq!(parsed("set --n 5 --seed 7").unwrap(), expected);
        assert_eq!(parsed("set --seed 7").unwrap().count, DEFAULT_COUNT);
        assert_eq!(parsed("--bands 3 set --seed 7").unwrap().bands, 3);
    }

    #[test]
    fn what_is_missing_or_too_much_is_an_error() {
        for line in ["set", "--seed 7", "--seed x set", "--seed", "set more --seed 1", "--m 1 set"]
        {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
