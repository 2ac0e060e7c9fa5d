//! `GET /v1/tracks/{id}/duplicates`.

use std::sync::Arc;

use axum::extract::State;
use matching::{MIN_SHARED_KEYS, SameRecording, same_recording};
use report::Details;
use serde::Serialize;
use store::duplicates::{self, OtherTrack};
use store::{Store, TrackId, UserId, reports, tracks};
use utoipa::ToSchema;

use super::matches::OtherBody;
use super::report::no_report;
use crate::compute::compute;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksRead};
use crate::problem::Problem;
use crate::state;

/// Most duplicates that are given.
const MAX_ITEMS: usize = 50;
/// Most fingerprints that are compared for one answer.
const MAX_CANDIDATES: usize = 200;

/// How a track is a duplicate.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DuplicateKind)]
enum KindBody {
    /// Every decoded sample is the same.
    SameAudio,
    /// The same recording by its fingerprint: another codec, level or cut.
    SameRecording,
}

/// Another track with the same recording.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Duplicate)]
pub(crate) struct DuplicateBody {
    /// The other track.
    track: OtherBody,
    /// How it is a duplicate.
    kind: KindBody,
    /// Share of the shorter one that sounds the same in the other, 0.8 to 1.
    #[schema(example = 0.98)]
    overlap: f64,
    /// Mean number of bits of 32 in which the fingerprints differ there, 0 to 6.
    #[schema(example = 1.2)]
    bit_error: f64,
    /// How much later the sound is in the other track, seconds, to 0.12 s.
    #[schema(example = -4.95)]
    offset_s: f64,
}

impl DuplicateBody {
    fn same_audio(track: OtherTrack) -> Self {
        let (kind, track) = (KindBody::SameAudio, track.into());
        Self { track, kind, overlap: 1.0, bit_error: 0.0, offset_s: 0.0 }
    }

    fn same_recording(track: OtherTrack, found: SameRecording) -> Self {
        let SameRecording { overlap, bit_error, offset_s } = found;
        Self { track: track.into(), kind: KindBody::SameRecording, overlap, bit_error, offset_s }
    }
}

/// The duplicates of a track.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Duplicates)]
pub(crate) struct DuplicatesBody {
    /// Those with the same audio first, then by `bit_error`; at most 50.
    items: Vec<DuplicateBody>,
}

/// List your other tracks that are the same recording.
///
/// They are told, never merged.
#[utoipa::path(
    get,
    path = "/v1/tracks/{id}/duplicates",
    tag = "tracks",
    operation_id = "tracks.duplicates",
    params(("id" = String, Path, description = "Id of the track")),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The duplicates", body = DuplicatesBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.duplicates", skip_all, fields(track.id = %id))]
pub(crate) async fn duplicates(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
) -> Result<Json<DuplicatesBody>> {
    let (store, owner) = (&state.store, caller.user_id);
    let track = tracks::get(store, owner, id).await?.ok_or(Error::NotFound)?;
    let Some(stored) = reports::get(store, owner, id).await? else { return Err(no_report(track)) };
    let version = stored.analysis_version;
    let limit = u32::try_from(MAX_ITEMS).unwrap_or(u32::MAX);
    let same_audio = duplicates::same_audio(store, owner, id, version, limit).await?;
    let found = same_recordings(store, owner, id, version, &same_audio).await?;
    let items = same_audio.into_iter().map(DuplicateBody::same_audio).chain(found);
    Ok(Json(DuplicatesBody { items: items.take(MAX_ITEMS).collect() }))
}

/// The tracks with the same recording that are not among `known`, those that agree best first.
async fn same_recordings(
    store: &Store,
    owner: UserId,
    id: TrackId,
    version: u32,
    known: &[OtherTrack],
) -> Result<Vec<DuplicateBody>> {
    let candidates =
        duplicates::candidates(store, owner, id, version, MIN_SHARED_KEYS, MAX_CANDIDATES).await?;
    let mut others = candidates
        .into_iter()
        .map(|candidate| candidate.track_id)
        .filter(|other| known.iter().all(|track| track.id != *other))
        .peekable();
    if others.peek().is_none() {
        return Ok(Vec::new());
    }
    let Some(words) = fingerprint(store, owner, id, version).await? else { return Ok(Vec::new()) };
    let words = Arc::new(words);
    let mut found: Vec<DuplicateBody> = Vec::new();
    // One after the other: only two fingerprints are in memory, and other requests get their turns between them.
    for other in others {
        let Some(theirs) = fingerprint(store, owner, other, version).await? else { continue };
        let ours = Arc::clone(&words);
        let Some(same) = compute(move || same_recording(&ours, &theirs)).await? else { continue };
        // It may have been deleted meanwhile.
        if let Some(track) = duplicates::other_track(store, owner, other).await? {
            found.push(DuplicateBody::same_recording(track, same));
        }
        if known.len() + found.len() >= MAX_ITEMS {
            break;
        }
    }
    found.sort_by(|a, b| a.bit_error.total_cmp(&b.bit_error));
    Ok(found)
}

/// The fingerprint in the details of a track; `None` if it has none.
async fn fingerprint(
    store: &Store,
    owner: UserId,
    id: TrackId,
    version: u32,
) -> Result<Option<Vec<u32>>> {
    let Some(bytes) = reports::details(store, owner, id, version).await? else { return Ok(None) };
    let words = compute(move || Details::fingerprint_from_bytes(&bytes)).await??;
    Ok(Some(words).filter(|words| !words.is_empty()))
}
