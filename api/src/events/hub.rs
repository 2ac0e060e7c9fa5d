//! The one poller of the event table.

use std::time::Duration;

use store::{Store, events};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Tells event streams that there may be something new.
pub(crate) struct Hub {
    last_seq: watch::Sender<i64>,
}

impl Hub {
    /// Starts the poller, which ends with `shutdown`.
    pub(crate) fn start(store: Store, interval: Duration, shutdown: CancellationToken) -> Self {
        let (last_seq, _) = watch::channel(0);
        let hub = Self { last_seq };
        let sender = hub.last_seq.clone();
        tokio::spawn(async move {
            shutdown.run_until_cancelled(poll(&store, interval, &sender)).await;
        });
        hub
    }

    /// A receiver that changes when the last sequence number does.
    pub(crate) fn subscribe(&self) -> watch::Receiver<i64> {
        self.last_seq.subscribe()
    }
}

/// Asks for the last sequence number while anybody listens.
async fn poll(store: &Store, interval: Duration, sender: &watch::Sender<i64>) {
    let mut is_failing = false;
    loop {
        sleep(interval).await;
        if sender.receiver_count() == 0 {
            continue;
        }
        match events::head(store).await {
            Ok(seq) => {
                is_failing = false;
                sender.send_if_modified(|last| std::mem::replace(last, seq) != seq);
            }
            // Once per outage: streams stay open and go on when the database is back.
            Err(error) if !is_failing => {
                is_failing = true;
                tracing::warn!("events cannot be read: {error}");
            }
            Err(_) => {}
        }
    }
}
