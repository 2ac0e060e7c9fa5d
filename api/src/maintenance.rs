//! During maintenance nothing is changed: writing routes are refused before their bodies are read.
//!
//! The store refuses transactions by itself ([`store::maintenance`]); this says so early, with the reason, and before gigabytes of a recording
//! have come.

use axum::extract::{self, MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::maintenance;

use crate::error::Error;
use crate::state::State;

/// What changes nothing though its method would, and what must go on: coming in, leaving, and ending the maintenance.
const GO_ON: [(Method, &str); 7] = [
    (Method::POST, "/v1/auth/login"),
    (Method::POST, "/v1/auth/logout"),
    (Method::POST, "/v1/auth/refresh"),
    (Method::POST, "/v1/playlists/more-like"),
    (Method::POST, "/v1/playlists/path"),
    (Method::POST, "/v1/search"),
    (Method::PUT, "/v1/admin/maintenance"),
];

/// Whether an operation is refused during maintenance.
pub(crate) fn stops(method: &Method, route: &str) -> bool {
    let is_reading = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    !is_reading
        && route.starts_with("/v1/")
        && !GO_ON.iter().any(|(other, path)| (other, *path) == (method, route))
}

/// Refuses what would change something during maintenance.
pub(crate) async fn refuse(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if stops(request.method(), route) {
        match maintenance::get(&state.store).await {
            Ok(maintenance) if maintenance.is_on => {
                return Error::Maintenance { reason: maintenance.reason }.into_response();
            }
            Ok(_) => {}
            Err(error) => return Error::from(error).into_response(),
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_asks_goes_on() {
        assert!(stops(&Method::POST, "/v1/tracks"));
        assert!(stops(&Method::PUT, "/v1/auth/password"));
        assert!(stops(&Method::DELETE, "/v1/admin/users/{id}"));
        assert!(!stops(&Method::GET, "/v1/tracks"));
        assert!(!stops(&Method::POST, "/v1/search"));
        assert!(!stops(&Method::POST, "/rest/ping"));
        assert!(!stops(&Method::POST, ""));
    }
}
