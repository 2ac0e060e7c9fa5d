//! Scored pairs: one row for each pair, purpose and generation.

use serde_json::Value;

use crate::db::{Connection, Tx, execute};
use crate::{Result, TrackId};

/// Rows that go to PostgreSQL in one statement.
const N_PER_STATEMENT: usize = 1000;

/// A pair of tracks and its score.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPair {
    /// What the score is for.
    pub purpose: String,
    /// The track with the lower id.
    pub a_id: TrackId,
    /// The other one.
    pub b_id: TrackId,
    /// 0 to 1.
    pub score: f64,
    /// What the score is made of.
    pub parts: Value,
    /// The same in a sentence.
    pub reason: String,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
}

/// In the order of their ids, as rows are.
pub(crate) fn ordered(one: TrackId, other: TrackId) -> (TrackId, TrackId) {
    if one < other { (one, other) } else { (other, one) }
}

/// A pair that its generation sees as it is already is not written again; one whose track has gone is left out.
macro_rules! insert_sql {
    ($from:literal) => {
        concat!(
            "insert into matches (a_id, b_id, purpose, generation, a_owner_id, b_owner_id, score, parts, reason,
                                  descriptor_version, weights_version, first_scored_at_us, scored_at_us, version)
             select u.a_id, u.b_id, u.purpose, $1, a.owner_id, b.owner_id, u.score, u.parts, u.reason,
                    u.descriptor_version, u.weights_version,
                    coalesce((select min(m.first_scored_at_us) from matches m
                              where m.a_id = u.a_id and m.b_id = u.b_id and m.purpose = u.purpose), $2), $2,
                    coalesce((select max(m.version) from matches m
                              where m.a_id = u.a_id and m.b_id = u.b_id and m.purpose = u.purpose), 0) + 1
             from ",
            $from,
            " join tracks a on a.id = u.a_id join tracks b on b.id = u.b_id
             where not exists (
                 select 1 from matches m
                 where m.a_id = u.a_id and m.b_id = u.b_id and m.purpose = u.purpose and m.generation <= $1
                   and m.score = u.score and m.parts = u.parts and m.descriptor_version = u.descriptor_version
                   and m.weights_version = u.weights_version and not exists (
                       select 1 from matches n
                       where n.a_id = m.a_id and n.b_id = m.b_id and n.purpose = m.purpose
                         and n.generation > m.generation and n.generation <= $1))
             order by u.a_id, u.b_id, u.purpose
             on conflict (a_id, b_id, purpose, generation) do update
             set score = excluded.score, parts = excluded.parts, reason = excluded.reason,
                 descriptor_version = excluded.descriptor_version, weights_version = excluded.weights_version,
                 scored_at_us = excluded.scored_at_us, version = excluded.version
             where matches.score <> excluded.score or matches.parts <> excluded.parts
                or matches.descriptor_version <> excluded.descriptor_version
                or matches.weights_version <> excluded.weights_version"
        )
    };
}

/// Writes pairs for a generation; how many rows that took.
///
/// Two tiles may name the same pairs. Everybody writes rows in one order, or each could wait for what the other has written.
pub(crate) async fn put(tx: &mut Tx, generation: i64, pairs: &[NewPair]) -> Result<u64> {
    let mut pairs: Vec<&NewPair> = pairs.iter().collect();
    pairs.sort_unstable_by(|one, other| {
        (one.a_id, one.b_id, &one.purpose).cmp(&(other.a_id, other.b_id, &other.purpose))
    });
    let now = tx.now_us();
    let mut n_written = 0;
    match tx.connection() {
        Connection::Sqlite(connection) => {
            for pair in pairs {
                let done = sqlx::query(insert_sql!(
                    "(select $3 as a_id, $4 as b_id, $5 as purpose, $6 as score, $7 as parts, $8 as reason,
                             $9 as descriptor_version, $10 as weights_version) u"
                ))
                .bind(generation)
                .bind(now)
                .bind(pair.a_id)
                .bind(pair.b_id)
                .bind(&pair.purpose)
                .bind(pair.score)
                .bind(pair.parts.to_string())
                .bind(&pair.reason)
                .bind(i64::from(pair.descriptor_version))
                .bind(i64::from(pair.weights_version))
                .execute(&mut *connection)
                .await?;
                n_written += done.rows_affected();
            }
        }
        Connection::Postgres(connection) => {
            for pairs in pairs.chunks(N_PER_STATEMENT) {
                let ids = |id: fn(&NewPair) -> TrackId| {
                    pairs.iter().map(|pair| uuid::Uuid::from_u128(id(pair).as_u128())).collect()
                };
                let (a_ids, b_ids): (Vec<_>, Vec<_>) =
                    (ids(|pair| pair.a_id), ids(|pair| pair.b_id));
                let purposes: Vec<&str> = pairs.iter().map(|pair| &*pair.purpose).collect();
                let scores: Vec<f64> = pairs.iter().map(|pair| pair.score).collect();
                let parts: Vec<String> = pairs.iter().map(|pair| pair.parts.to_string()).collect();
                let reasons: Vec<&str> = pairs.iter().map(|pair| &*pair.reason).collect();
                let versions = |version: fn(&NewPair) -> u32| {
                    pairs.iter().map(|pair| i64::from(version(pair))).collect::<Vec<_>>()
                };
                let done = sqlx::query(insert_sql!(
                    "unnest($3, $4, $5, $6, $7, $8, $9, $10)
                         as u (a_id, b_id, purpose, score, parts, reason, descriptor_version, weights_version)"
                ))
                .bind(generation)
                .bind(now)
                .bind(a_ids)
                .bind(b_ids)
                .bind(purposes)
                .bind(scores)
                .bind(parts)
                .bind(reasons)
                .bind(versions(|pair| pair.descriptor_version))
                .bind(versions(|pair| pair.weights_version))
                .execute(&mut *connection)
                .await?;
                n_written += done.rows_affected();
            }
        }
    }
    Ok(n_written)
}

/// Removes a pair from the generations `from` to `to`.
pub(crate) async fn remove(
    tx: &mut Tx,
    purpose: &str,
    (a, b): (TrackId, TrackId),
    from: i64,
    to: i64,
) -> Result<u64> {
    execute!(
        tx,
        "delete from matches where a_id = $1 and b_id = $2 and purpose = $3 and generation >= $4 and generation <= $5",
        a,
        b,
        purpose,
        from,
        to
    )
}
