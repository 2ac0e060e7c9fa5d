//! Changing what an owner may change.

use serde_json::json;

use super::row::{Row, Track, TrackState, Visibility, tags_to_text, track_columns, without_nul};
use crate::db::{execute, fetch_optional};
use crate::events::{self, NewEvent};
use crate::jobs::{self, JobKind, NewJob};
use crate::{Error, Result, Store, TrackId, UserId, profiles};

/// What to change. `None` leaves a field as it is; `Some(None)` empties it.
#[derive(Debug, Clone, Default)]
pub struct TrackPatch {
    /// New title.
    pub title: Option<Option<String>>,
    /// New artist.
    pub artist: Option<Option<String>>,
    /// New tags.
    pub tags: Option<Vec<String>>,
    /// Whether others may be told of it.
    pub visibility: Option<Visibility>,
    /// How much it counts in its owner's profile, 0 to 10.
    pub weight: Option<f64>,
    /// Change only if this is the version that is stored.
    pub expected_version: Option<i64>,
}

/// Changes a track; `None` if the owner has no such track. New tags are matched again.
///
/// # Errors
///
/// [`Error::VersionConflict`], or when the database fails.
pub async fn update(
    store: &Store,
    owner: UserId,
    id: TrackId,
    patch: TrackPatch,
) -> Result<Option<Track>> {
    let (job_id, match_profile) = (store.new_id(), store.new_id());
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                // A write first: on PostgreSQL it locks the row that is then read.
                let n_rows = execute!(
                    tx,
                    "update tracks set version = version + 1, updated_at_us = $1 where id = $2 and owner_id = $3",
                    now,
                    id,
                    owner
                )?;
                if n_rows == 0 {
                    return Ok(None);
                }
                let select = concat!("select ", track_columns!(), " from tracks where id = $1");
                let read = |row: Option<Row>| row.map(Track::try_from).transpose();
                let Some(old) = read(fetch_optional!(tx, Row, select, id)?)? else { return Ok(None) };
                if let Some(expected) = patch.expected_version
                    && expected != old.version - 1
                {
                    return Err(Error::VersionConflict { expected, actual: old.version - 1 });
                }
                let clean = |text: Option<String>| text.map(|text| without_nul(&text));
                execute!(
                    tx,
                    "update tracks set title = $1, artist = $2, tags = $3, visibility = $5, weight = $6 where id = $4",
                    patch.title.map_or_else(|| old.title.clone(), clean),
                    patch.artist.map_or_else(|| old.artist.clone(), clean),
                    tags_to_text(patch.tags.as_ref().unwrap_or(&old.tags)),
                    id,
                    patch.visibility.unwrap_or(old.visibility).as_str(),
                    patch.weight.unwrap_or(old.weight)
                )?;
                let Some(new) = read(fetch_optional!(tx, Row, select, id)?)? else { return Ok(None) };
                if new.tags != old.tags && new.state == TrackState::Analyzed {
                    jobs::insert(tx, NewJob::new(job_id, owner, JobKind::MatchTrack, id)).await?;
                }
                if counts_differently(&old, &new) {
                    profiles::touch(tx, owner, match_profile).await?;
                }
                let event = NewEvent {
                    owner_id: owner,
                    kind: "track.updated",
                    track_id: Some(id),
                    job_id: None,
                    data: json!({ "version": new.version }),
                };
                events::append(tx, &[event]).await?;
                Ok(Some(new))
            })
        })
        .await
}

/// Whether a change is one of the owner's profile, too.
fn counts_differently(old: &Track, new: &Track) -> bool {
    let said = |track: &Track| {
        let counts = track.visibility == Visibility::Listed && track.state == TrackState::Analyzed;
        counts.then(|| (track.weight.to_bits(), track.tags.clone()))
    };
    said(old) != said(new)
}
