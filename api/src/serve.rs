//! The accept loop.
//!
//! `axum::serve` installs no timer, so hyper's time limit for request heads does nothing there: a
//! client that opens connections and says nothing would hold them for ever. Hence this loop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use store::Store;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower::Layer;

use crate::config::Config;
use crate::identity::Peer;
use crate::router::router;
use crate::stall::Stall;
use crate::state::State;

/// Longest head of a request, which is held in memory until it is whole. (hyper takes at most 100 headers.)
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Serves requests until `shutdown`, then lets open ones end within the grace time.
///
/// Event streams end at once, with a last event that says so.
///
/// # Errors
///
/// Only if the listener has no address; errors of single connections end those.
pub async fn serve(
    store: Store,
    config: Config,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let slots = Arc::new(Semaphore::new(config.max_connections));
    let (write_timeout, grace) = (config.write_timeout(), config.shutdown_grace());
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout())
        .max_buf_size(MAX_HEAD_BYTES);
    let mut server = Server {
        router: router(State::new(store, config, shutdown.clone())),
        builder,
        connections: JoinSet::new(),
        write_timeout,
        shutdown,
    };
    tracing::info!("listening on http://{address}");
    server.accept_all(&listener, &slots).await;
    drop(listener);
    server.finish(grace).await;
    Ok(())
}

struct Server {
    router: Router,
    builder: auto::Builder<TokioExecutor>,
    connections: JoinSet<()>,
    write_timeout: Duration,
    shutdown: CancellationToken,
}

impl Server {
    async fn accept_all(&mut self, listener: &TcpListener, slots: &Arc<Semaphore>) {
        let shutdown = self.shutdown.clone();
        while let Some((stream, peer, slot)) =
            shutdown.run_until_cancelled(accept(listener, slots)).await
        {
            self.spawn(stream, peer, slot);
            while self.connections.try_join_next().is_some() {}
        }
    }

    fn spawn(&mut self, stream: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        let io = TokioIo::new(Stall::new(stream, self.write_timeout));
        let service = TowerToHyperService::new(Extension(Peer(peer)).layer(self.router.clone()));
        let connection = self.builder.serve_connection(io, service).into_owned();
        let shutdown = self.shutdown.clone();
        self.connections.spawn(async move {
            let mut connection = pin!(connection);
            let result = tokio::select! {
                result = connection.as_mut() => result,
                () = shutdown.cancelled() => {
                    // Ends now if nothing is under way, else after the answer.
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            // Clients that hang up or time out end here; their requests were logged on their own.
            if let Err(error) = result {
                tracing::debug!("a connection ended early: {error}");
            }
            drop(slot);
        });
    }

    /// Waits for open requests, and cuts off those that take longer than `grace`.
    async fn finish(mut self, grace: Duration) {
        while self.connections.try_join_next().is_some() {}
        tracing::info!("stopping, {} connections are open", self.connections.len());
        let all = async { while self.connections.join_next().await.is_some() {} };
        if timeout(grace, all).await.is_err() {
            tracing::warn!("{} connections did not end in time", self.connections.len());
        }
        self.connections.shutdown().await;
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Small answers leave at once; without it an event may wait 40 ms for company.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!("a connection keeps Nagle's algorithm: {error}");
                }
                return (stream, peer, slot);
            }
            Err(error) => {
                // Out of file descriptors, mostly: they come back when other connections end.
                tracing::warn!("a connection could not be accepted: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
