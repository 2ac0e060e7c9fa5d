//! `GET /v1/tracks/{id}/matches`.

use std::collections::HashMap;

use axum::extract::State;
use matching::mix::mix_advice;
use matching::{Descriptor, Purpose};
use serde::{Deserialize, Serialize};
use store::duplicates::OtherTrack;
use store::matches::MatchRecord;
use store::{Store, TrackId, UserId, descriptors, matches, tracks};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::error::{Error, Result};
use crate::extract::{Json, Path, Query};
use crate::identity::{Caller, MatchesRead};
use crate::mix::MixBody;
use crate::pagination;
use crate::part::PartBody;
use crate::problem::Problem;
use crate::purpose::PurposeBody;
use crate::state;

/// Which matches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// What for; `alike` unless told.
    #[serde(default)]
    #[param(inline, value_type = Option<PurposeBody>)]
    purpose: PurposeBody,
    /// Most matches to give; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The other track of a pair.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchedTrack)]
pub(super) struct OtherBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: TrackId,
    /// Its title.
    title: Option<String>,
    /// Its artist.
    artist: Option<String>,
    /// Name of its file; `null` if it is somebody else's.
    file_name: Option<String>,
}

impl From<OtherTrack> for OtherBody {
    fn from(track: OtherTrack) -> Self {
        let OtherTrack { id, title, artist, file_name } = track;
        Self { id, title, artist, file_name }
    }
}

/// A scored pair, seen from the track that was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Match)]
pub(crate) struct MatchBody {
    /// The other track.
    track: OtherBody,
    /// What for.
    purpose: PurposeBody,
    /// 0 to 1; one half is a typical pair.
    #[schema(example = 0.83)]
    score: f64,
    /// What each facet said.
    #[schema(value_type = Vec<PartBody>)]
    parts: serde_json::Value,
    /// One sentence of why.
    #[schema(example = "124 and 126 BPM, A minor and E minor.")]
    reason: String,
    /// How to play this track into the one that was asked for; `null` for other purposes than `mix`.
    mix: Option<MixBody>,
    /// Version of the descriptors.
    descriptor_version: u32,
    /// Version of weights and reference population.
    weights_version: u32,
    /// When the two were first scored.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    first_scored_at: OffsetDateTime,
    /// When the score or what is said of it last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    scored_at: OffsetDateTime,
    /// Counts these changes.
    version: i64,
}

impl MatchBody {
    fn new(
        record: MatchRecord,
        caller: UserId,
        purpose: PurposeBody,
        mix: Option<MixBody>,
    ) -> Self {
        let is_own = record.owner_id == caller;
        Self {
            track: OtherBody {
                id: record.track_id,
                title: record.title,
                artist: record.artist,
                file_name: record.file_name.filter(|_| is_own),
            },
            purpose,
            score: record.score,
            parts: record.parts,
            reason: record.reason,
            mix,
            descriptor_version: record.descriptor_version,
            weights_version: record.weights_version,
            first_scored_at: record.first_scored_at,
            scored_at: record.scored_at,
            version: record.version,
        }
    }
}

/// The best matches of a track.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Matches)]
pub(crate) struct MatchesBody {
    /// Best first; empty until the track is matched.
    items: Vec<MatchBody>,
}

/// List the best matches of a track.
#[utoipa::path(
    get,
    path = "/v1/tracks/{id}/matches",
    tag = "matches",
    operation_id = "tracks.matches",
    params(("id" = String, Path, description = "Id of the track"), Parameters),
    security(("token" = ["matches:read"])),
    responses(
        (status = 200, description = "The matches", body = MatchesBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.matches", skip_all, fields(track.id = %id))]
pub(crate) async fn matches(
    caller: Caller<MatchesRead>,
    Path(id): Path<TrackId>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<MatchesBody>> {
    let limit = pagination::limit(parameters.limit)?;
    let owner = caller.user_id;
    tracks::get(&state.store, owner, id).await?.ok_or(Error::NotFound)?;
    let purpose = Purpose::from(parameters.purpose).as_str();
    let records = matches::list(&state.store, owner, id, purpose, limit).await?;
    let mut advice = match parameters.purpose {
        PurposeBody::Mix => advice(&state.store, owner, id, &records).await?,
        PurposeBody::Alike | PurposeBody::Mood => HashMap::new(),
    };
    let items = records.into_iter().map(|record| {
        let mix = advice.remove(&record.track_id);
        MatchBody::new(record, owner, parameters.purpose, mix)
    });
    Ok(Json(MatchesBody { items: items.collect() }))
}

/// How to play each match into a track, from what is known of them now; nothing for those that are to be analysed again.
async fn advice(
    store: &Store,
    owner: UserId,
    id: TrackId,
    records: &[MatchRecord],
) -> Result<HashMap<TrackId, MixBody>> {
    let version = matching::DESCRIPTOR_VERSION;
    let Some(own) = descriptors::get(store, owner, id, version).await? else {
        return Ok(HashMap::new());
    };
    let own = Descriptor::from_bytes(&own.bytes)?;
    let others: Vec<TrackId> = records.iter().map(|record| record.track_id).collect();
    let mut advice = HashMap::with_capacity(others.len());
    for other in descriptors::of(store, owner, &others, version).await? {
        let descriptor = Descriptor::from_bytes(&other.bytes)?;
        advice.insert(other.track_id, mix_advice(&own, &descriptor).into());
    }
    Ok(advice)
}
