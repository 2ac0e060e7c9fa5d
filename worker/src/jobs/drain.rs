//! Claiming, one job after the other.

use std::sync::Arc;

use store::jobs::claim;
use tokio::sync::OwnedSemaphorePermit;

use super::perform::perform;
use crate::context::Context;

/// Claims and runs jobs until nothing is due or the worker stops. Must not be dropped half way: a claim is
/// committed before it is seen here.
pub(crate) async fn drain(context: Arc<Context>, slot: OwnedSemaphorePermit) {
    while !context.stopping.is_cancelled() {
        match claim(&context.store, &context.name).await {
            Ok(Some(lease)) => perform(&context, lease).await,
            Ok(None) => break,
            Err(error) => {
                let cause = &error as &dyn std::error::Error;
                tracing::warn!(error = cause, "no job could be claimed: {error}");
                break;
            }
        }
    }
    drop(slot);
}
