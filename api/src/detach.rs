//! Handlers run to their end even if the client goes away.
//!
//! A handler that is dropped in the middle of a transaction leaves its connection in a state that the
//! pool hands to the next request. So each handler is a task of its own: a client that hangs up ends
//! the connection, not the handler. An upload notices the hang-up by its body, which ends.

use axum::extract::{self, MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use tracing::Instrument;

use crate::error::Error;
use crate::state::State;
use crate::tracks;

/// Runs the rest of the way in a task of its own, within the time limit for answers.
///
/// Uploads have no such limit: what bounds them is the least pace of a body.
pub(crate) async fn detach(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let is_upload = request.method() == Method::POST
        && request.extensions().get::<MatchedPath>().is_some_and(|p| p.as_str() == tracks::PATH);
    let task = tokio::spawn(next.run(request).in_current_span());
    let joined = if is_upload {
        task.await
    } else {
        match timeout(state.config.request_timeout(), task).await {
            Ok(joined) => joined,
            Err(_) => return Error::Slow.into_response(),
        }
    };
    // The panic hook has already written where and why.
    joined.unwrap_or_else(|_| Error::Internal("the handler panicked".to_owned()).into_response())
}
