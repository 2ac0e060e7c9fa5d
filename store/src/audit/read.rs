//! Reading entries.

use time::OffsetDateTime;

use super::action::Action;
use super::entry::{Entry, Row, select_entries};
use crate::clock::time_to_us;
use crate::db::fetch_all;
use crate::{Page, Result, Store, SubjectId, UserId};

/// Which entries; what is left out does not count.
#[derive(Debug, Clone, Copy, Default)]
pub struct AuditFilter {
    /// Only what this user did.
    pub actor: Option<UserId>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only what was done to this.
    pub subject: Option<SubjectId>,
    /// Not before this time.
    pub since: Option<OffsetDateTime>,
    /// Before this time.
    pub before: Option<OffsetDateTime>,
}

/// Entries, newest first; `after` is the number of the last one of the page before.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    store: &Store,
    filter: AuditFilter,
    after: Option<i64>,
    limit: u32,
) -> Result<Page<Entry>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        select_entries!(
            "where e.seq < $1 and ($2 is null or e.actor_id = $2) and ($3 is null or e.action = $3)
               and ($4 is null or e.subject_id = $4) and ($5 is null or e.at_us >= $5) and ($6 is null or e.at_us < $6)
             order by e.seq desc limit $7"
        ),
        after.unwrap_or(i64::MAX),
        filter.actor,
        filter.action.map(Action::as_str),
        filter.subject,
        filter.since.map(time_to_us),
        filter.before.map(time_to_us),
        i64::from(limit) + 1
    )?;
    let entries = rows.into_iter().map(Entry::try_from).collect::<Result<_>>()?;
    Ok(Page::from_one_more(entries, limit))
}

/// Entries after number `seq`, oldest first, `limit` at most.
///
/// # Errors
///
/// When the database fails.
pub async fn oldest_first(store: &Store, seq: i64, limit: u32) -> Result<Vec<Entry>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        select_entries!("where e.seq > $1 order by e.seq limit $2"),
        seq,
        i64::from(limit)
    )?;
    rows.into_iter().map(Entry::try_from).collect()
}
