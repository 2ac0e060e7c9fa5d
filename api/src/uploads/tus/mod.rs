//! `/v1/uploads/tus`: uploads that resume, by tus 1.0.0 (<https://tus.io/protocols/resumable-upload>) with the extensions `creation`, `creation-with-upload`,
//! `expiration`, `checksum` and `termination`.

mod append;
mod checksum;
mod create;
mod delete;
mod headers;
mod instead;
mod metadata;
mod options;
mod protocol;
mod receive;
mod tell;

use axum::middleware::from_fn;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::State;

/// Where uploads are begun.
pub(crate) const TUS_PATH: &str = "/v1/uploads/tus";
/// One upload.
pub(crate) const TUS_UPLOAD_PATH: &str = "/v1/uploads/tus/{id}";

/// All of it.
pub(crate) fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(options::options, create::create))
        .routes(routes!(tell::tell, append::append, delete::delete, instead::instead))
        .route_layer(from_fn(protocol::speak))
}
