//! Telling how far a job has come.

use store::Lease;
use store::jobs::{Stage, step};

use crate::context::Context;
use crate::error::chain;

/// Tells that the job goes on to a stage. It goes on as well if that cannot be told.
pub(super) async fn tell(context: &Context, lease: &Lease, stage: Stage) {
    if let Err(error) = step(&context.store, lease, stage).await {
        let cause = chain(&error);
        tracing::warn!(error = cause, "the step {stage} could not be told: {cause}");
    }
}
