//! Who is connected with whom.

use time::OffsetDateTime;

use super::row::{TagRow, VisibleProfile, Words, words};
use crate::clock::us_to_time;
use crate::db::fetch_all;
use crate::{Page, Result, Store, UserId};

/// A connection, seen from one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// The other person.
    pub profile: VisibleProfile,
    /// When the second of the two said yes.
    pub made_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct Row {
    other_id: UserId,
    name: Option<String>,
    made_at_us: i64,
}

/// The connections of a user, by the id of the other.
///
/// # Errors
///
/// When the database fails.
pub async fn connections(
    store: &Store,
    user: UserId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Page<Connection>> {
    let after = after.unwrap_or(UserId::from_u128(0));
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select p.user_id as other_id, p.name, c.made_at_us
         from connections c join profiles p on p.user_id = case when c.a_id = $1 then c.b_id else c.a_id end
         where (c.a_id = $1 or c.b_id = $1) and p.user_id > $2 order by p.user_id limit $3",
        user,
        after,
        i64::from(limit) + 1
    )?;
    let mut connections = Vec::new();
    for row in rows {
        let tags = fetch_all!(
            reader,
            TagRow,
            "select user_id, kind, tag, weight from profile_tags where user_id = $1 order by kind, tag",
            row.other_id
        )?;
        let words = Words { dislikes: Vec::new(), ..words(&tags) };
        connections.push(Connection {
            profile: VisibleProfile { user_id: row.other_id, name: row.name, words },
            made_at: us_to_time(row.made_at_us),
        });
    }
    Ok(Page::from_one_more(connections, limit))
}
