//! `PUT /v1/profiles/me/answers/{id}`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::UserId;
use store::profiles::{self, Answer};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, ProfilesWrite};
use crate::problem::Problem;
use crate::state;

/// What somebody says to being offered somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Answer)]
pub(crate) enum AnswerWord {
    /// Yes: when both say so, they are connected.
    Accept,
    /// No: neither is offered to the other any more. Ends a connection.
    Decline,
    /// Not now: offered again after `later_days`. Ends a connection.
    Later,
}

impl From<AnswerWord> for Answer {
    fn from(answer: AnswerWord) -> Self {
        match answer {
            AnswerWord::Accept => Self::Accept,
            AnswerWord::Decline => Self::Decline,
            AnswerWord::Later => Self::Later,
        }
    }
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAnswer)]
pub(crate) struct NewBody {
    /// The answer; the last one counts.
    answer: AnswerWord,
}

/// What came of an answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Answered)]
pub(crate) struct AnsweredBody {
    /// Id of the other's profile.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    profile_id: UserId,
    /// The answer.
    answer: AnswerWord,
    /// Whether the two are connected now: both have accepted.
    connected: bool,
}

/// Answer an offer.
///
/// The other is told only of a connection that is made or ended.
#[utoipa::path(
    put,
    path = "/v1/profiles/me/answers/{id}",
    tag = "profiles",
    operation_id = "profiles.answer",
    params(("id" = String, Path, description = "Id of the other's profile")),
    security(("token" = ["profiles:write"])),
    request_body = NewBody,
    responses(
        (status = 200, description = "It is written down", body = AnsweredBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.profiles.answer", skip_all, fields(profile.id = %id))]
pub(crate) async fn answer(
    caller: Caller<ProfilesWrite>,
    Path(id): Path<UserId>,
    State(state): State<state::State>,
    Json(body): Json<NewBody>,
) -> Result<Json<AnsweredBody>> {
    let answer = body.answer;
    let connected = profiles::answer(&state.store, caller.user_id, id, answer.into()).await?;
    let connected = connected.ok_or(Error::NotFound)?;
    Ok(Json(AnsweredBody { profile_id: id, answer, connected }))
}
