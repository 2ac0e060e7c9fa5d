//! Prints the statistics of a population of recordings, as matching freezes them in a weights version.
//!
//! `cargo run --release -p benches --bin reference -- FOLDER… > matching/src/reference/v2.rs`, twice: the
//! agreements are measured under the scales that the program was built with.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use benches::whole::analysed_file;
use matching::{Descriptor, Population};

fn main() -> Result<()> {
    let mut paths = Vec::new();
    for folder in std::env::args_os().skip(1) {
        collect(Path::new(&folder), &mut paths)?;
    }
    // The order of a folder is not the same everywhere, and sums depend on it in the last digit.
    paths.sort();
    let mut descriptors = Vec::new();
    for path in &paths {
        match analysed_file(path) {
            Ok(analysis) => descriptors.push(Descriptor::new(&analysis)),
            Err(error) => eprintln!("{}: left out: {error:#}", path.display()),
        }
    }
    let population =
        Population::of(&descriptors).context("too few recordings, or a facet that none has")?;
    print!("{}", population.to_source());
    Ok(())
}

/// All files of a folder and of the folders in it.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() { collect(&path, paths)? } else { paths.push(path) }
    }
    Ok(())
}
