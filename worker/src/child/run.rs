//! One recording, from the parent's side: its analysis in one child, then each model in another.
//!
//! A child for each model, because a recording must not be called bad for the fault of a model: what a model breaks is
//! its own child, and its own entry in the report.

use std::fs::File;
use std::process::Stdio;

use report::{ModelCard, ModelReason, ModelResult};
use tokio_util::sync::CancellationToken;

use super::converse::converse;
use super::{ChildError, Line, ModelFiles, Outcome, Request, Resource, Said, StageTime, Task};
use crate::config::ChildConfig;
use crate::models::Model;

/// An opened recording.
#[derive(Debug)]
pub struct Media {
    /// The bytes: a regular file.
    pub file: File,
    /// Extension of its name, a hint for the decoder.
    pub extension: Option<String>,
    /// SHA-256 of its bytes in hex, when it is known already.
    pub sha256: Option<String>,
}

/// Analyses `media` in a child process, then lets the configured models hear it, each in a child of its own.
///
/// `progress` gets values that rise from 0 to 1. When this returns the children are gone; when the future is
/// dropped, or this process ends in whatever way, they are killed.
///
/// # Errors
///
/// [`ChildError`]; see `docs/worker.md` for which ending means what. A model that fails is no error: its entry in the
/// report says why it has nothing to say.
pub async fn run(
    media: Media,
    config: &ChildConfig,
    progress: impl FnMut(f64),
    cancel: &CancellationToken,
) -> Result<Outcome, ChildError> {
    run_telling(media, config, progress, async {}, cancel).await
}

/// [`run`], which between the analysis and the models, if there are any, also waits for `before_models`.
pub(crate) async fn run_telling(
    media: Media,
    config: &ChildConfig,
    mut progress: impl FnMut(f64),
    before_models: impl Future<Output = ()>,
    cancel: &CancellationToken,
) -> Result<Outcome, ChildError> {
    let models = config.models.checked();
    #[expect(clippy::cast_precision_loss, reason = "there are a few models at most")]
    let share = |i: usize, share: f64| (i as f64 + share) / (models.len() + 1) as f64;
    let Media { file, extension, sha256 } = media;
    let for_models = if models.is_empty() { None } else { Some(again(&file)?) };
    let request = Request {
        parent_pid: std::process::id(),
        extension: extension.clone(),
        #[cfg(debug_assertions)]
        fault: config.fault.as_ref().and_then(|fault| fault.due(sha256.as_deref())),
        sha256,
        max_memory_bytes: config.max_memory_bytes,
        max_cpu_s: config.max_cpu_s,
        nice: config.nice,
        n_threads: config.n_threads,
        limits: config.limits.clone(),
        task: Task::Analyze,
        emotion: config.emotion.trained.as_deref().cloned(),
    };
    let tell = |done: f64| progress(share(0, done));
    let last =
        converse(&config.program, &request, file.into(), config.max_wall_s, tell, cancel).await?;
    let Line::Ok(outcome) = last else { return Err(off_topic()) };
    let mut outcome = *outcome;
    let Some(file) = for_models else { return Ok(outcome) };
    before_models.await;
    for (i, model) in models.iter().enumerate() {
        let tell = |done: f64| progress(share(i + 1, done));
        let task = Task::RunModel(model.files(config.models.max_file_bytes));
        let request = for_model(config, task, extension.clone());
        let input = again(&file)?.into();
        let max_wall_s = config.models.max_wall_s;
        let last = converse(&config.program, &request, input, max_wall_s, tell, cancel).await;
        let said = said(model, last)?;
        outcome.stages.models.add(said.time);
        outcome.report.models.push(said.result);
    }
    Ok(outcome)
}

/// Sees in a child whether a model can be used.
///
/// # Errors
///
/// [`ChildError::Media`] with the code of the refusal, or the ending of the child.
pub(crate) async fn check_model(
    files: ModelFiles,
    config: &ChildConfig,
    cancel: &CancellationToken,
) -> Result<ModelCard, ChildError> {
    let request = for_model(config, Task::CheckModel(files), None);
    let max_wall_s = config.models.max_wall_s;
    let last =
        converse(&config.program, &request, Stdio::null(), max_wall_s, |_| (), cancel).await?;
    match last {
        Line::Checked(card) => Ok(*card),
        _ => Err(off_topic()),
    }
}

/// A request with the limits of models. One thread, so that a model gives the same bits wherever it runs.
fn for_model(config: &ChildConfig, task: Task, extension: Option<String>) -> Request {
    Request {
        parent_pid: std::process::id(),
        extension,
        sha256: None,
        max_memory_bytes: config.models.max_memory_bytes,
        max_cpu_s: config.models.max_cpu_s,
        nice: config.nice,
        n_threads: 1,
        limits: config.limits.clone(),
        task,
        emotion: None,
        #[cfg(debug_assertions)]
        fault: None,
    }
}

/// What a model said, or why it has nothing to say. What is neither its nor the recording's fault is an error.
fn said(model: &Model, last: Result<Line, ChildError>) -> Result<Said, ChildError> {
    let said = match last {
        Ok(Line::Said(said)) => *said,
        Ok(_) => ended(model, ModelReason::Crashed, &off_topic()),
        Err(error @ (ChildError::Cancelled | ChildError::Io(_))) => return Err(error),
        Err(error) => {
            let reason = match &error {
                ChildError::ResourceLimit(Resource::Memory) => ModelReason::MemoryLimit,
                ChildError::ResourceLimit(Resource::Cpu) => ModelReason::CpuLimit,
                ChildError::ResourceLimit(Resource::Time) => ModelReason::TimeLimit,
                ChildError::Media(_) => ModelReason::Failed,
                _ => ModelReason::Crashed,
            };
            ended(model, reason, &error)
        }
    };
    if let Some(trouble) = &said.trouble {
        let ModelCard { name, version, .. } = &model.card;
        tracing::warn!(
            model.name = name,
            model.version = version,
            "the model {name} {version} had nothing to say of a recording: {trouble}"
        );
    }
    Ok(said)
}

/// A model whose child ended before it could say anything.
fn ended(model: &Model, reason: ModelReason, error: &ChildError) -> Said {
    let result = ModelResult::unknown(model.card.clone(), reason);
    Said { result, trouble: Some(error.to_string()), time: StageTime::default() }
}

/// The same open file once more. The children read one after the other, each from the beginning.
fn again(file: &File) -> Result<File, ChildError> {
    file.try_clone().map_err(ChildError::Io)
}

fn off_topic() -> ChildError {
    let ending = "it answered what nobody had asked".to_owned();
    ChildError::Crash { ending, log: String::new() }
}
