//! `OPTIONS /v1/uploads/tus`.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;

use super::TUS_PATH;
use super::checksum::ALGORITHMS;
use super::protocol::VERSION;
use crate::identity::{Caller, TracksWrite};
use crate::state;

/// Say what is spoken of tus.
#[utoipa::path(
    options,
    path = TUS_PATH,
    tag = "uploads",
    operation_id = "uploads.tus.options",
    security(("token" = ["tracks:write"])),
    responses(
        (status = 204, description = "What is spoken", headers(
            ("Tus-Resumable" = String, description = "`1.0.0`"),
            ("Tus-Version" = String, description = "`1.0.0`"),
            ("Tus-Extension" = String, description = "Extensions"),
            ("Tus-Checksum-Algorithm" = String, description = "Algorithms for `Upload-Checksum`"),
            ("Tus-Max-Size" = u64, description = "Largest recording, bytes"),
        )),
    )
)]
pub(crate) async fn options(
    _: Caller<TracksWrite>,
    State(state): State<state::State>,
) -> impl IntoResponse {
    let name = HeaderName::from_static;
    let headers = [
        (name("tus-version"), VERSION),
        (
            name("tus-extension"),
            HeaderValue::from_static(
                "creation,creation-with-upload,expiration,checksum,termination",
            ),
        ),
        (name("tus-checksum-algorithm"), HeaderValue::from_static(ALGORITHMS)),
        (name("tus-max-size"), state.config.max_upload_bytes.into()),
    ];
    (StatusCode::NO_CONTENT, headers)
}
