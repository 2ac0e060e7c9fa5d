//! Errors as Spotify's clients expect them.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;

/// An error in Spotify's shape.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SpotifyError)]
pub(crate) struct RefusalBody {
    /// The error.
    error: ReasonBody,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SpotifyErrorReason)]
struct ReasonBody {
    /// HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What was wrong this time.
    #[schema(example = "there is no such path or object")]
    message: String,
}

/// The status and body of an error.
///
/// What is not ready is not found here: Spotify has no such state, and its clients know 404 for an analysis that does not exist.
pub(crate) fn refusal(error: &Error) -> (StatusCode, RefusalBody) {
    let status = match error.code().status() {
        StatusCode::CONFLICT => StatusCode::NOT_FOUND,
        other => other,
    };
    let error = ReasonBody { status: status.as_u16(), message: error.detail() };
    (status, RefusalBody { error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ready_is_not_found() {
        let (status, body) = refusal(&Error::TrackNotAnalyzed);
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(
            serde_json::to_value(body).unwrap(),
            serde_json::json!({ "error": { "status": 404, "message": "the track is not analysed yet" } })
        );
        assert_eq!(refusal(&Error::Slow).0, StatusCode::SERVICE_UNAVAILABLE);
    }
}
