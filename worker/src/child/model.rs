//! A model in the child: loading, checking, hearing a recording.

use std::fs::File;
use std::io::{self, Read as _};

use decode::Decoder;
use models::{Code, Extractor, Kind, Manifest, Model, Pooled, Reason};
use report::{ModelCard, ModelKind, ModelLikeness, ModelReason, ModelResult};

use super::listen::{Course, unanalysed, undecoded};
use super::moment::Moment;
use super::{Failure, Media, ModelFiles, Said};
use crate::config::MediaLimits;

/// The opened files of a model, of which nothing is read yet.
#[derive(Debug)]
pub(super) struct Opened {
    manifest: File,
    onnx: File,
    max_bytes: u64,
}

impl Opened {
    pub(super) fn open(files: &ModelFiles) -> Result<Self, Failure> {
        let open = |path| File::open(path).map_err(|error| unreadable(&error));
        Ok(Self {
            manifest: open(&files.manifest)?,
            onnx: open(&files.onnx)?,
            max_bytes: files.max_bytes,
        })
    }

    /// Reads both files, within their sizes, and loads the model.
    fn load(self) -> Result<Model, Failure> {
        let manifest = read(&self.manifest, Manifest::MAX_BYTES, "the manifest")?;
        // What is wrong with the manifest is said before a long file is read.
        Manifest::from_toml(&manifest).map_err(refused)?;
        let onnx = read(&self.onnx, self.max_bytes, "the ONNX file")?;
        Model::load(&manifest, onnx).map_err(refused)
    }
}

/// Whether a model can be used: it is loaded and hears a tone.
pub(super) fn check(opened: Opened) -> Result<ModelCard, Failure> {
    let model = opened.load()?;
    model.check().map_err(refused)?;
    Ok(card(&model))
}

/// Lets a model hear a recording.
pub(super) fn hear(
    opened: Result<Opened, Failure>,
    files: &ModelFiles,
    media: Media,
    limits: &MediaLimits,
    progress: impl FnMut(f64),
) -> Result<Said, Failure> {
    let start = Moment::of_all_threads();
    let model = unchanged(opened.and_then(Opened::load), files)?;
    let heard = heard(&model, media, limits, progress)?;
    let trouble = heard.as_ref().err().and_then(trouble);
    Ok(Said { result: result(&model, heard), trouble, time: start.passed() })
}

/// Lets a model hear a recording in the calling process, which has none of the child's protection: for profilers.
///
/// # Errors
///
/// [`Failure`] as [`super::analyze()`], or when the model is no longer what it was.
pub fn run(files: &ModelFiles, media: Media, limits: &MediaLimits) -> Result<Said, Failure> {
    hear(Opened::open(files), files, media, limits, |_| ())
}

/// The model, if it is still the one that was checked. If it is not, then neither the recording nor the model is at fault.
fn unchanged(loaded: Result<Model, Failure>, files: &ModelFiles) -> Result<Model, Failure> {
    let io = |detail: String| Failure { code: "io".into(), detail };
    let model = loaded.map_err(|failure| {
        io(format!("a model can be used no longer: {}: {}", failure.code, failure.detail))
    })?;
    if files.card.as_ref() != Some(&card(&model)) {
        let name = &model.card().name;
        return Err(io(format!("the files of the model {name} have changed since the start")));
    }
    Ok(model)
}

fn heard(
    model: &Model,
    media: Media,
    limits: &MediaLimits,
    mut progress: impl FnMut(f64),
) -> Result<Result<Pooled, Reason>, Failure> {
    let Media { file, extension, .. } = media;
    let mut decoder = Decoder::open(file, extension.as_deref(), &limits.to_decode())
        .map_err(|error| undecoded(&error))?;
    let format = decoder.format().clone();
    let mut course = Course::new(&format);
    let mut extractor = Extractor::new(model, format.sample_rate_hz, format.n_channels)
        .map_err(|error| unanalysed(&error))?;
    while let Some(block) = decoder.next_block().map_err(|error| undecoded(&error))? {
        extractor.push(block);
        course.count(block.len());
        course.tell(&mut progress);
    }
    Ok(extractor.finish())
}

fn result(model: &Model, heard: Result<Pooled, Reason>) -> ModelResult {
    match heard {
        Ok(Pooled { values, n_windows }) => {
            ModelResult::known(card(model), &model.manifest().output.names, &values, n_windows)
        }
        Err(reason) => ModelResult::unknown(
            card(model),
            match reason {
                Reason::Silence => ModelReason::Silence,
                Reason::TooShort => ModelReason::TooShort,
                Reason::NotFinite => ModelReason::NotFinite,
                Reason::OutOfRange => ModelReason::OutOfRange,
                Reason::WrongShape(_) | Reason::Failed(_) => ModelReason::Failed,
            },
        ),
    }
}

/// What the operator should hear of; that a recording is silent or short is no trouble.
fn trouble(reason: &Reason) -> Option<String> {
    let is_ordinary = matches!(reason, Reason::Silence | Reason::TooShort);
    (!is_ordinary).then(|| reason.to_string())
}

fn card(model: &Model) -> ModelCard {
    let card = model.card();
    ModelCard {
        name: card.name.clone(),
        version: card.version.clone(),
        kind: match card.kind {
            Kind::Embedding => ModelKind::Embedding,
            Kind::Regression => ModelKind::Regression,
            Kind::Classes => ModelKind::Classes,
        },
        onnx_sha256: card.onnx_sha256.clone(),
        manifest_sha256: card.manifest_sha256.clone(),
        matching: card
            .matching
            .map(|it| ModelLikeness { typical: it.typical, deviation: it.deviation }),
    }
}

/// The whole file, if it is no longer than allowed. Its length is looked at before a byte is read.
fn read(mut file: &File, max_bytes: u64, what: &str) -> Result<Vec<u8>, Failure> {
    let n_bytes = file.metadata().map_err(|error| unreadable(&error))?.len();
    let too_large = || Failure {
        code: Code::TooLarge.as_str().into(),
        detail: format!("{what} has {n_bytes} bytes, may have {max_bytes}"),
    };
    if n_bytes > max_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(n_bytes).unwrap_or(0));
    // A file may grow while it is read.
    file.by_ref()
        .take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > max_bytes { Err(too_large()) } else { Ok(bytes) }
}

fn refused(refusal: models::Refusal) -> Failure {
    Failure { code: refusal.code.as_str().into(), detail: refusal.detail }
}

fn unreadable(error: &io::Error) -> Failure {
    Failure { code: "unreadable".into(), detail: error.to_string() }
}
