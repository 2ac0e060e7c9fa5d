//! Prints the statistics of made-up people, as matching freezes them in a weights version of people.
//!
//! `cargo run --release -p benches --bin people_reference -- FOLDER… > matching/src/people/v2.rs`
//!
//! A person is up to twelve recordings of one folder and one style, neighbours by name. Words are the styles: the column
//! `style` of a `truth.csv` beside the recordings or in the folder above.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use benches::whole::analysed_file;
use matching::Descriptor;
use matching::people::{PeopleReference, ProfileTrack};

/// Recordings of one person.
const MAX_RECORDINGS: usize = 12;

fn main() -> Result<()> {
    let mut paths = Vec::new();
    for folder in std::env::args_os().skip(1) {
        collect(Path::new(&folder), &mut paths)?;
    }
    // The order of a folder is not the same everywhere, and sums depend on it in the last digit.
    paths.sort();
    let mut styles = Styles::default();
    let mut groups: BTreeMap<(PathBuf, String), Vec<ProfileTrack>> = BTreeMap::new();
    for (number, path) in paths.iter().enumerate() {
        let analysis = match analysed_file(path) {
            Ok(analysis) => analysis,
            Err(error) => {
                eprintln!("{}: left out: {error:#}", path.display());
                continue;
            }
        };
        let style = styles.of(path)?.unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        groups.entry((folder, style.clone())).or_default().push(ProfileTrack {
            track: number as u128,
            descriptor: Descriptor::new(&analysis),
            tags: if style.is_empty() { Vec::new() } else { vec![style] },
            age_days: 0.0,
            weight: 1.0,
        });
    }
    let people: Vec<Vec<ProfileTrack>> = groups
        .into_values()
        .flat_map(|group| group.chunks(MAX_RECORDINGS).map(<[_]>::to_vec).collect::<Vec<_>>())
        .collect();
    let reference =
        PeopleReference::of(&people).context("too few recordings, or a part that nobody has")?;
    print!("{}", reference.to_source());
    Ok(())
}

/// The styles that tables name, by file.
#[derive(Default)]
struct Styles {
    tables: BTreeMap<PathBuf, BTreeMap<PathBuf, String>>,
}

impl Styles {
    fn of(&mut self, recording: &Path) -> Result<Option<String>> {
        for folder in recording.ancestors().skip(1).take(2) {
            if !self.tables.contains_key(folder) {
                self.tables.insert(folder.to_owned(), read(folder)?);
            }
            if let Some(style) = self.tables[folder].get(recording) {
                return Ok(Some(style.clone()));
            }
        }
        Ok(None)
    }
}

/// The styles in the table of a folder; none when it has no table or the table no styles.
fn read(folder: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let path = folder.join("truth.csv");
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let mut table = csv::Reader::from_path(&path)?;
    let header = table.headers()?.clone();
    let column = |name: &str| header.iter().position(|title| title == name);
    let (Some(file), Some(style)) = (column("file"), column("style")) else {
        return Ok(BTreeMap::new());
    };
    let mut styles = BTreeMap::new();
    for row in table.records() {
        let row = row.with_context(|| path.display().to_string())?;
        let word = row[style].trim().to_lowercase();
        if !word.is_empty() {
            styles.insert(folder.join(&row[file]), word);
        }
    }
    Ok(styles)
}

/// All files of a folder and of the folders in it, but for tables and labels.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    for entry in entries {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            collect(&path, paths)?;
        } else if !matches!(extension, Some("csv" | "beats" | "jsonl" | "md" | "txt")) {
            paths.push(path);
        }
    }
    Ok(())
}
