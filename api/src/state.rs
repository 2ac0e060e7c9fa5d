//! What handlers share.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::admin::Refusals;
use crate::auth::Keys;
use crate::config::Config;
use crate::events::Hub;
use crate::identity::Uses;
use crate::metrics;
use crate::oidc::Issuers;
use crate::rate_limit::Limits;

/// What handlers share; cheap to clone.
#[derive(Clone)]
pub struct State {
    pub(crate) store: Store,
    pub(crate) config: Arc<Config>,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) hub: Arc<Hub>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) uses: Arc<Uses>,
    pub(crate) issuers: Arc<Issuers>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) shutdown: CancellationToken,
}

impl State {
    /// Starts the one poller of events, which ends with `shutdown`. Call it inside a tokio runtime.
    pub fn new(store: Store, config: Config, shutdown: CancellationToken) -> Self {
        let hub = Hub::start(store.clone(), config.events_poll(), shutdown.clone());
        Self {
            streams: Arc::new(Semaphore::new(config.max_event_streams)),
            limits: Arc::new(Limits::new(&config.rate_limit)),
            issuers: Arc::new(Issuers::new(&config.oidc)),
            config: Arc::new(config),
            metrics: metrics::install(),
            hub: Arc::new(hub),
            keys: Arc::default(),
            uses: Arc::default(),
            refusals: Arc::default(),
            store,
            shutdown,
        }
    }
}
