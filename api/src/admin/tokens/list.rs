//! `GET /v1/admin/tokens`.

use axum::extract::State;
use serde::Deserialize;
use store::{TokenId, tokens};
use utoipa::IntoParams;

use super::body::TokenBody;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Admin, Caller};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Which tokens.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<TokenId>,
}

/// List the tokens of all users, newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/tokens",
    tag = "admin",
    operation_id = "admin.tokens.list",
    params(Parameters),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "One page", body = Page<TokenBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.tokens.list", skip_all)]
pub(crate) async fn list_tokens(
    _: Caller<Admin>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<TokenBody>>> {
    let limit = pagination::limit(parameters.limit)?;
    let page = tokens::list(&state.store, parameters.after, limit).await?;
    Ok(Json(Page::of(page, |token| token.id)))
}
