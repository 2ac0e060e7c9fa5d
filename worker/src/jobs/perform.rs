//! One job under its lease.

use std::pin::pin;
use std::sync::Arc;

use store::{JobKind, Lease};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::error::{Interruption, JobError};
use super::keep::{Progress, keep};
use super::settle::settle;
use super::{
    analyze_track, finish_run, import_track, match_profile, match_track, plan_run, rescore_tile,
};
use crate::account::Account;
use crate::compute::panic_text;
use crate::context::Context;

/// Runs a claimed job to its end and writes down how it went.
pub(super) async fn perform(context: &Arc<Context>, lease: Lease) {
    let (kind, job_id) = (lease.job.kind.as_str(), lease.job.id);
    let span = tracing::info_span!(
        "job",
        otel.name = format!("job.{kind}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        job.id = %job_id,
        job.attempts = lease.job.attempts,
        track.id = lease.job.track_id.map(tracing::field::display),
        trace.id = lease.job.trace_id,
    );
    if let Some(parent) = &lease.job.trace_parent {
        parent.lead(&span);
    }
    async {
        metrics::counter!("consort_jobs_started_total", "kind" => kind).increment(1);
        let start = Instant::now();
        // A task of its own: a panic ends the task, and is then an ending like any other.
        let price = context.config.price_per_cpu_s;
        let account = Account::new(lease.meter.clone(), lease.job.kind, price);
        let work = account.of(work(Arc::clone(context), lease.clone())).in_current_span();
        let result = match tokio::spawn(work).await {
            Ok(result) => result,
            Err(error) => Err(JobError::Crash { detail: format!("panic: {}", panic_text(error)) }),
        };
        let outcome = settle(&context.store, &lease, &result).await;
        if !matches!(outcome, "succeeded" | "cancelled" | "released") {
            Span::current().record("otel.status_code", "ERROR");
        }
        let duration = start.elapsed();
        metrics::counter!("consort_jobs_finished_total", "kind" => kind, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("consort_job_duration_seconds", "kind" => kind).record(duration);
        let duration_ms = duration.as_millis();
        tracing::info!(outcome, duration_ms, "{kind} {job_id}: {outcome} after {duration_ms} ms");
    }
    .instrument(span)
    .await;
}

/// The work beside the keeping of its lease. True if its result was written.
async fn work(context: Arc<Context>, lease: Lease) -> Result<bool, JobError> {
    let (progress, cancel) = (Progress::default(), CancellationToken::new());
    let mut job = pin!(async {
        match lease.job.kind {
            // The largest by far: the others need not carry its size.
            JobKind::AnalyzeTrack => {
                Box::pin(analyze_track::run(&context, &lease, &progress, &cancel)).await
            }
            JobKind::MatchTrack => match_track::run(&context, &lease).await,
            JobKind::PlanRun => plan_run::run(&context, &lease).await,
            JobKind::RescoreTile => rescore_tile::run(&context, &lease, &progress, &cancel).await,
            JobKind::FinishRun => finish_run::run(&context, &lease, &progress, &cancel).await,
            JobKind::MatchProfile => match_profile::run(&context, &lease).await,
            JobKind::ImportTrack => import_track::run(&context, &lease, &progress, &cancel).await,
        }
    });
    let interruption = tokio::select! {
        biased;
        result = &mut job => return result,
        interruption = keep(&context, &lease, &progress) => interruption,
    };
    cancel.cancel();
    // Ended by the token, or done just now: then what it wrote stands.
    match job.await {
        Ok(true) => Ok(true),
        _ => Err(JobError::Interrupted(interruption)),
    }
}

/// A job ended because its token was cancelled; the reason is put in by who cancelled.
pub(super) fn interrupted() -> JobError {
    JobError::Interrupted(Interruption::Stopped)
}
