//! The worker: a dispatcher, a sweeper, and an orderly end.

use std::sync::Arc;
use std::time::Duration;

use store::Store;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use crate::context::Context;
use crate::jobs::Lane;
use crate::{Config, Result, dispatch, jobs};

/// How long children may take to die and their jobs to be written back, once they must stop.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// Runs jobs until `shutdown`.
///
/// On shutdown nothing is claimed any more; jobs that run get `drain_s`, then their children are killed and
/// the jobs go back to the queue without having used up an attempt. Dropping the future stops at once; the
/// jobs' leases then run out.
///
/// # Errors
///
/// A setting is out of range. Failures of the store are outlived, not returned.
pub async fn run(store: Store, config: Config, shutdown: CancellationToken) -> Result<()> {
    config.validate()?;
    let config = config.shared_by(config.n_slots());
    // What runs when maintenance begins is finished; nothing is claimed then.
    let store = store.despite_maintenance();
    let context = Arc::new(Context::new(store, config, &shutdown));
    let _stop_claiming = context.stopping.clone().drop_guard();
    let _stop_running = context.stop_now.clone().drop_guard();
    let (name, n_slots) = (&context.name, context.config.n_slots());
    tracing::info!(worker = name, n_slots, "worker {name} runs {n_slots} jobs at once");

    let dispatcher = tokio::spawn(dispatch::listen(Arc::clone(&context)));
    let sweeper = tokio::spawn(sweep(Arc::clone(&context)));
    context.stopping.cancelled().await;

    context.tasks.close();
    let drain = Duration::from_secs(context.config.drain_s);
    if timeout(drain, context.tasks.wait()).await.is_err() {
        let n = context.tasks.len();
        tracing::info!(n_slots = n, "{n} jobs still run and go back to the queue");
        context.stop_now.cancel();
        if timeout(STOP_GRACE, context.tasks.wait()).await.is_err() {
            tracing::warn!("some jobs could not be given back; their leases will run out");
        }
    }
    for mut task in [dispatcher, sweeper] {
        if timeout(STOP_GRACE, &mut task).await.is_err() {
            task.abort();
        }
    }
    tracing::info!(worker = context.name, "worker {} has stopped", context.name);
    Ok(())
}

/// Repairs the queue every few seconds, and looks for work without having been woken.
async fn sweep(context: Arc<Context>) {
    let mut ticks = interval(Duration::from_secs(context.config.sweep_s));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = context.stopping.cancelled() => return,
        }
        context.catalogues.drop_idle();
        match store::jobs::sweep(&context.store).await {
            Ok(swept) => {
                metrics::counter!("consort_jobs_lost_total").increment(swept.n_lost);
                if swept.n_lost > 0 {
                    let n = swept.n_lost;
                    tracing::warn!(n_jobs = n, "{n} jobs had lost their worker");
                }
            }
            Err(error) => {
                let cause = &error as &dyn std::error::Error;
                tracing::warn!(error = cause, "a sweep failed: {error}");
            }
        }
        if context.stopping.is_cancelled() {
            return;
        }
        jobs::drain_imports(&context);
        if let Ok(slot) = Arc::clone(&context.slots).try_acquire_owned() {
            drop(context.tasks.spawn(jobs::drain(Arc::clone(&context), Lane::Work, slot)));
        }
    }
}
