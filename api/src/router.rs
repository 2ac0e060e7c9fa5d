//! The list of routes, and the layers around them.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::detach::detach;
use crate::error::Error;
use crate::identity::authenticate;
use crate::request::observe;
use crate::state::State;
use crate::{
    compare, docs, events, health, jobs, metrics, openapi as document, problems, security_headers,
    tracks,
};

fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(document::head())
        .routes(routes!(tracks::create, tracks::list))
        .routes(routes!(tracks::get, tracks::update, tracks::delete))
        .routes(routes!(tracks::report))
        .routes(routes!(tracks::audio))
        .routes(routes!(tracks::matches))
        .routes(routes!(compare::compare))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::get))
        .routes(routes!(jobs::cancel))
        .routes(routes!(events::get))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::get))
        .routes(routes!(problems::get))
}

/// The OpenAPI document, as `/openapi.json` gives it.
pub fn openapi() -> OpenApi {
    document::with_common_errors(routes().into_openapi())
}

/// All routes with all layers.
pub fn router(state: State) -> Router {
    let (routes, _) = routes().split_for_parts();
    routes
        .merge(docs::router(openapi()))
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        // The last layer is the outermost one.
        .layer(from_fn_with_state(state.clone(), authenticate))
        .layer(from_fn_with_state(state.clone(), detach))
        .layer(from_fn(security_headers::add))
        .layer(from_fn(observe))
        .with_state(state)
}
