//! The list of routes, and the layers around them.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use serde_json::Value;

use crate::cors::share;
use crate::detach::detach;
use crate::error::Error;
use crate::identity::authenticate;
use crate::linger::linger;
use crate::maintenance::refuse;
use crate::rate_limit::{by_address, by_caller};
use crate::request::observe;
use crate::state::State;
use crate::{
    admin, analytics, auth, compare, docs, events, health, imports, jobs, lists, metrics,
    openapi as openapi_document, problems, profiles, runs, security_headers, spotify, subsonic,
    tracks, uploads,
};

fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(openapi_document::head())
        .routes(routes!(tracks::create, tracks::list))
        .routes(routes!(tracks::batch))
        .routes(routes!(tracks::get, tracks::update, tracks::delete))
        .routes(routes!(tracks::report))
        .routes(routes!(tracks::reports))
        .routes(routes!(tracks::audio))
        .routes(routes!(tracks::matches))
        .routes(routes!(tracks::duplicates))
        .routes(routes!(uploads::create))
        .routes(routes!(uploads::get, uploads::delete))
        .routes(routes!(uploads::parts))
        .routes(routes!(uploads::put_part))
        .routes(routes!(uploads::complete))
        .merge(uploads::tus_routes())
        .routes(routes!(imports::create))
        .routes(routes!(compare::compare))
        .routes(routes!(lists::search))
        .routes(routes!(lists::path))
        .routes(routes!(lists::more_like))
        .routes(routes!(spotify::features))
        .routes(routes!(spotify::several))
        .routes(routes!(spotify::analysis))
        .routes(routes!(profiles::me, profiles::update))
        .routes(routes!(profiles::matches))
        .routes(routes!(profiles::answer))
        .routes(routes!(profiles::connections))
        .routes(routes!(profiles::get))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::get))
        .routes(routes!(jobs::cancel))
        .routes(routes!(runs::create, runs::list))
        .routes(routes!(runs::get))
        .routes(routes!(runs::cancel))
        .routes(routes!(analytics::throughput))
        .routes(routes!(analytics::latency))
        .routes(routes!(analytics::failures))
        .routes(routes!(analytics::queue))
        .routes(routes!(events::get))
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::change))
        .routes(routes!(auth::me))
        .routes(routes!(admin::create_user, admin::list_users))
        .routes(routes!(admin::get_user, admin::update_user, admin::delete_user))
        .routes(routes!(admin::reset_password))
        .routes(routes!(admin::create_token, admin::list_tokens))
        .routes(routes!(admin::revoke_token))
        .routes(routes!(admin::list_jobs))
        .routes(routes!(admin::retry_jobs))
        .routes(routes!(admin::get_job))
        .routes(routes!(admin::retry_job))
        .routes(routes!(admin::cancel_job))
        .routes(routes!(admin::list_audit))
        .routes(routes!(admin::verify_audit))
        .routes(routes!(admin::get_maintenance, admin::set_maintenance))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::get))
        .routes(routes!(problems::list))
        .routes(routes!(problems::get))
}

/// The OpenAPI document, as `/openapi.json` gives it.
pub fn openapi() -> Value {
    openapi_document::finished(routes().into_openapi())
}

/// All routes with all layers.
pub fn router(state: State) -> Router {
    let (routes, document) = routes().split_for_parts();
    let limit = state.config.request_timeout();
    routes
        .merge(spotify::aliases())
        .merge(subsonic::router())
        .merge(docs::router(openapi_document::finished(document)))
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        // The last layer is the outermost one.
        .layer(from_fn_with_state(state.clone(), refuse))
        .layer(from_fn_with_state(state.clone(), admin::note))
        .layer(from_fn_with_state(state.clone(), by_caller))
        .layer(from_fn_with_state(state.clone(), authenticate))
        .layer(from_fn_with_state(limit, detach))
        .layer(from_fn_with_state(state.clone(), by_address))
        .layer(from_fn(linger))
        .layer(from_fn_with_state(state.clone(), share))
        .layer(from_fn(security_headers::add))
        .layer(from_fn(observe))
        .with_state(state)
}
