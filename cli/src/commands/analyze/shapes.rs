//! What other programs read: printed one after the other, or one file a recording.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use report::formats::{Format, Recording, csv};

use crate::media_files::Found;
use crate::offline::Analyzed;
use crate::output;

/// Where reports of one format go.
pub(super) struct Shapes {
    format: Format,
    folder: Option<PathBuf>,
    is_first: bool,
}

/// Why reports cannot go there; nothing was analysed then.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wrong {
    #[error("{0} is not text: name a folder with --output DIR")]
    NotText(Format),
    #[error("two recordings would be written to {}: analyse them apart", .0.display())]
    SameFile(PathBuf),
}

impl Shapes {
    pub(super) fn new(
        format: Format,
        folder: Option<PathBuf>,
        files: &[Found],
    ) -> Result<Self, Wrong> {
        let shapes = Self { format, folder, is_first: true };
        match &shapes.folder {
            None if !format.is_text() => return Err(Wrong::NotText(format)),
            None => {}
            Some(folder) => {
                let mut taken = HashSet::new();
                for file in files {
                    let target = target(folder, file, format);
                    if !taken.insert(target.clone()) {
                        return Err(Wrong::SameFile(target));
                    }
                }
            }
        }
        Ok(shapes)
    }

    /// Writes or prints one recording.
    pub(super) fn give(&mut self, file: &Found, analyzed: &Analyzed) -> Result<()> {
        let recording = Recording {
            report: &analyzed.report,
            details: Some(&analyzed.details),
            tags: &analyzed.tags,
        };
        if let Some(folder) = &self.folder {
            let bytes = self.format.render(&recording)?;
            return write(&target(folder, file, self.format), &bytes);
        }
        if self.format == Format::Csv {
            // The header once, and the file as a column of its own in front.
            let is_first = std::mem::replace(&mut self.is_first, false);
            if is_first {
                output::line(&format!("file,{}", csv::header()))?;
            }
            let name = csv::cell(&file.path.display().to_string());
            output::line(&format!("{name},{}", csv::row(&recording)))?;
            return Ok(());
        }
        output::bytes(&self.format.render(&recording)?)?;
        Ok(())
    }
}

/// The file that a recording is written to: the recording's name with the extension of the format after its own.
fn target(folder: &Path, file: &Found, format: Format) -> PathBuf {
    let mut name = OsString::from(&file.name);
    name.push(".");
    name.push(format.extension());
    folder.join(name)
}

fn write(target: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    std::fs::write(target, bytes).with_context(|| format!("cannot write {}", target.display()))
}
