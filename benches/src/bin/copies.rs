//! Copies of recordings by named transforms, as `--bin retrieval` reads them.
//!
//! ```text
//! cargo run --release -p benches --bin copies -- --from DIR --to DIR
//! ```
//!
//! `DIR/audio/NAME__TRANSFORM.wav` (`.mp3`, `.ogg`, `.opus`) and `DIR/truth.csv`. Formats with loss are encoded by ffmpeg; where it is not
//! on the PATH they are left out, and the program says which. Everything else follows from the sources alone.
#![expect(clippy::print_stderr, reason = "a command for developers")]

use std::path::PathBuf;

use anyhow::{Result, ensure};
use benches::copies::{TRANSFORMS, folder};
use benches::retrieval::collection;
use clap::Parser;

/// Copies of recordings: other speeds, tempi, keys, levels and formats.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of recordings, with a `truth.csv` or of any audio; several are put together.
    #[arg(long, required = true)]
    from: Vec<PathBuf>,
    /// Folder that the copies go to.
    #[arg(long)]
    to: PathBuf,
    /// Takes the first recordings alone.
    #[arg(long, value_name = "N")]
    first: Option<usize>,
    /// Recordings at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut sources = Vec::new();
    for folder in &arguments.from {
        sources.extend(collection::tracks(folder)?);
    }
    sources.retain(|track| track.transform.is_none());
    sources.truncate(arguments.first.unwrap_or(usize::MAX));
    ensure!(!sources.is_empty(), "there is no recording to copy");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(arguments.jobs).build()?;
    let missing = pool.install(|| folder::write(&sources, &arguments.to))?;
    let n = TRANSFORMS.len() - missing.len();
    eprintln!("{} sources with {n} copies each in {}", sources.len(), arguments.to.display());
    if !missing.is_empty() {
        eprintln!("left out, because ffmpeg with its encoder is not on the PATH: {missing:?}");
    }
    Ok(())
}
