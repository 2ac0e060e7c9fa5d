//! A program that was built without the runtime of models: every model is refused.

use report::ModelCard;

use super::{Failure, Media, ModelFiles, Said};
use crate::config::MediaLimits;

/// There is nothing to open.
#[derive(Debug)]
pub(super) enum Opened {}

impl Opened {
    pub(super) fn open(_files: &ModelFiles) -> Result<Self, Failure> {
        Err(absent())
    }
}

pub(super) fn check(opened: Opened) -> Result<ModelCard, Failure> {
    match opened {}
}

pub(super) fn hear(
    _opened: Result<Opened, Failure>,
    files: &ModelFiles,
    media: Media,
    limits: &MediaLimits,
    _progress: impl FnMut(f64),
) -> Result<Said, Failure> {
    run(files, media, limits)
}

/// Refuses.
///
/// # Errors
///
/// Always.
pub fn run(_files: &ModelFiles, _media: Media, _limits: &MediaLimits) -> Result<Said, Failure> {
    Err(absent())
}

fn absent() -> Failure {
    let detail = "this program was built without the feature `models`";
    Failure { code: "no_runtime".into(), detail: detail.into() }
}
