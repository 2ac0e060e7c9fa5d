//! Starting the parts of the service in this process.

use std::future::Future;
use std::process::ExitCode;

use anyhow::{Context, Result};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, ConfigError};

/// Runs `work` on a runtime of its own, to the end.
pub(crate) fn block_on(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(work)
}

/// Opens the store at the newest schema.
pub(crate) async fn open_store(config: &Config) -> Result<Store> {
    let store = Store::open(&config.store).await.context("cannot open the store")?;
    store.migrate().await.context("cannot bring the database to the newest schema")?;
    Ok(store)
}

/// The settings with the models that the operator brings, each checked: that of the emotion here, since it is numbers only, and
/// the others in a limited process.
pub(crate) async fn with_models(mut config: Config) -> Result<Config> {
    let child = &mut config.worker.child;
    child.emotion.load().map_err(|error| ConfigError(error.to_string()))?;
    child.models.models = worker::Models::load(child).await?;
    Ok(config)
}

/// Serves HTTP on `listener`, with workers in this process unless told otherwise, until `shutdown`.
///
/// When one part ends early the other is stopped too: half a service helps nobody.
pub(crate) async fn serve(
    store: Store,
    config: Config,
    listener: TcpListener,
    has_worker: bool,
    shutdown: CancellationToken,
) -> Result<()> {
    api::install_metrics();
    let api = {
        let (store, shutdown) = (store.clone(), shutdown.clone());
        async move {
            let _guard = shutdown.clone().drop_guard();
            api::serve(store, config.api, listener, shutdown).await.context("the API ended")
        }
    };
    let workers = {
        let (store, shutdown) = (store.clone(), shutdown.clone());
        async move {
            if !has_worker {
                return Ok(());
            }
            let _guard = shutdown.clone().drop_guard();
            worker::run(store, config.worker, shutdown).await.context("the workers ended")
        }
    };
    let (api, workers) = tokio::join!(api, workers);
    store.close().await;
    api.and(workers)
}
