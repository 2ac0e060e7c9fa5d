//! `GET /v1/profiles/me/matches`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::TrackId;
use store::profiles::{self, MatchCursor, MatchedTrack, ProfileMatch};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use super::body::VisibleBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Query};
use crate::identity::{Caller, MatchesRead};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Hexadecimal digits of a score in a cursor; the id of the other follows.
const SCORE_DIGITS: usize = 16;

/// Which matches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
}

/// A part of a score of two people. The contributions sum to the evidence e, and the score is the product of the `fits` times
/// 1 / (1 + exp(−e)).
#[derive(ToSchema)]
#[schema(as = PeoplePart)]
#[expect(dead_code, reason = "describes in the OpenAPI document what is stored")]
struct PartBody {
    /// `recordings`, `words` or `moods`.
    #[schema(example = "words")]
    part: String,
    /// Agreement, 0 to 1.
    raw: f64,
    /// Agreement of a typical pair.
    typical: f64,
    /// How far the agreement can be trusted, 0 to 1.
    confidence: f64,
    /// The agreement, drawn towards the typical one as far as it cannot be trusted.
    estimate: f64,
    /// Weight of the part.
    weight: f64,
    /// What this adds to the evidence; below 0 where the two agree less than a typical pair.
    contribution: f64,
    /// The values behind it.
    #[schema(example = "they play bass, which you look for, both into dub")]
    detail: String,
}

/// A wish, and how it is met.
#[derive(ToSchema)]
#[schema(as = PeopleFit)]
#[expect(dead_code, reason = "describes in the OpenAPI document what is stored")]
struct FitBody {
    /// `place` or `availability`.
    fit: String,
    /// What the score is multiplied by.
    factor: f64,
    /// The values behind it.
    #[schema(example = "about 20 km apart")]
    detail: String,
}

/// Something that the caller could do.
#[derive(ToSchema)]
#[schema(as = Raise)]
#[expect(dead_code, reason = "describes in the OpenAPI document what is stored")]
struct RaiseBody {
    /// What to do.
    #[schema(example = "Look for bass, which they play.")]
    what: String,
    /// The score then; `null` where that is not known.
    score: Option<f64>,
}

/// What the caller reads of a score.
#[derive(ToSchema)]
#[schema(as = PeopleView)]
#[expect(dead_code, reason = "describes in the OpenAPI document what is stored")]
struct ViewBody {
    /// One sentence of why.
    #[schema(
        example = "They play bass, which you look for, similar recordings, about 20 km apart."
    )]
    reason: String,
    /// What compares.
    parts: Vec<PartBody>,
    /// What the score is multiplied by.
    fits: Vec<FitBody>,
    /// How much of what the caller's recordings are the other's have, 0 to 1.
    affinity_theirs: Option<f64>,
    /// The other way round.
    affinity_yours: Option<f64>,
    /// What would raise the score, the most promising first.
    raise: Vec<RaiseBody>,
}

/// A track that a match names. Only listed tracks are named.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NamedTrack)]
struct TrackBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: TrackId,
    /// Its title.
    title: Option<String>,
    /// Its artist.
    artist: Option<String>,
}

impl From<MatchedTrack> for TrackBody {
    fn from(track: MatchedTrack) -> Self {
        let MatchedTrack { id, title, artist } = track;
        Self { id, title, artist }
    }
}

/// A person who is offered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PeopleMatch)]
pub(crate) struct MatchBody {
    /// The other person.
    profile: VisibleBody,
    /// 0 to 1; one half is a typical pair.
    #[schema(example = 0.71)]
    score: f64,
    /// Why.
    #[schema(value_type = ViewBody)]
    why: serde_json::Value,
    /// The caller's track that is most like one of the other's, among those that stand for all.
    own_track: Option<TrackBody>,
    /// The other's track; `null` when it is not listed any more.
    other_track: Option<TrackBody>,
    /// `later`, if the caller said so a while ago.
    answer: Option<String>,
    /// Version of the descriptors.
    descriptor_version: u32,
    /// Version of weights and reference population.
    weights_version: u32,
    /// When the two were first scored.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    first_scored_at: OffsetDateTime,
    /// When score or reasons last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    scored_at: OffsetDateTime,
    /// Counts these changes.
    version: i64,
}

impl From<ProfileMatch> for MatchBody {
    fn from(found: ProfileMatch) -> Self {
        Self {
            profile: found.profile.into(),
            score: found.score,
            why: found.view,
            own_track: found.own_track.map(Into::into),
            other_track: found.other_track.map(Into::into),
            answer: found.answer,
            descriptor_version: found.descriptor_version,
            weights_version: found.weights_version,
            first_scored_at: found.first_scored_at,
            scored_at: found.scored_at,
            version: found.version,
        }
    }
}

/// List the people who go with the caller, best first.
///
/// Empty unless the caller's profile is discoverable. People who have been answered are left out, and those who declined.
#[utoipa::path(
    get,
    path = "/v1/profiles/me/matches",
    tag = "profiles",
    operation_id = "profiles.matches",
    params(Parameters),
    security(("token" = ["matches:read"])),
    responses(
        (status = 200, description = "One page", body = Page<MatchBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.profiles.matches", skip_all)]
pub(crate) async fn matches(
    caller: Caller<MatchesRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<MatchBody>>> {
    let limit = pagination::limit(parameters.limit)?;
    let after = parameters.after.as_deref().map(read).transpose()?;
    let later_us = state.config.later_us();
    let page = profiles::matches(&state.store, caller.user_id, after, later_us, limit).await?;
    let next = page.items.last().filter(|_| page.has_more).map(written);
    Ok(Json(Page { items: page.items.into_iter().map(MatchBody::from).collect(), next }))
}

/// The cursor after a match.
fn written(last: &ProfileMatch) -> String {
    format!("{:016x}{}", last.score.to_bits(), last.profile.user_id)
}

fn read(cursor: &str) -> Result<MatchCursor> {
    let malformed = || Error::MalformedQuery("after is not a `next` of this list".to_owned());
    let (score, id) = cursor.split_at_checked(SCORE_DIGITS).ok_or_else(malformed)?;
    let score = u64::from_str_radix(score, 16).map(f64::from_bits).map_err(|_| malformed())?;
    let other_id = id.parse().map_err(|_| malformed())?;
    if (0.0..=1.0).contains(&score) {
        Ok(MatchCursor { score, other_id })
    } else {
        Err(malformed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_a_score_and_an_id() {
        let id = store::UserId::from_u128(77);
        let text = format!("{:016x}{id}", 0.7_f64.to_bits());
        let cursor = read(&text).unwrap();
        assert_eq!((cursor.score.to_bits(), cursor.other_id), (0.7_f64.to_bits(), id));
        for bad in ["", "x", "ffffffffffffffff", &format!("7ff8000000000000{id}"), "ééééééééé"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
