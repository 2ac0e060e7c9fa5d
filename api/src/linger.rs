//! Lets a refused client finish its sentence.
//!
//! A socket that is closed with unread bytes is reset, and the client loses the answer that says what
//! was wrong. So a little of what it still sends is read and forgotten before the answer goes out.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures::{StreamExt, stream};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

/// What is read and forgotten at most.
const MAX_BYTES: usize = 8 << 20;
/// For how long at most.
const MAX_TIME: Duration = Duration::from_secs(1);

/// Reads a little of what a refused request still sends.
///
/// Not if the client waits for leave to send (`Expect: 100-continue`): then nothing is under way.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    let is_waiting = request.headers().contains_key(header::EXPECT);
    if is_waiting || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let rest = Arc::new(Mutex::new(body.into_data_stream()));
    let shared = stream::unfold(Arc::clone(&rest), |rest| async {
        let chunk = rest.lock().await.next().await?;
        Some((chunk, rest))
    });
    let response = next.run(Request::from_parts(parts, Body::from_stream(shared))).await;
    if response.status().is_client_error()
        && let Ok(mut rest) = rest.try_lock()
    {
        drain(&mut rest).await;
    }
    response
}

async fn drain(rest: &mut BodyDataStream) {
    let until = Instant::now() + MAX_TIME;
    let mut n_bytes = 0;
    while let Ok(Some(Ok(chunk))) = timeout_at(until, rest.next()).await {
        n_bytes += chunk.len();
        if n_bytes > MAX_BYTES {
            break;
        }
    }
}
