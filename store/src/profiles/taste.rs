//! What the recordings of a profile say: read from its tracks, and kept in a few rows.

use super::row::{HEARD, MoodColumns};
use crate::db::{Tx, execute, fetch_all};
use crate::{Error, Result, Store, TrackId, UserId};

/// A listed track of a profile, as matching reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedTrack {
    /// The track.
    pub track_id: TrackId,
    /// The descriptor's bytes.
    pub bytes: Vec<u8>,
    /// Its tags.
    pub tags: Vec<String>,
    /// How much its owner wants it to count, 0 to 10.
    pub weight: f64,
    /// When it was uploaded, in microseconds since 1970.
    pub created_at_us: i64,
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    track_id: TrackId,
    bytes: Vec<u8>,
    tags: String,
    weight: f64,
    created_at_us: i64,
}

/// The listed tracks of a user that have a descriptor of this version, by id.
///
/// # Errors
///
/// When the database fails.
pub async fn listed_tracks(store: &Store, user: UserId, version: u32) -> Result<Vec<ListedTrack>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        ListedRow,
        "select d.track_id, d.bytes, t.tags, t.weight, t.created_at_us
         from tracks t join descriptors d on d.track_id = t.id and d.descriptor_version = $2
         where t.owner_id = $1 and t.visibility = 'listed' and t.state = 'analyzed' and t.weight > 0 order by t.id",
        user,
        i64::from(version)
    )?;
    let inconsistent = Error::Inconsistent { table: "tracks", column: "tags" };
    rows.into_iter()
        .map(|row| {
            Ok(ListedTrack {
                track_id: row.track_id,
                bytes: row.bytes,
                tags: serde_json::from_str(&row.tags).map_err(|_| ())?,
                weight: row.weight,
                created_at_us: row.created_at_us,
            })
        })
        .collect::<Result<_, ()>>()
        .map_err(|()| inconsistent)
}

/// What the recordings of a profile say, to be kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredTaste {
    /// Tracks that stand for all, with the share that each stands for.
    pub medoids: Vec<(TrackId, f64)>,
    /// Words of the tracks, with the share that carries each.
    pub heard: Vec<(String, f64)>,
    /// Tracks that count.
    pub n_tracks: u32,
    /// Of how many of equal weight they say as much.
    pub size: f64,
    /// Where they lie.
    pub mood: Option<MoodColumns>,
}

/// A track that stands for some of a profile's.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct StoredMedoid {
    /// Whose it is.
    pub user_id: UserId,
    /// The track.
    pub track_id: TrackId,
    /// The share that it stands for.
    pub weight: f64,
    /// The descriptor's bytes.
    pub bytes: Vec<u8>,
}

/// The medoids of the profiles from `first` to `last`, with their descriptors of this version. Those that have been unlisted
/// since are left out.
///
/// # Errors
///
/// When the database fails.
pub async fn medoids(
    store: &Store,
    first: UserId,
    last: UserId,
    version: u32,
) -> Result<Vec<StoredMedoid>> {
    let mut reader = store.reader().await?;
    fetch_all!(
        reader,
        StoredMedoid,
        "select m.user_id, m.track_id, m.weight, d.bytes
         from profile_medoids m
         join profiles p on p.user_id = m.user_id and p.discoverable
         join tracks t on t.id = m.track_id and t.visibility = 'listed'
         join descriptors d on d.track_id = m.track_id and d.descriptor_version = $3
         where m.user_id >= $1 and m.user_id <= $2 order by m.user_id, m.track_id",
        first,
        last,
        i64::from(version)
    )
}

/// Puts a taste in the place of the one that is kept; what is the same is not written. The caller holds the row of the profile.
pub(super) async fn replace(tx: &mut Tx, user: UserId, taste: &StoredTaste) -> Result<()> {
    let kept = fetch_all!(
        tx,
        (TrackId, f64),
        "select track_id, weight from profile_medoids where user_id = $1 order by track_id",
        user
    )?;
    if kept != taste.medoids {
        replace_medoids(tx, user, &taste.medoids).await?;
    }
    let mut kept = fetch_all!(
        tx,
        (String, f64),
        "select tag, weight from profile_tags where user_id = $1 and kind = $2",
        user,
        HEARD
    )?;
    // Here and not in the query: databases do not sort texts alike.
    kept.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if kept != taste.heard {
        replace_heard(tx, user, &taste.heard).await?;
    }
    let mood = |values: fn(&MoodColumns) -> f64| taste.mood.as_ref().map(values);
    execute!(
        tx,
        "update profiles set n_tracks = $2, size = $3, mood_method = $4, valence_mean = $5, valence_std = $6,
             arousal_mean = $7, arousal_std = $8, tension_mean = $9, tension_std = $10
         where user_id = $1",
        user,
        i64::from(taste.n_tracks),
        taste.size,
        taste.mood.map(|mood| i64::from(mood.method)),
        mood(|mood| mood.mean[0]),
        mood(|mood| mood.std[0]),
        mood(|mood| mood.mean[1]),
        mood(|mood| mood.std[1]),
        mood(|mood| mood.mean[2]),
        mood(|mood| mood.std[2])
    )?;
    Ok(())
}

async fn replace_medoids(tx: &mut Tx, user: UserId, medoids: &[(TrackId, f64)]) -> Result<()> {
    execute!(tx, "delete from profile_medoids where user_id = $1", user)?;
    for (track, weight) in medoids {
        // Unlisted or deleted since it was read: another job is on its way.
        execute!(
            tx,
            "insert into profile_medoids (user_id, track_id, weight)
             select owner_id, id, $3 from tracks where id = $2 and owner_id = $1 and visibility = 'listed'",
            user,
            *track,
            *weight
        )?;
    }
    Ok(())
}

async fn replace_heard(tx: &mut Tx, user: UserId, heard: &[(String, f64)]) -> Result<()> {
    execute!(tx, "delete from profile_tags where user_id = $1 and kind = $2", user, HEARD)?;
    for (tag, weight) in heard {
        execute!(
            tx,
            "insert into profile_tags (user_id, kind, tag, weight) values ($1, $2, $3, $4) on conflict do nothing",
            user,
            HEARD,
            tag,
            *weight
        )?;
    }
    Ok(())
}
