//! The files that a list is made of.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use futures::stream::{self, StreamExt};
use matching::{Item, Purpose, Weighting, WeightsError};

use crate::config::Config;
use crate::offline::{self, Failure};
use crate::{media_files, output, service};

/// What recordings are chosen from, and by what.
#[derive(clap::Args)]
pub(super) struct Source {
    /// Recordings, or folders of them, to choose from.
    #[arg(value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Weights in the place of the purpose's: facets with numbers, such as "tempo:1,key:0.5".
    #[arg(long, value_parser = weights)]
    weights: Option<String>,
    /// Print JSON Lines: one object a recording.
    #[arg(long)]
    pub(super) json: bool,
}

/// What can be read as weights.
fn weights(text: &str) -> Result<String, WeightsError> {
    Weighting::from_text(Purpose::Alike, text).map(|_| text.to_owned())
}

impl Source {
    pub(super) fn weighting(&self, purpose: Purpose) -> Result<Weighting> {
        match &self.weights {
            None => Ok(purpose.into()),
            Some(text) => Ok(Weighting::from_text(purpose, text)?),
        }
    }

    /// Analyses all files and `named` ones; what gives no report is told and left out.
    pub(super) async fn analyzed(&self, config: Config, named: &[&PathBuf]) -> Result<Files> {
        let config = service::with_models(config).await?;
        let mut paths: Vec<PathBuf> = named.iter().map(|&path| path.clone()).collect();
        paths.extend(media_files::find(&self.paths)?.into_iter().map(|found| found.path));
        let mut seen = HashSet::new();
        paths.retain(|path| seen.insert(real(path)));
        let bar = output::progress(paths.len(), "analysing");
        let n_jobs = offline::concurrency();
        let worker = config.worker.shared_by(n_jobs.min(paths.len()));
        let mut results = stream::iter(&paths)
            .map(async |path| (path, offline::analyze(&worker, path).await))
            .buffered(n_jobs);
        let mut files = Files { paths: paths.clone(), items: Vec::new() };
        let mut places = 0_u128..;
        while let (Some((path, result)), Some(place)) = (results.next().await, places.next()) {
            bar.inc(1);
            match result {
                Ok(analyzed) => files.items.push((place, analyzed.item())),
                Err(Failure { code, detail }) => {
                    bar.suspend(|| output::note(&format!("{}: {code}: {detail}", path.display())));
                }
            }
        }
        bar.finish_and_clear();
        Ok(files)
    }
}

/// Analysed files; each is known by its place.
pub(super) struct Files {
    paths: Vec<PathBuf>,
    pub(super) items: Vec<(u128, Item)>,
}

impl Files {
    /// A file that was named.
    pub(super) fn named(&self, path: &Path) -> Result<&(u128, Item)> {
        let place = self.paths.iter().position(|other| real(other) == real(path));
        let item = self.items.iter().find(|(id, _)| Some(*id) == place.map(|place| place as u128));
        match item {
            Some(item) => Ok(item),
            None => bail!("{} gave no report", path.display()),
        }
    }

    /// The item with this id.
    pub(super) fn item(&self, id: u128) -> Option<&Item> {
        self.items.iter().find(|(other, _)| *other == id).map(|(_, item)| item)
    }

    /// What the file with this id is called.
    pub(super) fn name(&self, id: u128) -> String {
        let place = usize::try_from(id).ok();
        place
            .and_then(|place| self.paths.get(place))
            .map_or_else(String::new, |path| path.display().to_string())
    }
}

/// The same for all names of a file.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
