//! What searching for matches costs: the whole catalogue against itself, one new track against it, and memory.
//!
//! ```text
//! cargo run --release -p benches --bin matching -- --tracks 100000
//! cargo run --release -p benches --bin matching -- --tracks 1000000 --only query
//! cargo run --release -p benches --bin matching -- --tracks 1000000 --only approximate
//! cargo run --release -p benches --bin matching -- --tracks 100000 --export vectors.f32
//! ```
//!
//! `docs/matching.md` has the method. `benches/peers/vectors.py` prints the same of other programs for the exported vectors.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]
#![expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]

mod approximate;
mod figures;
mod measure;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use benches::library::{Kind, Library};
use clap::{Parser, ValueEnum};
use figures::Figures;
use matching::Pruning;

/// Seed of the library.
const SEED: u64 = 5;
/// Tracks that are made at a time.
const BATCH: usize = 20_000;

/// Cost of searching for matches in a made-up library.
#[derive(Debug, Parser)]
struct Arguments {
    /// Tracks of the library.
    #[arg(long, default_value_t = 100_000)]
    tracks: usize,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// Queries whose answers are compared with those of scoring everything.
    #[arg(long, default_value_t = 1_000)]
    oracle: usize,
    /// New tracks that are searched for one by one.
    #[arg(long, default_value_t = 20)]
    queries: usize,
    /// New tracks that are searched for by outlines.
    #[arg(long, default_value_t = 500)]
    approximate: usize,
    /// Only this library, clustered or scattered.
    #[arg(long, value_enum)]
    library: Option<Kind>,
    /// Writes the timbre vectors of the clustered library (64 little-endian floats each) here, and measures nothing.
    #[arg(long)]
    export: Option<PathBuf>,
    /// Measures only this.
    #[arg(long, value_enum)]
    only: Option<Part>,
}

/// A part of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Everything against everything, with pruning.
    Pruned,
    /// Everything against everything, without.
    Unpruned,
    /// One new track against the catalogue.
    Query,
    /// The same by outlines, which may overlook something.
    Approximate,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(path) = &arguments.export {
        return export(path, arguments.tracks);
    }
    for kind in [Kind::Clustered, Kind::Scattered] {
        if arguments.library.is_some_and(|only| only != kind) {
            continue;
        }
        let figures = measured(kind, &arguments)?;
        if arguments.json {
            println!("{}", serde_json::to_string(&figures)?);
        } else {
            print!("{figures}");
        }
    }
    Ok(())
}

fn measured(kind: Kind, arguments: &Arguments) -> Result<Figures> {
    let wanted = |part: Part| arguments.only.is_none_or(|only| only == part);
    let n = arguments.tracks;
    // As many more are queries that the catalogue does not know.
    let library = Library::new(kind, n, SEED);
    eprintln!("{kind:?}: making {n} tracks");
    let (catalogue, build) = measure::built(&library, n, BATCH);
    let mut figures = Figures::new(kind, &catalogue, build);
    if wanted(Part::Query) {
        eprintln!("one by one");
        let queries = library.items(n..n + arguments.queries);
        figures.queries = Some(measure::one_by_one(&catalogue, &queries)?);
    }
    if wanted(Part::Pruned) {
        eprintln!("everything against everything");
        let (answers, all) = measure::all(&catalogue, Pruning::Heads);
        figures.pruned = Some(all);
        eprintln!("the oracle");
        figures.oracle = Some(measure::oracle(&catalogue, &library, &answers, arguments.oracle)?);
    }
    if wanted(Part::Unpruned) {
        eprintln!("everything against everything, without pruning");
        let (_, all) = measure::all(&catalogue, Pruning::None);
        figures.unpruned = Some(all);
    }
    if wanted(Part::Approximate) {
        eprintln!("by outlines");
        let queries = library.items(n..n + arguments.approximate);
        figures.approximate = Some(approximate::measured(&catalogue, &queries)?);
    }
    Ok(figures)
}

fn export(path: &PathBuf, n: usize) -> Result<()> {
    let library = Library::new(Kind::Clustered, n, SEED);
    let file = std::fs::File::create(path).with_context(|| path.display().to_string())?;
    let mut out = std::io::BufWriter::new(file);
    for number in 0..n {
        for value in library.timbre(number) {
            #[expect(clippy::cast_possible_truncation, reason = "peers take floats")]
            out.write_all(&(value as f32).to_le_bytes())?;
        }
    }
    Ok(out.flush()?)
}
