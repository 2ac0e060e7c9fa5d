//! The models that an operator brings: where they are, what they may take, and the check of all of them at the start.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use report::ModelCard;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::child::{ChildError, ModelFiles, Resource, check_model};
use crate::config::{ChildConfig, within};

/// More than anybody needs at once, few enough for a report.
const MAX_MODELS: usize = 16;

/// Where models are and what each may take.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelsConfig {
    /// Folder of pairs of `NAME.toml` and `NAME.onnx`; empty for no models.
    pub dir: PathBuf,
    /// Largest ONNX file, in bytes; looked at before it is read.
    pub max_file_bytes: u64,
    /// Heap of the process that runs a model, in bytes.
    pub max_memory_bytes: u64,
    /// CPU time of a model for one recording, in seconds.
    pub max_cpu_s: u64,
    /// Time on the clock of a model for one recording, in seconds.
    pub max_wall_s: u64,
    /// The models of the folder, once they are checked; not a setting.
    #[serde(skip)]
    pub models: Models,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            dir: PathBuf::new(),
            max_file_bytes: 256 << 20,
            max_memory_bytes: 1 << 30,
            max_cpu_s: 120,
            max_wall_s: 600,
            models: Models::default(),
        }
    }
}

/// Models that were found good, by their files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Models(Vec<Model>);

/// A model that was found good.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    manifest: PathBuf,
    onnx: PathBuf,
    pub(crate) card: ModelCard,
}

/// A model that cannot be used, or a folder of models that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model {} is refused: {code}: {detail}", file.display())]
pub struct ModelRefused {
    /// The manifest, the ONNX file without one, or the folder.
    pub file: PathBuf,
    /// Stable code; `docs/models.md` lists them.
    pub code: String,
    /// The same for people.
    pub detail: String,
}

impl ModelsConfig {
    pub(crate) fn validate(&self) -> Result<(), crate::Error> {
        within("worker.child.models.max_file_bytes", self.max_file_bytes, 1, 1 << 31)?;
        within("worker.child.models.max_memory_bytes", self.max_memory_bytes, 16 << 20, 1 << 40)?;
        within("worker.child.models.max_cpu_s", self.max_cpu_s, 1, 86_400)?;
        within("worker.child.models.max_wall_s", self.max_wall_s, 1, 86_400)
    }

    pub(crate) fn checked(&self) -> &[Model] {
        &self.models.0
    }
}

impl Model {
    /// What identifies the model in reports.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The files, to be the same as they were at the check.
    pub fn files(&self, max_bytes: u64) -> ModelFiles {
        let (manifest, onnx) = (self.manifest.clone(), self.onnx.clone());
        ModelFiles { manifest, onnx, max_bytes, card: Some(self.card.clone()) }
    }
}

impl Models {
    /// Finds the models of the configured folder and checks each in a limited child process.
    ///
    /// # Errors
    ///
    /// [`ModelRefused`] for the first that cannot be used.
    pub async fn load(config: &ChildConfig) -> Result<Self, ModelRefused> {
        let dir = &config.models.dir;
        if dir.as_os_str().is_empty() {
            return Ok(Self::default());
        }
        let refused = |file: &Path, code: &str, detail: String| ModelRefused {
            file: file.to_owned(),
            code: code.to_owned(),
            detail,
        };
        let pairs = pairs(dir).map_err(|error| refused(dir, "bad_folder", error.to_string()))?;
        if pairs.len() > MAX_MODELS {
            let detail = format!("there are {}, may be {MAX_MODELS}", pairs.len());
            return Err(refused(dir, "too_many", detail));
        }
        let mut models: Vec<Model> = Vec::new();
        for pair in pairs.into_values() {
            let (manifest, onnx) = match pair {
                Pair { manifest: Some(manifest), onnx: Some(onnx) } => (manifest, onnx),
                Pair { manifest: Some(file), .. } => {
                    return Err(refused(
                        &file,
                        "no_onnx",
                        "there is no ONNX file beside it".into(),
                    ));
                }
                Pair { onnx, .. } => {
                    let file = onnx.unwrap_or_default();
                    return Err(refused(
                        &file,
                        "no_manifest",
                        "there is no manifest beside it".into(),
                    ));
                }
            };
            let max_bytes = config.models.max_file_bytes;
            let files = ModelFiles {
                manifest: manifest.clone(),
                onnx: onnx.clone(),
                max_bytes,
                card: None,
            };
            let card = check_model(files, config, &CancellationToken::new())
                .await
                .map_err(|error| refused(&manifest, code(&error), detail(&error)))?;
            if let Some(other) = models.iter().find(|other| other.card.name == card.name) {
                let detail = format!("{} has the same name", other.manifest.display());
                return Err(refused(&manifest, "duplicate_name", detail));
            }
            let takes_part = |other: &&Model| other.card.matching.is_some();
            if let Some(other) = models.iter().find(takes_part)
                && card.matching.is_some()
            {
                let detail = format!("{} has [matching] too", other.manifest.display());
                return Err(refused(&manifest, "second_for_matching", detail));
            }
            models.push(Model { manifest, onnx, card });
        }
        models.sort_by(|a, b| a.card.name.cmp(&b.card.name));
        Ok(Self(models))
    }

    /// The models, by name.
    pub fn as_slice(&self) -> &[Model] {
        &self.0
    }
}

/// The files of one stem.
#[derive(Debug, Default)]
struct Pair {
    manifest: Option<PathBuf>,
    onnx: Option<PathBuf>,
}

/// Manifests and ONNX files of a folder by their stems; other files are passed over.
fn pairs(dir: &Path) -> io::Result<BTreeMap<PathBuf, Pair>> {
    let mut pairs: BTreeMap<PathBuf, Pair> = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        // The child has another working directory.
        let path = std::path::absolute(entry?.path())?;
        let extension = path.extension().and_then(|extension| extension.to_str());
        // A pipe or a device might never end.
        if !matches!(extension, Some("toml" | "onnx")) || !path.is_file() {
            continue;
        }
        let pair = pairs.entry(path.with_extension("")).or_default();
        if extension == Some("toml") {
            pair.manifest = Some(path);
        } else {
            pair.onnx = Some(path);
        }
    }
    Ok(pairs)
}

/// Stable code of a refusal.
fn code(error: &ChildError) -> &str {
    match error {
        ChildError::ResourceLimit(Resource::Memory) => "memory_limit",
        ChildError::ResourceLimit(Resource::Cpu) => "cpu_limit",
        ChildError::ResourceLimit(Resource::Time) => "time_limit",
        ChildError::Crash { .. } => "crashed",
        other => other.code(),
    }
}

fn detail(error: &ChildError) -> String {
    match error {
        ChildError::Media(failure) => failure.detail.clone(),
        ChildError::ResourceLimit(resource) => {
            format!("its check reached the limit of {resource}")
        }
        ChildError::Crash { ending, log } => format!("its check died: {ending} {log}"),
        other => crate::error::chain(other),
    }
}
