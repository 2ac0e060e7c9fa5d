//! What every job of a worker shares.

use std::sync::Arc;
use std::time::Duration;

use fetch::Client;
use store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::Config;
use crate::catalogues::Catalogues;

/// What every job of a worker shares.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) config: Config,
    /// Name in leases: new at every start, so that a restarted worker is never taken for its predecessor.
    pub(crate) name: String,
    /// What is searched for matches.
    pub(crate) catalogues: Catalogues,
    /// One permit for each job that may run.
    pub(crate) slots: Arc<Semaphore>,
    /// One permit for each import that may run, beside them.
    pub(crate) import_slots: Arc<Semaphore>,
    /// Goes for what is imported.
    pub(crate) fetcher: Client,
    /// Everything that runs jobs.
    pub(crate) tasks: TaskTracker,
    /// Claim no more.
    pub(crate) stopping: CancellationToken,
    /// Give back what still runs.
    pub(crate) stop_now: CancellationToken,
}

impl Context {
    pub(crate) fn new(store: Store, config: Config, shutdown: &CancellationToken) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            name: format!("{}-{}-{}", host.trim(), std::process::id(), Uuid::now_v7().simple()),
            slots: Arc::new(Semaphore::new(config.n_slots())),
            import_slots: Arc::new(Semaphore::new(config.imports.n_slots())),
            fetcher: Client::new(&config.imports.fetch, config.imports.names.clone()),
            tasks: TaskTracker::new(),
            stopping: shutdown.child_token(),
            stop_now: CancellationToken::new(),
            catalogues: Catalogues::new(
                config.max_catalogue_bytes,
                Duration::from_secs(config.catalogue_idle_s),
            ),
            store,
            config,
        }
    }
}
