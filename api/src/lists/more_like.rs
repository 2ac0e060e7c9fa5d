//! `POST /v1/playlists/more-like`.

use std::collections::{BTreeMap, HashSet};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::TrackId;
use utoipa::ToSchema;

use super::answer::{PairBody, TrackBody};
use super::filter::{By, FilterBody};
use super::find::{self, Fitting, Order};
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Caller, MatchesRead};
use crate::pagination;
use crate::problem::Problem;
use crate::purpose::PurposeBody;
use crate::state;

/// Most likes, and most dislikes.
const MAX_IDS: usize = 32;

/// What others shall be like.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Likes)]
pub(crate) struct LikesBody {
    /// What they shall be like, all of it.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 32)]
    like: Vec<TrackId>,
    /// What they shall not be like.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 32)]
    less_like: Vec<TrackId>,
    /// What for; `alike` unless told.
    #[serde(default)]
    #[schema(required = false)]
    purpose: PurposeBody,
    /// Weights in the place of the purpose's, by facet.
    #[schema(example = json!({"timbre": 1.0, "emotion": 0.5}))]
    weights: Option<BTreeMap<String, f64>>,
    /// What a track has to be.
    #[serde(default)]
    #[schema(required = false)]
    filter: FilterBody,
    /// Most tracks to give; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A score with one of the tracks that were named.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScoreWith)]
pub(crate) struct WithBody {
    /// The track that was named.
    #[schema(value_type = String)]
    id: TrackId,
    /// 0 to 1; `null` where nothing compares, which does not count.
    score: Option<f64>,
}

/// How a track goes with the one of the likes that is nearest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClosestLike)]
pub(crate) struct ClosestBody {
    /// The like.
    #[schema(value_type = String)]
    id: TrackId,
    /// How they go together.
    #[serde(flatten)]
    pair: PairBody,
}

/// A track that fits. It adds up: `score` is `1 / (1 + exp(disliked - liked))`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FittingTrack)]
pub(crate) struct FittingBody {
    /// The track.
    track: TrackBody,
    /// 0 to 1; one half is a typical track.
    score: f64,
    /// Evidence for it: a soft minimum of the logits of its scores with the likes, `-ln(mean(exp(-logit)))`.
    liked: f64,
    /// Evidence against it: the largest logit of its scores with the dislikes, 0 if none is above a half.
    disliked: f64,
    /// Its score with each like.
    likes: Vec<WithBody>,
    /// Its score with each dislike.
    dislikes: Vec<WithBody>,
    /// The like that is nearest, and why.
    closest: ClosestBody,
}

/// What fits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FittingTracks)]
pub(crate) struct FittingsBody {
    /// Best first.
    items: Vec<FittingBody>,
}

/// List your tracks that are more like some and less like others.
///
/// What is named, and recordings that are the same by every measure, are left out.
#[utoipa::path(
    post,
    path = "/v1/playlists/more-like",
    tag = "playlists",
    operation_id = "playlists.more_like",
    request_body = LikesBody,
    security(("token" = ["matches:read"])),
    responses(
        (status = 200, description = "What fits", body = FittingsBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`, `track_stale`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `unknown_facet`, `negative_weight`, `weight_not_finite`, `no_weight`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.playlists.more_like", skip_all)]
pub(crate) async fn more_like(
    caller: Caller<MatchesRead>,
    State(state): State<state::State>,
    Json(body): Json<LikesBody>,
) -> Result<Json<FittingsBody>> {
    let LikesBody { like, less_like, purpose, weights, filter, limit } = body;
    let limit = pagination::limit(limit)? as usize;
    let mut seen = HashSet::new();
    let likes = ids("like", like, &mut seen)?;
    if likes.is_empty() {
        return Err(Error::invalid("like", "must name at least one track"));
    }
    let dislikes = ids("less_like", less_like, &mut seen)?;
    let By { weighting, wanted } = By::new(purpose, weights.as_ref(), &filter)?;
    let order = Order { weighting, wanted, each_once: true, limit };
    let found = find::more_like(&state.store, caller.user_id, &likes, &dislikes, order).await?;
    let items = found.into_iter().map(|fitting| body_of(fitting, &likes, &dislikes));
    Ok(Json(FittingsBody { items: items.collect() }))
}

/// Ids that are not too many and that nobody has named before.
fn ids(field: &str, ids: Vec<TrackId>, seen: &mut HashSet<TrackId>) -> Result<Vec<TrackId>> {
    if ids.len() > MAX_IDS {
        return Err(Error::invalid(field, format!("must name at most {MAX_IDS} tracks")));
    }
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(id) => Err(Error::invalid(field, format!("names {id}, which is named already"))),
        None => Ok(ids),
    }
}

fn body_of(fitting: Fitting, likes: &[TrackId], dislikes: &[TrackId]) -> FittingBody {
    let Fitting { track, fit, closest: (id, pair) } = fitting;
    let with = |ids: &[TrackId], scores: Vec<Option<f64>>| {
        ids.iter().zip(scores).map(|(id, score)| WithBody { id: *id, score }).collect()
    };
    FittingBody {
        track: track.into(),
        score: fit.score,
        liked: fit.liked,
        disliked: fit.disliked,
        likes: with(likes, fit.likes),
        dislikes: with(dislikes, fit.dislikes),
        closest: ClosestBody { id, pair: pair.into() },
    }
}
