//! One stream: reads its owner's events from a cursor and sends them.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::Event;
use serde::Serialize;
use store::events::{self, Priority};
use store::{JobId, Store, TrackId, UserId};
use time::OffsetDateTime;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use crate::metrics::OpenStream;

/// Events read in one query.
const BATCH: u32 = 100;
/// Pause after a failed query.
const PAUSE: Duration = Duration::from_secs(1);

/// What is in `data` of one event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody {
    /// Position in the stream; also the event's `id`.
    #[schema(example = 17)]
    seq: i64,
    /// What happened; also the event's `event`.
    #[schema(example = "track.analyzed")]
    kind: String,
    /// How much that matters: `low` tells how far something has come, `high` what failed, `normal` the rest.
    #[schema(value_type = String, example = "normal")]
    priority: Priority,
    /// The track that it is about.
    #[schema(value_type = Option<String>, example = "000Xh3fYk0lqkD1vW8tB2m")]
    track_id: Option<TrackId>,
    /// The job that did it.
    #[schema(value_type = Option<String>, example = "000Xh3fYk0m1x9bG4cT7aQ")]
    job_id: Option<JobId>,
    /// Particulars of the kind.
    #[schema(value_type = Object)]
    data: serde_json::Value,
    /// When it happened.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
}

/// One event of the stream.
#[derive(ToSchema)]
#[schema(as = StreamedEvent)]
#[expect(dead_code, reason = "only describes the stream in the OpenAPI document")]
pub(super) struct StreamedBody {
    /// What happened, `ready` or `bye`.
    #[schema(example = "track.analyzed")]
    event: String,
    /// Where the stream stands after it.
    #[schema(example = "17")]
    id: Option<String>,
    /// When to come back after a break, milliseconds.
    retry: Option<u32>,
    /// JSON: an `Event`, but for `ready` and `bye`.
    #[schema(content_media_type = "application/json")]
    data: String,
}

impl From<events::Event> for EventBody {
    fn from(event: events::Event) -> Self {
        Self {
            seq: event.seq,
            kind: event.kind,
            priority: event.priority,
            track_id: event.track_id,
            job_id: event.job_id,
            data: event.data,
            created_at: event.created_at,
        }
    }
}

/// Everything that one stream needs.
pub(super) struct Feed {
    pub(super) store: Store,
    pub(super) owner: UserId,
    pub(super) after: i64,
    pub(super) least: Priority,
    pub(super) news: watch::Receiver<i64>,
    pub(super) sender: mpsc::Sender<Result<Event, Infallible>>,
    pub(super) keep_alive: Duration,
    pub(super) shutdown: CancellationToken,
    pub(super) slot: OwnedSemaphorePermit,
}

impl Feed {
    /// Sends until the client goes away or the server stops.
    pub(super) async fn run(mut self) {
        let _open = OpenStream::new();
        let shutdown = self.shutdown.clone();
        let gone = self.sender.clone();
        let ready = Event::default()
            .event("ready")
            .id(self.after.to_string())
            .retry(Duration::from_secs(2))
            .data(format!(r#"{{"after":{}}}"#, self.after));
        let sending = async {
            if self.sender.send(Ok(ready)).await.is_ok() {
                self.send_all().await;
            }
        };
        tokio::select! {
            () = sending => {}
            () = gone.closed() => {}
            () = shutdown.cancelled() => {
                // Without an id, so that the client resumes after the last real event. A client that
                // reads nothing any more does not get it.
                let bye = Event::default().event("bye").data(r#"{"reason":"shutdown"}"#);
                let _sent = timeout(PAUSE, gone.send(Ok(bye))).await;
            }
        }
        drop(self.slot);
    }

    async fn send_all(&mut self) {
        loop {
            // Marked as seen before reading: what is written meanwhile wakes this stream again.
            self.news.mark_unchanged();
            match self.send_batch().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(Stop::ClientGone) => return,
                Err(Stop::NoDatabase) => {
                    sleep(PAUSE).await;
                    continue;
                }
            }
            match timeout(self.keep_alive, self.news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => {
                    let comment = Event::default().comment("keep-alive");
                    if self.sender.send(Ok(comment)).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Sends the next events; true if there may be more at once.
    async fn send_batch(&mut self) -> Result<bool, Stop> {
        let (batch, seen) = self.batch().await.map_err(|_| Stop::NoDatabase)?;
        let is_full = batch.len() == BATCH as usize;
        for event in batch {
            let seq = event.seq;
            let body = EventBody::from(event);
            let json = serde_json::to_string(&body).expect("an event holds nothing but JSON");
            let event = Event::default().event(&body.kind).id(seq.to_string()).data(json);
            self.sender.send(Ok(event)).await.map_err(|_| Stop::ClientGone)?;
        }
        // What this client did not ask for is behind it too.
        self.after = seen;
        Ok(is_full)
    }

    /// In a task of its own, so that a client that goes away does not drop a query half done.
    async fn batch(&self) -> store::Result<(Vec<events::Event>, i64)> {
        let (store, owner, after, least) = (self.store.clone(), self.owner, self.after, self.least);
        let query = async move { events::at_least(&store, owner, least, after, BATCH).await };
        tokio::spawn(query).await.unwrap_or_else(|_| Ok((Vec::new(), after)))
    }
}

enum Stop {
    ClientGone,
    NoDatabase,
}
