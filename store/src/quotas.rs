//! What users may keep.
//!
//! Use is counted when it is asked, by one query that reads an index only: counters beside the rows would have to be right in every place that adds, removes
//! or analyses a track. Users without limits, who are the rule, pay nothing.

use serde_json::{Value, json};

use crate::audit::{self, Action, NewEntry};
use crate::db::{Connection, Tx, execute, fetch_one, fetch_optional};
use crate::{Error, Result, Store, UserId};

/// How much a user may keep; `None` is without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of recordings.
    pub n_bytes: Option<u64>,
    /// Recordings.
    pub n_tracks: Option<u64>,
    /// Minutes of sound.
    pub n_minutes: Option<u64>,
}

/// How much a user keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Bytes of recordings.
    pub n_bytes: u64,
    /// Recordings.
    pub n_tracks: u64,
    /// Seconds of sound in those that are analysed: of the others nobody knows.
    pub duration_s: f64,
}

/// What a user keeps, will keep when open uploads are done, and may keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// What the user may keep.
    pub quota: Quota,
    /// What the user keeps.
    pub usage: Usage,
    /// Uploads in pieces that are open.
    pub n_open_uploads: u64,
    /// Bytes that they announced.
    pub n_open_bytes: u64,
}

/// Another limit for one user: `None` leaves it, `Some(None)` is what the installation allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuotaPatch {
    /// Bytes of recordings.
    pub n_bytes: Option<Option<u64>>,
    /// Recordings.
    pub n_tracks: Option<Option<u64>>,
    /// Minutes of sound.
    pub n_minutes: Option<Option<u64>>,
}

/// The limits that hold in a transaction which adds a track.
pub(crate) struct Limits {
    user: UserId,
    quota: Quota,
}

/// What a user keeps and may keep; `None` if there is no such user.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, user: UserId, default: Quota) -> Result<Option<Room>> {
    let mut reader = store.reader().await?;
    let Some(row) = fetch_optional!(reader, Row, QUOTA, user)? else { return Ok(None) };
    let usage = usage_of(fetch_one!(reader, UsageRow, USAGE, user)?);
    let open = fetch_one!(reader, (i64, i64), OPEN, user, store.now_us())?;
    Ok(Some(Room::new(over(default, row), usage, open)))
}

/// Refuses `n_bytes` more, before any of them has arrived.
///
/// # Errors
///
/// [`Error::QuotaExceeded`], or when the database fails.
pub async fn check(store: &Store, user: UserId, default: Quota, n_bytes: u64) -> Result<()> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(reader, Row, QUOTA, user)?;
    drop(reader);
    // Nobody counts what is not limited.
    if row.map_or(default, |row| over(default, row)).is_unlimited() {
        return Ok(());
    }
    match get(store, user, default).await? {
        Some(room) => room.check_announced(n_bytes),
        None => Ok(()),
    }
}

/// Sets limits of one user. False if there is no such user.
///
/// # Errors
///
/// When the database fails.
pub async fn set(store: &Store, user: UserId, patch: QuotaPatch) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let n_rows = execute!(
                    tx,
                    "update users set quota_bytes = case when $2 then $3 else quota_bytes end,
                                      quota_tracks = case when $4 then $5 else quota_tracks end,
                                      quota_minutes = case when $6 then $7 else quota_minutes end
                     where id = $1",
                    user,
                    patch.n_bytes.is_some(),
                    patch.n_bytes.flatten().map(column),
                    patch.n_tracks.is_some(),
                    patch.n_tracks.flatten().map(column),
                    patch.n_minutes.is_some(),
                    patch.n_minutes.flatten().map(column)
                )?;
                if n_rows == 1 && patch != QuotaPatch::default() {
                    let entry = NewEntry::about(Action::UserQuotaChanged, user);
                    audit::append(tx, entry.with(patch.details())).await?;
                }
                Ok(n_rows == 1)
            })
        })
        .await
}

impl QuotaPatch {
    /// What is changed, as an entry of the audit log tells it: `null` is what the installation allows.
    fn details(self) -> Value {
        let given =
            [("n_bytes", self.n_bytes), ("n_tracks", self.n_tracks), ("n_minutes", self.n_minutes)];
        let given = given.into_iter().filter_map(|(name, limit)| Some((name, json!(limit?))));
        Value::Object(given.map(|(name, limit)| (name.to_owned(), limit)).collect())
    }
}

impl Room {
    fn new(quota: Quota, usage: Usage, (n_open, open_bytes): (i64, i64)) -> Self {
        Self { quota, usage, n_open_uploads: count(n_open), n_open_bytes: count(open_bytes) }
    }

    /// Whether another recording of `n_bytes` may begin to arrive, as far as can be told then.
    pub(crate) fn check_announced(&self, n_bytes: u64) -> Result<()> {
        let usage = Usage {
            n_bytes: self.usage.n_bytes.saturating_add(self.n_open_bytes).saturating_add(n_bytes),
            n_tracks: self.usage.n_tracks + self.n_open_uploads + 1,
            ..self.usage
        };
        self.quota.check(usage)
    }
}

impl Quota {
    fn is_unlimited(self) -> bool {
        self == Self::default()
    }

    /// Refuses more than is allowed. Of minutes the last recording may go beyond: how long it is comes out later.
    fn check(self, usage: Usage) -> Result<()> {
        let above = |limit: &u64, used: u64| used > *limit;
        if let Some(limit) = self.n_bytes.filter(|limit| above(limit, usage.n_bytes)) {
            return Err(Error::QuotaExceeded { unit: "bytes", limit });
        }
        if let Some(limit) = self.n_tracks.filter(|limit| above(limit, usage.n_tracks)) {
            return Err(Error::QuotaExceeded { unit: "tracks", limit });
        }
        #[expect(clippy::cast_precision_loss, reason = "minutes are far below 2^52")]
        let is_used_up = |limit: &u64| usage.duration_s >= *limit as f64 * 60.0;
        if let Some(limit) = self.n_minutes.filter(is_used_up) {
            return Err(Error::QuotaExceeded { unit: "minutes of sound", limit });
        }
        Ok(())
    }
}

/// The limits of a user. If there are any, other transactions that add to the same user's tracks wait until this one ends, so that each counts what
/// the ones before it added.
pub(crate) async fn limits(tx: &mut Tx, user: UserId, default: Quota) -> Result<Limits> {
    let row = fetch_optional!(tx, Row, QUOTA, user)?;
    let quota = row.map_or(default, |row| over(default, row));
    if !quota.is_unlimited() {
        hold(tx, user).await?;
    }
    Ok(Limits { user, quota })
}

impl Limits {
    /// Refuses what the transaction has added, if that was too much.
    pub(crate) async fn check_kept(&self, tx: &mut Tx) -> Result<()> {
        if self.quota.is_unlimited() {
            return Ok(());
        }
        self.quota.check(usage_of(fetch_one!(tx, UsageRow, USAGE, self.user)?))
    }
}

/// Makes other transactions about the same user's limits wait. SQLite has one writer, which is the same.
pub(crate) async fn hold(tx: &mut Tx, user: UserId) -> Result<()> {
    if let Connection::Postgres(connection) = tx.connection() {
        sqlx::query("select id from users where id = $1 for no key update")
            .bind(user)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// What a user keeps and may keep.
pub(crate) async fn room(tx: &mut Tx, user: UserId, default: Quota) -> Result<Room> {
    let row = fetch_optional!(tx, Row, QUOTA, user)?;
    let quota = row.map_or(default, |row| over(default, row));
    let now = tx.now_us();
    let usage = if quota.is_unlimited() {
        Usage::default()
    } else {
        usage_of(fetch_one!(tx, UsageRow, USAGE, user)?)
    };
    Ok(Room::new(quota, usage, fetch_one!(tx, (i64, i64), OPEN, user, now)?))
}

const QUOTA: &str = "select quota_bytes, quota_tracks, quota_minutes from users where id = $1";
const USAGE: &str = "select cast(coalesce(sum(n_bytes), 0) as bigint), count(*),
                            cast(coalesce(sum(duration_s), 0) as double precision)
                     from tracks where owner_id = $1";
const OPEN: &str = "select count(*), cast(coalesce(sum(n_bytes), 0) as bigint)
                    from uploads where owner_id = $1 and state = 'open' and expires_at_us > $2";

type UsageRow = (i64, i64, f64);

/// Limits of bytes, tracks and minutes.
type Row = (Option<i64>, Option<i64>, Option<i64>);

/// What is set, and else what the installation allows.
fn over(default: Quota, (n_bytes, n_tracks, n_minutes): Row) -> Quota {
    Quota {
        n_bytes: n_bytes.map(count).or(default.n_bytes),
        n_tracks: n_tracks.map(count).or(default.n_tracks),
        n_minutes: n_minutes.map(count).or(default.n_minutes),
    }
}

fn usage_of((n_bytes, n_tracks, duration_s): UsageRow) -> Usage {
    Usage { n_bytes: count(n_bytes), n_tracks: count(n_tracks), duration_s }
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn column(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_full_but_not_more() {
        let quota = Quota { n_bytes: Some(10), n_tracks: Some(2), n_minutes: Some(1) };
        let check = |n_bytes, n_tracks, duration_s| {
            quota.check(Usage { n_bytes, n_tracks, duration_s }).map_err(|error| error.to_string())
        };
        assert_eq!(check(10, 2, 59.9), Ok(()));
        assert_eq!(check(11, 2, 0.0), Err("the quota is 10 bytes".to_owned()));
        assert_eq!(check(1, 3, 0.0), Err("the quota is 2 tracks".to_owned()));
        assert_eq!(check(1, 1, 60.0), Err("the quota is 1 minutes of sound".to_owned()));
        assert!(Quota::default().check(Usage { n_bytes: u64::MAX, ..Usage::default() }).is_ok());
    }
}
