//! Lists of best matches: one row for each track, purpose and generation.

use std::collections::BTreeMap;

use super::entries::{Entry, from_bytes, to_bytes};
use crate::db::{Tx, execute, fetch_all, fetch_optional};
use crate::{Error, Result, Store, TrackId, UserId};

/// The best matches of a track for a purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// The generation that it is of.
    pub generation: i64,
    /// Best first.
    pub entries: Vec<Entry>,
    /// One that was in it has gone, and who comes next is not known yet.
    pub is_short: bool,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
}

impl List {
    /// Whether this says the same, of the same versions, and nothing is missing.
    pub fn is_same(
        &self,
        entries: &[Entry],
        descriptor_version: u32,
        weights_version: u32,
    ) -> bool {
        let same = |(a, b): (&Entry, &Entry)| a.0 == b.0 && a.1.to_bits() == b.1.to_bits();
        !self.is_short
            && self.descriptor_version == descriptor_version
            && self.weights_version == weights_version
            && self.entries.len() == entries.len()
            && self.entries.iter().zip(entries).all(same)
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) track_id: TrackId,
    pub(crate) purpose: String,
    pub(crate) generation: i64,
    pub(crate) entries: Vec<u8>,
    pub(crate) is_short: bool,
    pub(crate) descriptor_version: i64,
    pub(crate) weights_version: i64,
}

impl TryFrom<Row> for List {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let version = |number, column| {
            u32::try_from(number).map_err(|_| Error::Inconsistent { table: "match_lists", column })
        };
        Ok(Self {
            generation: row.generation,
            entries: from_bytes(&row.entries)?,
            is_short: row.is_short,
            descriptor_version: version(row.descriptor_version, "descriptor_version")?,
            weights_version: version(row.weights_version, "weights_version")?,
        })
    }
}

const OF_TRACK: &str = "
    select track_id, purpose, generation, entries, is_short, descriptor_version, weights_version
    from match_lists where track_id = $1 and generation <= $2 order by purpose, generation";

/// The lists of a track by purpose, as a generation sees them.
pub(crate) async fn of_track(
    tx: &mut Tx,
    track: TrackId,
    generation: i64,
) -> Result<BTreeMap<String, List>> {
    by_purpose(fetch_all!(tx, Row, OF_TRACK, track, generation)?)
}

/// The lists of tracks by track and purpose, as a generation sees them.
///
/// # Errors
///
/// When the database fails.
pub async fn of_tracks(
    store: &Store,
    tracks: &[TrackId],
    generation: i64,
) -> Result<BTreeMap<TrackId, BTreeMap<String, List>>> {
    let mut reader = store.reader().await?;
    let mut lists = BTreeMap::new();
    for track in tracks {
        lists.insert(*track, by_purpose(fetch_all!(reader, Row, OF_TRACK, track, generation)?)?);
    }
    Ok(lists)
}

/// Later generations come last and stay.
fn by_purpose(rows: Vec<Row>) -> Result<BTreeMap<String, List>> {
    rows.into_iter().map(|row| Ok((row.purpose.clone(), List::try_from(row)?))).collect()
}

/// Writes a list in the place of the one of its generation.
pub(crate) async fn put(
    tx: &mut Tx,
    owner: UserId,
    track: TrackId,
    purpose: &str,
    list: &List,
) -> Result<()> {
    execute!(
        tx,
        "insert into match_lists (track_id, purpose, generation, owner_id, entries, n_entries, floor, is_short,
                                  descriptor_version, weights_version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (track_id, purpose, generation) do update
         set entries = excluded.entries, n_entries = excluded.n_entries, floor = excluded.floor,
             is_short = excluded.is_short, descriptor_version = excluded.descriptor_version,
             weights_version = excluded.weights_version",
        track,
        purpose,
        list.generation,
        owner,
        to_bytes(&list.entries),
        i64::try_from(list.entries.len()).unwrap_or(i64::MAX),
        list.entries.last().map(|(_, score)| *score),
        list.is_short,
        i64::from(list.descriptor_version),
        i64::from(list.weights_version)
    )?;
    Ok(())
}

/// The weakest match of a list that is full: only what scores as well gets in.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Floor {
    /// The track.
    pub track_id: TrackId,
    /// What for.
    pub purpose: String,
    /// The score of its weakest match.
    pub score: f64,
}

/// The floors of an owner's tracks, as a generation sees them; of one track if it is named. A list that is not here takes any match.
///
/// # Errors
///
/// When the database fails.
pub async fn floors(
    store: &Store,
    owner: UserId,
    track: Option<TrackId>,
    generation: i64,
    n_heads: u32,
) -> Result<Vec<Floor>> {
    let mut reader = store.reader().await?;
    let n_heads = i64::from(n_heads);
    if let Some(track) = track {
        return fetch_all!(
            reader,
            Floor,
            "select l.track_id, l.purpose, l.floor as score from match_lists l
             where l.track_id = $4 and l.owner_id = $1 and l.generation <= $2 and l.n_entries >= $3 and not l.is_short
               and not exists (select 1 from match_lists n where n.track_id = l.track_id and n.purpose = l.purpose
                               and n.generation > l.generation and n.generation <= $2)",
            owner,
            generation,
            n_heads,
            track
        );
    }
    fetch_all!(
        reader,
        Floor,
        "select l.track_id, l.purpose, l.floor as score from match_lists l
         where l.owner_id = $1 and l.generation <= $2 and l.n_entries >= $3 and not l.is_short
           and not exists (select 1 from match_lists n where n.track_id = l.track_id and n.purpose = l.purpose
                           and n.generation > l.generation and n.generation <= $2)",
        owner,
        generation,
        n_heads
    )
}

/// Tracks of an owner with a list that one has gone from, by id, `limit` at most.
///
/// # Errors
///
/// When the database fails.
pub async fn short(store: &Store, owner: UserId, limit: u32) -> Result<Vec<TrackId>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (TrackId,),
        "select distinct track_id from match_lists where owner_id = $1 and is_short order by track_id limit $2",
        owner,
        i64::from(limit)
    )?;
    Ok(rows.into_iter().map(|(track,)| track).collect())
}

/// A page of the lists of one generation and purpose, by track, after `after`: with what they name.
///
/// # Errors
///
/// When the database fails.
pub async fn page(
    store: &Store,
    owner: UserId,
    generation: i64,
    purpose: &str,
    after: Option<TrackId>,
    limit: u32,
) -> Result<Vec<(TrackId, List)>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select track_id, purpose, generation, entries, is_short, descriptor_version, weights_version
         from match_lists where owner_id = $1 and generation = $2 and purpose = $3 and track_id > $4
         order by track_id limit $5",
        owner,
        generation,
        purpose,
        after.unwrap_or(TrackId::from_u128(0)),
        i64::from(limit)
    )?;
    rows.into_iter().map(|row| Ok((row.track_id, List::try_from(row)?))).collect()
}

/// The generations that an owner has lists of, ascending.
///
/// # Errors
///
/// When the database fails.
pub async fn generations(store: &Store, owner: UserId) -> Result<Vec<i64>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (i64,),
        "select distinct generation from match_lists where owner_id = $1 order by generation",
        owner
    )?;
    Ok(rows.into_iter().map(|(generation,)| generation).collect())
}

/// The generation that an owner sees.
///
/// # Errors
///
/// When the database fails.
pub async fn visible(store: &Store, owner: UserId) -> Result<i64> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(reader, (i64,), VISIBLE, owner)?;
    Ok(row.map_or(0, |(generation,)| generation))
}

const VISIBLE: &str = "select visible from match_generations where owner_id = $1";

/// The generation that an owner sees.
pub(crate) async fn visible_in(tx: &mut Tx, owner: UserId) -> Result<i64> {
    let row = fetch_optional!(tx, (i64,), VISIBLE, owner)?;
    Ok(row.map_or(0, |(generation,)| generation))
}
