//! Handlers run to their end even if the client goes away.
//!
//! A handler that is dropped in the middle of a transaction leaves its connection in a state that the
//! pool hands to the next request. So each handler is a task of its own: a client that hangs up ends
//! the connection, not the handler. An upload notices the hang-up by its body, which ends.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use tracing::Instrument;

use crate::error::Error;
use crate::{tracks, uploads};

/// What takes as long as its bytes take. Bounded by the least pace of a body, and by that of the blob store.
const UPLOADS: [(Method, &str); 7] = [
    (Method::POST, tracks::PATH),
    (Method::POST, tracks::BATCH_PATH),
    (Method::PUT, uploads::PART_PATH),
    (Method::POST, uploads::COMPLETE_PATH),
    (Method::POST, uploads::TUS_PATH),
    (Method::POST, uploads::TUS_UPLOAD_PATH),
    (Method::PATCH, uploads::TUS_UPLOAD_PATH),
];

/// Runs the rest of the way in a task of its own, within the time limit for answers.
///
/// Uploads have no such limit.
pub(crate) async fn detach(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_upload = UPLOADS.iter().any(|upload| *upload == (request.method().clone(), route));
    let task = tokio::spawn(next.run(request).in_current_span());
    let joined = if is_upload {
        task.await
    } else {
        match timeout(limit, task).await {
            Ok(joined) => joined,
            Err(_) => return Error::Slow.into_response(),
        }
    };
    // The panic hook has already written where and why.
    joined.unwrap_or_else(|_| Error::Internal("the handler panicked".to_owned()).into_response())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::{get, post};
    use tokio::sync::oneshot;
    use tower::ServiceExt;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    async fn status(router: Router, method: &str, path: &str) -> StatusCode {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let router = router.layer(from_fn_with_state(LIMIT, detach));
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let router = Router::new().route("/", get(async || -> () { panic!("on purpose") }));
        assert_eq!(status(router, "GET", "/").await, StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_handler_is_answered_for() {
        let hang = std::future::pending::<()>;
        let router = Router::new().route("/", get(hang));
        assert_eq!(status(router, "GET", "/").await, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_may_take_longer() {
        let upload = async || tokio::time::sleep(LIMIT * 10).await;
        let router = Router::new().route(tracks::PATH, post(upload));
        assert_eq!(status(router, "POST", tracks::PATH).await, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_client_that_goes_away_does_not_stop_the_handler() {
        let (entered, has_entered) = oneshot::channel();
        let (resume, resumed) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let channels = std::sync::Mutex::new(Some((entered, resumed, done)));
        let handler = async move || {
            let (entered, resumed, done) = channels.lock().unwrap().take().unwrap();
            entered.send(()).unwrap();
            resumed.await.unwrap();
            done.send(()).unwrap();
        };
        let handler = std::sync::Arc::new(handler);
        let router = Router::new().route("/", get(async move || handler().await));
        let answer = tokio::spawn(status(router, "GET", "/"));
        has_entered.await.unwrap();
        answer.abort();
        assert!(answer.await.unwrap_err().is_cancelled());
        resume.send(()).unwrap();
        is_done.await.unwrap();
    }
}
