//! `/docs`: Swagger UI, served from the binary, so that it works offline.

use axum::Router;
use serde_json::Value;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::state::State;

/// The page, and `/openapi.json` that it reads.
pub(crate) fn router(document: Value) -> Router<State> {
    // The page would ask a public service to judge the document; it stays here.
    let config = Config::new(["/openapi.json"]).validator_url("none").persist_authorization(false);
    SwaggerUi::new("/docs").external_url_unchecked("/openapi.json", document).config(config).into()
}
