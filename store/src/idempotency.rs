//! Requests that may come twice: the second time gets the answer of the first.
//!
//! A key belongs to its user and is good for a day. Whoever is at a request holds its key by a lease that is renewed meanwhile, so that a process that
//! dies does not block it for long. Only answers to what was done are kept; a request that failed did nothing, and its key is free again.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::duration_to_us;
use crate::db::{Tx, execute, fetch_one};
use crate::{Error, Result, Sha256, Store, UserId};

/// How long an answer is kept.
pub const KEEP: Duration = Duration::from_hours(24);
/// How long whoever is at a request is believed to be alive after a sign of life ([`renew`]).
pub const LEASE: Duration = Duration::from_secs(30);

/// Keys that one sweep removes.
const N_PER_SWEEP: i64 = 1000;

/// The right to answer the request with a key.
#[derive(Debug, Clone)]
pub struct Held {
    owner: UserId,
    key: String,
    holder: Uuid,
}

/// An answer as it is given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked for.
    pub fingerprint: Sha256,
    /// Status.
    pub status: u16,
    /// Headers, one `name: value` a line.
    pub headers: String,
    /// Body.
    pub body: Vec<u8>,
}

/// How a request with a key begins.
#[derive(Debug, Clone)]
pub enum Begun {
    /// It is the first with this key.
    First(Held),
    /// The first is still under way.
    Running,
    /// The first was answered.
    Answered(Answer),
}

#[derive(sqlx::FromRow)]
struct Row {
    fingerprint: Option<Vec<u8>>,
    status: Option<i64>,
    headers: Option<String>,
    body: Option<Vec<u8>>,
}

/// Begins a request with a key.
///
/// # Errors
///
/// When the database fails.
pub async fn begin(store: &Store, owner: UserId, key: &str) -> Result<Begun> {
    let held = Held { owner, key: key.to_owned(), holder: store.new_id() };
    store.write(move |tx| Box::pin(begin_in(tx, held))).await
}

async fn begin_in(tx: &mut Tx, held: Held) -> Result<Begun> {
    let now = tx.now_us();
    execute!(
        tx,
        "delete from idempotency_keys
         where owner_id = $1 and key = $2 and (expires_at_us <= $3 or (fingerprint is null and held_until_us <= $3))",
        held.owner,
        &held.key,
        now
    )?;
    let n_rows = execute!(
        tx,
        "insert into idempotency_keys (owner_id, key, holder, held_until_us, expires_at_us)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
        held.owner,
        &held.key,
        held.holder,
        now + duration_to_us(LEASE),
        now + duration_to_us(KEEP)
    )?;
    if n_rows == 1 {
        return Ok(Begun::First(held));
    }
    let row = fetch_one!(
        tx,
        Row,
        "select fingerprint, status, headers, body from idempotency_keys where owner_id = $1 and key = $2",
        held.owner,
        &held.key
    )?;
    let Some(fingerprint) = row.fingerprint else { return Ok(Begun::Running) };
    let inconsistent = |column| Error::Inconsistent { table: "idempotency_keys", column };
    Ok(Begun::Answered(Answer {
        fingerprint: Sha256::from_column(&fingerprint, "idempotency_keys", "fingerprint")?,
        status: row
            .status
            .and_then(|status| u16::try_from(status).ok())
            .ok_or_else(|| inconsistent("status"))?,
        headers: row.headers.ok_or_else(|| inconsistent("headers"))?,
        body: row.body.ok_or_else(|| inconsistent("body"))?,
    }))
}

/// Gives a sign of life.
///
/// # Errors
///
/// When the database fails.
pub async fn renew(store: &Store, held: &Held) -> Result<()> {
    let held = held.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let until = tx.now_us() + duration_to_us(LEASE);
                execute!(
                    tx,
                    "update idempotency_keys set held_until_us = $1
                     where owner_id = $2 and key = $3 and holder = $4 and fingerprint is null",
                    until,
                    held.owner,
                    held.key,
                    held.holder
                )?;
                Ok(())
            })
        })
        .await
}

/// Keeps the answer, unless somebody else has taken the key meanwhile.
///
/// # Errors
///
/// When the database fails.
pub async fn keep(store: &Store, held: Held, answer: Answer) -> Result<()> {
    store
        .write(move |tx| {
            Box::pin(async move {
                execute!(
                    tx,
                    "update idempotency_keys set fingerprint = $1, status = $2, headers = $3, body = $4
                     where owner_id = $5 and key = $6 and holder = $7 and fingerprint is null",
                    answer.fingerprint.as_bytes().as_slice(),
                    i64::from(answer.status),
                    answer.headers,
                    answer.body,
                    held.owner,
                    held.key,
                    held.holder
                )?;
                Ok(())
            })
        })
        .await
}

/// Gives the key back: nothing was done.
///
/// # Errors
///
/// When the database fails.
pub async fn release(store: &Store, held: Held) -> Result<()> {
    store
        .write(move |tx| {
            Box::pin(async move {
                execute!(
                    tx,
                    "delete from idempotency_keys
                     where owner_id = $1 and key = $2 and holder = $3 and fingerprint is null",
                    held.owner,
                    held.key,
                    held.holder
                )?;
                Ok(())
            })
        })
        .await
}

/// Removes keys that are no longer good.
pub(crate) async fn sweep(store: &Store) -> Result<()> {
    store
        .write(|tx| {
            Box::pin(async move {
                let now = tx.now_us();
                execute!(
                    tx,
                    "delete from idempotency_keys where (owner_id, key) in
                       (select owner_id, key from idempotency_keys where expires_at_us <= $1 limit $2)",
                    now,
                    N_PER_SWEEP
                )?;
                Ok(())
            })
        })
        .await
}
