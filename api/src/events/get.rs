//! The endpoint.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde::Deserialize;
use store::events::{self, Priority};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use super::feed::{Feed, StreamedBody};
use crate::error::{Error, Result};
use crate::extract::Query;
use crate::identity::{Caller, EventsRead};
use crate::problem::Problem;
use crate::state;

/// Events that wait for a slow client before its stream waits too.
const BUFFER: usize = 32;

/// Where to begin, and what to leave out.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Send what happened after this sequence number; 0 is everything. `Last-Event-ID` wins.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Send only events of this priority or a higher one: `low` (all, as without it), `normal` or `high`.
    #[param(value_type = Option<String>, example = "normal")]
    priority: Option<Priority>,
}

/// Watch what happens.
///
/// The stream begins with an event `ready` whose `id` is where it stands. Without `Last-Event-ID` and
/// `after` it tells only what happens from now on. A client that reconnects with the last `id` that
/// it saw sees nothing twice and misses nothing, but events of low priority that have been removed, which happens
/// after a while. When the server stops, the last event is `bye`.
#[utoipa::path(
    get,
    path = "/v1/events",
    tag = "events",
    operation_id = "events.list",
    params(Parameters, ("Last-Event-ID" = Option<i64>, Header, description = "The last `id` that the client saw")),
    security(("token" = ["events:read"])),
    responses(
        (status = 200, description = "Server-sent events, each as shown", body = StreamedBody, content_type = "text/event-stream"),
        (status = 400, description = "`malformed_header`, `malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`too_many_streams`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.events.list", skip_all)]
pub(crate) async fn get(
    caller: Caller<EventsRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
    headers: HeaderMap,
) -> Result<Response> {
    let wanted = last_event_id(&headers)?.or(parameters.after);
    if wanted.is_some_and(|seq| seq < 0) {
        return Err(Error::invalid("after", "must be at least 0"));
    }
    let slot = Arc::clone(&state.streams).try_acquire_owned().map_err(|_| Error::TooManyStreams)?;
    let news = state.hub.subscribe();
    let after = match wanted {
        Some(seq) => seq,
        None => events::last_seq(&state.store, caller.user_id).await?,
    };
    let (sender, receiver) = mpsc::channel(BUFFER);
    let feed = Feed {
        store: state.store.clone(),
        owner: caller.user_id,
        after,
        least: parameters.priority.unwrap_or(Priority::Low),
        news,
        sender,
        keep_alive: state.config.events_keep_alive(),
        shutdown: state.shutdown.clone(),
        slot,
    };
    tokio::spawn(feed.run());
    Ok(answer(ReceiverStream::new(receiver)))
}

fn answer(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Asks nginx not to collect events.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// An empty header is none: browsers send it so before the first event.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    if value.is_empty() {
        return Ok(None);
    }
    let seq = value.to_str().ok().and_then(|value| value.trim().parse().ok());
    seq.map(Some).ok_or(Error::MalformedHeader { name: "Last-Event-ID" })
}
