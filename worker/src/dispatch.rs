//! The wake-up: a loop of the queue library, started again whenever it ends.
//!
//! A message only says that something may be due. Whoever gets one takes a slot and claims jobs until
//! nothing is due, so the rate of the library is not ours; a message that is lost, doubled or late costs
//! nothing, and the sweep replaces it. The library's loop ends with any error of its database, hence the
//! restarts, each under a new name because a name is taken for a while after its owner's death.

use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::{Data, WorkerBuilder, WorkerBuilderExt as _, WorkerContext, WorkerError};
use store::dispatch::{Message, dispatcher};
use store::with_dispatcher;
use tokio::time::{Instant, sleep};

use crate::context::Context;
use crate::jobs::{self, Lane};

const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(15);
/// A loop that lived this long was healthy.
const HEALTHY: Duration = Duration::from_mins(1);

/// Listens for messages until the worker stops.
pub(crate) async fn listen(context: Arc<Context>) {
    let mut backoff = FIRST_BACKOFF;
    for n in 0_u64.. {
        let start = Instant::now();
        let result = listen_once(Arc::clone(&context), n).await;
        if context.stopping.is_cancelled() {
            return;
        }
        if start.elapsed() > HEALTHY {
            backoff = FIRST_BACKOFF;
        }
        metrics::counter!("consort_dispatch_restarts_total").increment(1);
        let reason = result.err().map_or_else(|| "without a reason".to_owned(), |e| e.to_string());
        tracing::warn!(error = reason, "the dispatcher ended ({reason}) and starts again");
        tokio::select! {
            () = sleep(backoff) => backoff = (backoff * 2).min(LONGEST_BACKOFF),
            () = context.stopping.cancelled() => return,
        }
    }
}

async fn listen_once(context: Arc<Context>, n: u64) -> Result<(), WorkerError> {
    let worker = WorkerContext::new(&format!("{}-{n}", context.name));
    let stopping = context.stopping.clone();
    with_dispatcher!(dispatcher(&context.store), |backend| {
        let run = WorkerBuilder::new(worker)
            .backend(backend)
            .concurrency(context.config.n_slots())
            .data(context)
            .build(wake)
            .run();
        // Dropped, not drained: a draining loop no longer polls its storage, which may be inside a transaction and
        // would keep every other writer of SQLite out. The slots are tasks of their own, and messages may be lost.
        tokio::select! {
            ended = run => ended,
            () = stopping.cancelled() => Ok(()),
        }
    })
}

/// Handles a message. Never fails: the truth about jobs is in their table.
async fn wake(_: Message, context: Data<Arc<Context>>) {
    jobs::drain_imports(&context);
    let Ok(slot) = Arc::clone(&context.slots).acquire_owned().await else { return };
    // A task of its own: the library polls all handlers in one task, and drops them when it ends.
    let work = context.tasks.spawn(jobs::drain(Arc::clone(&context), Lane::Work, slot));
    if let Err(error) = work.await {
        let text = crate::compute::panic_text(error);
        tracing::error!(error = text, "a slot ended by a panic: {text}");
    }
}
