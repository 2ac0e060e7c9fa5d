//! Writing entries.

use std::sync::Arc;

use serde_json::{Value, json};

use super::action::Outcome;
use super::actor::{Actor, ActorKind};
use super::entry::{NewEntry, Row, hash_of_address};
use crate::db::{Tx, execute, fetch_one};
use crate::jobs::tally;
use crate::secret::random_bytes;
use crate::{Result, Store};

/// Longest details; ours are far below.
const MAX_DETAILS_BYTES: usize = 4096;
/// What is put before an address, so that its hash tells nothing once it is gone.
const N_SALT_BYTES: usize = 32;

/// Tells what the transaction does: its last statements, after its events, because they make others wait until the commit.
pub(crate) async fn append(tx: &mut Tx, new: NewEntry) -> Result<()> {
    write(tx, new, Outcome::Done).await
}

/// Tells what was refused, in a transaction of its own.
///
/// # Errors
///
/// When the database or the system's random generator fails.
pub async fn refused(store: &Store, new: NewEntry) -> Result<()> {
    store
        .despite_maintenance()
        .write(move |tx| Box::pin(async move { write(tx, new, Outcome::Refused).await }))
        .await
}

async fn write(tx: &mut Tx, new: NewEntry, outcome: Outcome) -> Result<()> {
    let actor = Arc::clone(tx.actor());
    let (at_us, salt) = (tx.now_us(), random_bytes::<N_SALT_BYTES>()?);
    let address = actor.address.map(|address| address.to_string());
    // What others may wait for comes first, in one order.
    tally::write(tx).await?;
    // The old hash beside the new number: from here on all others wait.
    let (seq, before) = fetch_one!(
        tx,
        (i64, Vec<u8>),
        "update audit_head set seq = seq + 1 where id = 1 returning seq, sha256"
    )?;
    let row = row(&actor, &new, outcome);
    let address_sha256 = address.as_deref().map(|it| hash_of_address(&salt, it));
    let row = Row {
        seq,
        at_us,
        address_sha256: address_sha256.map(|hash| hash.as_bytes().to_vec()),
        ..row
    };
    let sha256 = row.hash_after(&before);
    execute!(
        tx,
        "insert into audit_entries (seq, at_us, actor_kind, actor_id, credential_id, action, outcome, subject_id, request_id,
                                    address_sha256, details, sha256)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        seq,
        at_us,
        &row.actor_kind,
        row.actor_id,
        row.credential_id,
        &row.action,
        &row.outcome,
        row.subject_id,
        &row.request_id,
        &row.address_sha256,
        &row.details,
        sha256.as_bytes().as_slice()
    )?;
    if let Some(address) = address {
        execute!(
            tx,
            "insert into audit_addresses (seq, at_us, salt, address) values ($1, $2, $3, $4)",
            seq,
            at_us,
            salt.as_slice(),
            address
        )?;
    }
    execute!(tx, "update audit_head set sha256 = $1 where id = 1", sha256.as_bytes().as_slice())?;
    Ok(())
}

/// The entry but for its place in the chain.
fn row(actor: &Actor, new: &NewEntry, outcome: Outcome) -> Row {
    let (kind, actor_id, credential_id) = match new.session {
        Some((user, session)) => (ActorKind::Session, Some(user), Some(session)),
        None => (actor.kind, actor.user_id, actor.credential_id),
    };
    Row {
        seq: 0,
        at_us: 0,
        actor_kind: kind.to_string(),
        actor_id,
        credential_id,
        action: new.action.to_string(),
        outcome: outcome.to_string(),
        subject_id: new.subject_id,
        request_id: actor.request_id.clone(),
        address_sha256: None,
        details: bounded(&new.details),
        sha256: Vec::new(),
        salt: None,
        address: None,
    }
}

/// Details as text; of too long ones only how long they were.
fn bounded(details: &Value) -> String {
    let text = details.to_string();
    if text.len() <= MAX_DETAILS_BYTES {
        text
    } else {
        json!({ "n_bytes": text.len() }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_bounded() {
        assert_eq!(bounded(&json!({ "a": 1 })), r#"{"a":1}"#);
        let long = json!({ "a": "x".repeat(MAX_DETAILS_BYTES) });
        assert_eq!(bounded(&long), r#"{"n_bytes":4104}"#);
    }
}
