//! Who asked for what concerns all users, and may not.
//!
//! Each refusal would be a row that anybody with a token can make at will. So a process writes down at most one for each user in ten seconds, and with
//! the next one how many were left out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{self, MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use store::UserId;
use store::audit::{self, Action, NewEntry};
use time::OffsetDateTime;

use crate::error::Error;
use crate::identity::{Identity, actor};
use crate::state::State;

/// Refusals of one user within this time of each other are one entry.
const INTERVAL: Duration = Duration::from_secs(10);
/// Users that are remembered at most; beyond that some refusals are written down once more often.
const MAX_REMEMBERED: usize = 10_000;

/// Whose refusals this process has written down lately: when, and how many were left out since.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<UserId, (OffsetDateTime, u64)>>);

impl Refusals {
    /// How many were left out before, if this one is to be written down.
    fn count(&self, user: UserId, now: OffsetDateTime) -> Option<u64> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, n_left_out)) = noted.get_mut(&user)
            && now < *last + INTERVAL
        {
            *n_left_out += 1;
            return None;
        }
        if noted.len() >= MAX_REMEMBERED {
            noted.clear();
        }
        Some(noted.insert(user, (now, 0)).map_or(0, |(_, n_left_out)| n_left_out))
    }
}

/// Writes refusals of `/v1/admin` into the audit log, before they are answered.
pub(crate) async fn note(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if !route.starts_with("/v1/admin/") {
        return next.run(request).await;
    }
    let (method, route) = (request.method().to_string(), route.to_owned());
    let (parts, body) = request.into_parts();
    let actor = actor(&parts, &state);
    let user = parts.extensions.get::<Identity>().map(|identity| identity.user_id);
    let response = next.run(Request::from_parts(parts, body)).await;
    let error = response.extensions().get::<Arc<Error>>().filter(|error| is_noted(error));
    let (Some(error), Some(user)) = (error, user) else { return response };
    let Some(n_left_out) = state.refusals.count(user, state.store.now()) else { return response };
    let details = json!({
        "method": method,
        "route": route,
        "code": error.code().code,
        "n_left_out": n_left_out,
    });
    let entry = NewEntry::new(Action::AdminRefused).with(details);
    if let Err(error) = audit::refused(&state.store.by(actor), entry).await {
        // It is refused all the same.
        tracing::error!("a refusal is not in the audit log: {error}");
    }
    response
}

fn is_noted(error: &Error) -> bool {
    error.code().status() == StatusCode::FORBIDDEN || matches!(error, Error::OperatorStays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusal_in_ten_seconds_is_noted_for_each() {
        let refusals = Refusals::default();
        let (ana, ben) = (UserId::from_u128(1), UserId::from_u128(2));
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(refusals.count(ana, at(0)), Some(0));
        assert_eq!(refusals.count(ben, at(1)), Some(0));
        assert_eq!((refusals.count(ana, at(5)), refusals.count(ana, at(9))), (None, None));
        assert_eq!(refusals.count(ana, at(10)), Some(2));
        assert_eq!(refusals.count(ana, at(20)), Some(0));
    }
}
