//! Maintenance: a time in which nothing is changed.
//!
//! It is a row that every writing transaction reads when it begins ([`crate::Error::Maintenance`]), so that all processes obey at once and a backup that is taken
//! meanwhile is of one state. What was begun before is finished: see [`Store::despite_maintenance`].

use serde_json::json;
use time::OffsetDateTime;

use crate::audit::{self, Action, NewEntry};
use crate::clock::us_to_time;
use crate::db::{Tx, execute, fetch_one};
use crate::{Result, Store};

/// Whether the service is in maintenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// Whether nothing is changed now.
    pub is_on: bool,
    /// Why, for whoever is refused.
    pub reason: Option<String>,
    /// When it last began or ended, if ever.
    pub changed_at: Option<OffsetDateTime>,
}

const SELECT: &str = "select is_on, reason, changed_at_us from maintenance";

type Row = (bool, Option<String>, Option<i64>);

impl From<Row> for Maintenance {
    fn from((is_on, reason, changed_at_us): Row) -> Self {
        Self { is_on, reason, changed_at: changed_at_us.map(us_to_time) }
    }
}

/// Whether the service is in maintenance.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store) -> Result<Maintenance> {
    let mut reader = store.reader().await?;
    Ok(fetch_one!(reader, Row, SELECT)?.into())
}

/// Begins maintenance, or gives another reason for it. No transaction that begins after this returns changes anything; those that are under way end as they would.
///
/// # Errors
///
/// When the database fails.
pub async fn begin(store: &Store, reason: Option<String>) -> Result<Maintenance> {
    store.despite_maintenance().write(move |tx| Box::pin(begin_in(tx, reason))).await
}

async fn begin_in(tx: &mut Tx, reason: Option<String>) -> Result<Maintenance> {
    let (now, was_on) = (tx.now_us(), tx.is_in_maintenance());
    execute!(
        tx,
        "update maintenance set is_on = $1, reason = $2, changed_at_us = case when $3 then changed_at_us else $4 end",
        true,
        &reason,
        was_on,
        now
    )?;
    let maintenance = fetch_one!(tx, Row, SELECT)?.into();
    let entry = NewEntry::new(Action::MaintenanceOn).with(json!({ "reason": reason }));
    audit::append(tx, entry).await?;
    Ok(maintenance)
}

/// Ends maintenance. What waited meanwhile goes on with the next sweep of a worker.
///
/// # Errors
///
/// When the database fails.
pub async fn end(store: &Store) -> Result<Maintenance> {
    store
        .despite_maintenance()
        .write(|tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let n_rows = execute!(
                    tx,
                    "update maintenance set is_on = $1, reason = null, changed_at_us = $2 where is_on",
                    false,
                    now
                )?;
                let maintenance = fetch_one!(tx, Row, SELECT)?.into();
                if n_rows == 1 {
                    audit::append(tx, NewEntry::new(Action::MaintenanceOff)).await?;
                }
                Ok(maintenance)
            })
        })
        .await
}
