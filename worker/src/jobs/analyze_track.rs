//! `analyze_track`: one recording from blob to report.

use std::path::Path;
use std::sync::Once;
use std::time::Instant;

use matching::{DESCRIPTOR_VERSION, Descriptor, fingerprint_keys};
use serde_json::json;
use store::jobs::{Analyzed, Stage, complete_analysis};
use store::{Lease, Track, tracks};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info_span};

use super::error::JobError;
use super::keep::Progress;
use super::perform::interrupted;
use super::tell::tell;
use crate::account::Account;
use crate::child::{self, ChildError, Media, Outcome, Sandbox};
use crate::compute::compute;
use crate::context::Context;
use crate::embedding::embedding;

static WARN_ONCE: Once = Once::new();

/// Analyses the job's track in a child. True if the result was written.
pub(super) async fn run(
    context: &Context,
    lease: &Lease,
    progress: &Progress,
    cancel: &CancellationToken,
) -> Result<bool, JobError> {
    let store = &context.store;
    let id = lease.job.track_id.ok_or_else(|| JobError::abort("track_missing", "no track"))?;
    let track = tracks::get(store, lease.job.owner_id, id)
        .await?
        .ok_or_else(|| JobError::abort("track_missing", "the track is gone"))?;
    // Over the network this takes a while; dropping it half way leaves nothing behind.
    let start = Instant::now();
    let file = tokio::select! {
        file = store.blobs().fetch_to_file(&track.blob_sha256).instrument(info_span!("fetch")) => file?,
        () = cancel.cancelled() => return Err(interrupted()),
    };
    let account = Account::current();
    if let Some(account) = &account {
        account.fetched(track.n_bytes, start);
    }
    let extension = extension(&track);
    let media = Media { file, extension, sha256: Some(track.blob_sha256.to_string()) };
    let config = &context.config.child;
    tell(context, lease, Stage::Analysis).await;
    let models = tell(context, lease, Stage::Models);
    let outcome =
        child::run_telling(media, config, |share| progress.set(share), models, cancel).await;
    if let Err(ChildError::Crash { log, .. }) = &outcome {
        tracing::warn!(child.stderr = log, "the analysis died with these last words: {log}");
    }
    let outcome = outcome?;
    // The child read a stranger's file: what it gives out is looked at once more before it is kept.
    if let Err(error) = Descriptor::from_bytes(&outcome.descriptor) {
        return Err(JobError::Crash {
            detail: format!("the analysis gave no descriptor: {error}"),
        });
    }
    record(&outcome);
    if let Some(account) = account {
        let has_models = !outcome.report.models.is_empty();
        account.analyzed(outcome.report.source.duration_s, &outcome.stages, has_models);
    }
    let ((), analyzed) =
        tokio::join!(tell(context, lease, Stage::Write), compute(move || analyzed(&outcome)));
    let analyzed = analyzed?.map_err(|error| JobError::Crash {
        detail: format!("the analysis gave no details: {error}"),
    })?;
    Ok(complete_analysis(store, lease, analyzed).instrument(info_span!("write")).await?)
}

/// Extension of the file's name, if it can be one. It is a hint only, and becomes an argument of the child.
fn extension(track: &Track) -> Option<String> {
    let name = track.file_name.as_deref()?;
    let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    let is_plain = extension.len() <= 8 && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    is_plain.then_some(extension)
}

/// The bytes of a hash in text.
fn pcm_hash(text: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(text).ok().map(Into::into)
}

/// What is stored of an outcome. Deflating takes some milliseconds for each hour of the recording.
fn analyzed(outcome: &Outcome) -> report::Result<Analyzed> {
    outcome.details.check()?;
    Ok(Analyzed {
        report_json: outcome.report.to_json(),
        details: outcome.details.to_bytes()?,
        analysis_version: outcome.report.analysis_version,
        pcm_hash: outcome.report.signal.pcm_hash.as_deref().and_then(pcm_hash),
        fingerprint_keys: fingerprint_keys(&outcome.details.fingerprint),
        duration_s: outcome.report.source.duration_s,
        descriptor: outcome.descriptor.clone(),
        descriptor_version: DESCRIPTOR_VERSION,
        embedding: embedding(&outcome.report.models).map(|it| it.to_bytes()),
        media: json!(outcome.tags),
        stages: json!({
            "decode": outcome.stages.decode,
            "analysis": outcome.stages.analysis,
            "total": outcome.stages.total,
            "models": outcome.stages.models,
            "peak_memory_bytes": outcome.peak_memory_bytes,
            "sandbox": outcome.sandbox,
        }),
    })
}

fn record(outcome: &Outcome) {
    let stages = &outcome.stages;
    let models = (!outcome.report.models.is_empty()).then_some(("models", stages.models));
    let always = [("decode", stages.decode), ("analysis", stages.analysis)];
    for (stage, time) in always.into_iter().chain(models) {
        metrics::histogram!("consort_stage_cpu_seconds", "stage" => stage).record(time.cpu_s);
    }
    metrics::histogram!("consort_audio_seconds").record(outcome.report.source.duration_s);
    if let Some(n_bytes) = outcome.peak_memory_bytes {
        #[expect(clippy::cast_precision_loss, reason = "a metric")]
        metrics::histogram!("consort_child_peak_memory_bytes").record(n_bytes as f64);
    }
    if outcome.sandbox == Sandbox::None {
        WARN_ONCE.call_once(|| {
            tracing::warn!("this kernel has no Landlock: the child could open files");
        });
    }
}
