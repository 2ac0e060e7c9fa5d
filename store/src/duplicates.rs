//! Duplicates: which other tracks of an owner have the same sound, and which may be the same recording.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::db::{Connection, Tx, execute, fetch_all, fetch_optional};
use crate::{Result, Store, TrackId, UserId};

/// Keys of a track that are looked up.
const MAX_KEYS: i64 = 64;
/// Tracks that are looked at for one key. A key that more of them have says little.
const MAX_TRACKS_PER_KEY: i64 = 500;

/// Another track of the same owner.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OtherTrack {
    /// The track.
    pub id: TrackId,
    /// Its title.
    pub title: Option<String>,
    /// Its artist.
    pub artist: Option<String>,
    /// What it was called when it was uploaded.
    pub file_name: Option<String>,
}

/// A track whose fingerprint may be that of the same recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The track.
    pub track_id: TrackId,
    /// Keys that both have.
    pub n_shared: usize,
}

/// The owner's other tracks whose decoded sound is that of this one, sample by sample; by id, `limit` at most.
///
/// # Errors
///
/// When the database fails.
pub async fn same_audio(
    store: &Store,
    owner: UserId,
    track: TrackId,
    analysis_version: u32,
    limit: u32,
) -> Result<Vec<OtherTrack>> {
    let mut reader = store.reader().await?;
    fetch_all!(
        reader,
        OtherTrack,
        "select distinct t.id, t.title, t.artist, t.file_name
         from reports own
         join reports other on other.owner_id = own.owner_id and other.pcm_hash = own.pcm_hash
          and other.track_id <> own.track_id
         join tracks t on t.id = other.track_id
         where own.track_id = $1 and own.analysis_version = $2 and own.owner_id = $3
         order by t.id limit $4",
        track,
        i64::from(analysis_version),
        owner,
        i64::from(limit)
    )
}

/// The owner's other tracks that share at least `n_shared` keys with this one under the same analysis version: those
/// that share most first, then by id; `limit` at most.
///
/// # Errors
///
/// When the database fails.
pub async fn candidates(
    store: &Store,
    owner: UserId,
    track: TrackId,
    analysis_version: u32,
    n_shared: usize,
    limit: usize,
) -> Result<Vec<Candidate>> {
    let mut reader = store.reader().await?;
    let version = i64::from(analysis_version);
    let keys = fetch_all!(
        reader,
        (i64,),
        "select key from fingerprint_keys
         where track_id = $1 and analysis_version = $2 and owner_id = $3 order by key limit $4",
        track,
        version,
        owner,
        MAX_KEYS
    )?;
    let mut n_by_track: HashMap<TrackId, usize> = HashMap::new();
    // Key by key, so that one that all tracks have cannot make this long.
    for (key,) in keys {
        let tracks = fetch_all!(
            reader,
            (TrackId,),
            "select track_id from fingerprint_keys
             where owner_id = $1 and analysis_version = $2 and key = $3 and track_id <> $4
             order by track_id limit $5",
            owner,
            version,
            key,
            track,
            MAX_TRACKS_PER_KEY
        )?;
        for (other,) in tracks {
            *n_by_track.entry(other).or_default() += 1;
        }
    }
    let mut found: Vec<Candidate> = n_by_track
        .into_iter()
        .map(|(track_id, n_shared)| Candidate { track_id, n_shared })
        .filter(|candidate| candidate.n_shared >= n_shared)
        .collect();
    found.sort_unstable_by_key(|candidate| (Reverse(candidate.n_shared), candidate.track_id));
    found.truncate(limit);
    Ok(found)
}

/// A track of this owner, as it is shown beside another.
///
/// # Errors
///
/// When the database fails.
pub async fn other_track(store: &Store, owner: UserId, id: TrackId) -> Result<Option<OtherTrack>> {
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        OtherTrack,
        "select id, title, artist, file_name from tracks where id = $1 and owner_id = $2",
        id,
        owner
    )
}

/// Those of some tracks that are this owner's, as they are shown beside another; in any order.
///
/// # Errors
///
/// When the database fails.
pub async fn other_tracks(
    store: &Store,
    owner: UserId,
    ids: &[TrackId],
) -> Result<Vec<OtherTrack>> {
    let mut reader = store.reader().await?;
    match reader.connection() {
        Connection::Sqlite(connection) => {
            let mut tracks = Vec::with_capacity(ids.len());
            for id in ids {
                let row = sqlx::query_as(
                    "select id, title, artist, file_name from tracks where id = $1 and owner_id = $2",
                );
                tracks.extend(row.bind(id).bind(owner).fetch_optional(&mut *connection).await?);
            }
            Ok(tracks)
        }
        Connection::Postgres(connection) => {
            let ids: Vec<uuid::Uuid> =
                ids.iter().map(|id| uuid::Uuid::from_u128(id.as_u128())).collect();
            let rows = sqlx::query_as(
                "select id, title, artist, file_name from tracks where id = any($1) and owner_id = $2",
            );
            Ok(rows.bind(ids).bind(owner).fetch_all(connection).await?)
        }
    }
}

/// Writes the keys of a report. Those that are there already stay: they were made from the same bytes by the same code.
pub(crate) async fn write_keys(
    tx: &mut Tx,
    owner: UserId,
    track: TrackId,
    analysis_version: u32,
    keys: &[u32],
) -> Result<()> {
    // All in one statement; only how a list becomes rows differs. `where true` keeps SQLite from reading `on` as a join.
    let sql = match tx.connection() {
        Connection::Sqlite(_) => {
            "insert into fingerprint_keys (track_id, analysis_version, owner_id, key)
             select $1, $2, $3, value from json_each($4) where true
             on conflict (track_id, analysis_version, key) do nothing"
        }
        Connection::Postgres(_) => {
            "insert into fingerprint_keys (track_id, analysis_version, owner_id, key)
             select $1, $2, $3, value::bigint from json_array_elements_text($4::json)
             on conflict (track_id, analysis_version, key) do nothing"
        }
    };
    let keys = serde_json::Value::from(keys).to_string();
    execute!(tx, sql, track, i64::from(analysis_version), owner, keys)?;
    Ok(())
}
