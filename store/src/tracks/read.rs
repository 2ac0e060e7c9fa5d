//! Reading tracks.

use super::row::{Row, Track, TrackState, track_columns};
use crate::db::{Connection, fetch_all, fetch_optional};
use crate::{Page, Result, Store, TrackId, UserId};

/// Which tracks to list.
#[derive(Debug, Clone, Copy)]
pub struct ListQuery {
    /// Go on after this track.
    pub after: Option<TrackId>,
    /// Rows of a page.
    pub limit: u32,
    /// Only tracks in this state.
    pub state: Option<TrackState>,
}

/// A track of this owner.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, owner: UserId, id: TrackId) -> Result<Option<Track>> {
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        Row,
        concat!("select ", track_columns!(), " from tracks where id = $1 and owner_id = $2"),
        id,
        owner
    )?
    .map(Track::try_from)
    .transpose()
}

/// Those of some tracks that are this owner's, in any order.
///
/// # Errors
///
/// When the database fails.
pub async fn of(store: &Store, owner: UserId, ids: &[TrackId]) -> Result<Vec<Track>> {
    let mut reader = store.reader().await?;
    let rows: Vec<Row> = match reader.connection() {
        Connection::Sqlite(connection) => {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                let row = sqlx::query_as(concat!(
                    "select ",
                    track_columns!(),
                    " from tracks where id = $1 and owner_id = $2"
                ));
                rows.extend(row.bind(id).bind(owner).fetch_optional(&mut *connection).await?);
            }
            rows
        }
        Connection::Postgres(connection) => {
            let ids: Vec<uuid::Uuid> =
                ids.iter().map(|id| uuid::Uuid::from_u128(id.as_u128())).collect();
            let rows = sqlx::query_as(concat!(
                "select ",
                track_columns!(),
                " from tracks where id = any($1) and owner_id = $2"
            ));
            rows.bind(ids).bind(owner).fetch_all(connection).await?
        }
    };
    rows.into_iter().map(Track::try_from).collect()
}

/// The owner's tracks, newest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(store: &Store, owner: UserId, query: ListQuery) -> Result<Page<Track>> {
    let after = query.after.unwrap_or(TrackId::from_u128(u128::MAX));
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        concat!(
            "select ",
            track_columns!(),
            " from tracks where owner_id = $1 and id < $2 and ($3 is null or state = $3)
              order by id desc limit $4"
        ),
        owner,
        after,
        query.state.map(TrackState::as_str),
        i64::from(query.limit) + 1
    )?;
    let tracks = rows.into_iter().map(Track::try_from).collect::<Result<_>>()?;
    Ok(Page::from_one_more(tracks, query.limit))
}
