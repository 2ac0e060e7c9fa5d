//! Claiming, one job after the other.

use std::sync::Arc;

use store::jobs::{claim, claim_import};
use tokio::sync::OwnedSemaphorePermit;

use super::perform::perform;
use crate::context::Context;

/// What a slot is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What keeps a core busy, or the database.
    Work,
    /// What waits for strangers' hosts.
    Imports,
}

/// Claims and runs jobs of a lane until nothing is due or the worker stops. Must not be dropped half way: a claim is
/// committed before it is seen here.
pub(crate) async fn drain(context: Arc<Context>, lane: Lane, slot: OwnedSemaphorePermit) {
    while !context.stopping.is_cancelled() {
        let claimed = match lane {
            Lane::Work => claim(&context.store, &context.name).await,
            Lane::Imports => claim_import(&context.store, &context.name).await,
        };
        match claimed {
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

/// Looks for imports in a task of its own, if one more may run. If none may, those that run look when they are done.
pub(crate) fn drain_imports(context: &Arc<Context>) {
    if let Ok(slot) = Arc::clone(&context.import_slots).try_acquire_owned() {
        drop(context.tasks.spawn(drain(Arc::clone(context), Lane::Imports, slot)));
    }
}
