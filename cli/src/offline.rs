//! Analysis without a database, in the same limited child as the service's.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use matching::{Descriptor, Item};
use report::{Details, Report, Tags};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use worker::child::{self, ChildError, Media, Outcome};

/// What one recording gave.
pub(crate) struct Analyzed {
    pub(crate) report: Report,
    pub(crate) details: Details,
    pub(crate) tags: Tags,
    pub(crate) descriptor: Descriptor,
}

impl Analyzed {
    /// What matching reads of it.
    pub(crate) fn item(self) -> Item {
        let embedding = worker::embedding(&self.report.models);
        Item { descriptor: self.descriptor, embedding, tags: Vec::new() }
    }
}

/// Why one recording gave nothing.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// How many recordings are analysed at once: one a core.
pub(crate) fn concurrency() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Analyses one file in a limited child process.
pub(crate) async fn analyze(config: &worker::Config, path: &Path) -> Result<Analyzed, Failure> {
    let outcome = child::run(open(path)?, &config.child, |_| (), &CancellationToken::new()).await;
    outcome.map_err(|error| Failure::from(&error)).and_then(analyzed)
}

/// Keeps the work of [`analyze_in_process`] on the calling thread, which is what a profiler wants to see.
pub(crate) fn prepare_in_process() -> anyhow::Result<()> {
    child::start_threads(1).context("cannot prepare the analysis")
}

/// Analyses one file on the calling thread, without the child's limits.
pub(crate) fn analyze_in_process(
    config: &worker::Config,
    path: &Path,
) -> Result<Analyzed, Failure> {
    let failed = |failure: child::Failure| Failure { code: failure.code, detail: failure.detail };
    let limits = &config.child.limits;
    let mut outcome =
        child::analyze(open(path)?, limits, config.child.emotion.trained.as_deref(), |_| ())
            .map_err(failed)?;
    let models = &config.child.models;
    for model in models.models.as_slice() {
        let files = model.files(models.max_file_bytes);
        let said = child::run_model(&files, open(path)?, limits).map_err(failed)?;
        outcome.report.models.push(said.result);
    }
    analyzed(outcome)
}

fn open(path: &Path) -> Result<Media, Failure> {
    let io = |detail: String| Failure { code: "io".to_owned(), detail };
    let file = File::open(path).map_err(|error| io(error.to_string()))?;
    // A pipe or a device cannot seek, and might never end.
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(io("not a regular file".to_owned()));
    }
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
    Ok(Media { file, extension, sha256: None })
}

fn analyzed(outcome: Outcome) -> Result<Analyzed, Failure> {
    let descriptor = Descriptor::from_bytes(&outcome.descriptor)
        .map_err(|error| Failure { code: "crash".to_owned(), detail: error.to_string() })?;
    Ok(Analyzed {
        report: outcome.report,
        details: outcome.details,
        tags: outcome.tags,
        descriptor,
    })
}

impl From<&ChildError> for Failure {
    fn from(error: &ChildError) -> Self {
        let detail = match error {
            ChildError::Media(failure) => failure.detail.clone(),
            ChildError::Io(source) => format!("{error}: {source}"),
            other => other.to_string(),
        };
        Self { code: error.code().to_owned(), detail }
    }
}
