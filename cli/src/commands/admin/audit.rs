//! `consort admin audit`.

use anyhow::{Context, Result, bail};
use serde_json::json;
use store::audit::{self, Action as Deed, AuditFilter, Entry, Fault, Head};
use store::{Sha256, Store, SubjectId};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::user::named;
use crate::output;
use crate::table::Table;

/// Rows that are read at once.
const PAGE: u32 = 200;
/// Entries that are looked at at once.
const PART: u64 = 100_000;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// List who did what, newest first.
    List {
        /// Only what this user did, by login or id.
        #[arg(long)]
        actor: Option<String>,
        /// Only this action, such as `login.failed`.
        #[arg(long)]
        action: Option<Deed>,
        /// Only what was done to this user, token, session, job, run, track or key, by id.
        #[arg(long)]
        subject: Option<SubjectId>,
        /// Only what was done then or later, such as 2026-01-02T03:04:05Z.
        #[arg(long, value_name = "TIME", value_parser = super::time)]
        since: Option<OffsetDateTime>,
        /// Only what was done before.
        #[arg(long, value_name = "TIME", value_parser = super::time)]
        before: Option<OffsetDateTime>,
        /// Entries at most.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Look whether the whole log is as it was written, and print how it ends.
    Verify {
        /// How it ended at another time, as this command printed it then: NUMBER:HASH.
        #[arg(long, value_name = "SEQ:SHA256", value_parser = anchor)]
        anchor: Option<Head>,
    },
    /// Print the whole log, oldest first, as lines of JSON.
    Export,
}

fn anchor(text: &str) -> Result<Head, &'static str> {
    let read = || {
        let (seq, sha256) = text.split_once(':')?;
        Some(Head { seq: seq.parse().ok()?, sha256: sha256.parse::<Sha256>().ok()? })
    };
    read().ok_or("a number, a colon and 64 hexadecimal digits")
}

pub(super) async fn run(store: &Store, action: Action) -> Result<()> {
    match action {
        Action::List { actor, action, subject, since, before, limit } => {
            let actor = match actor {
                Some(user) => Some(named(store, &user).await?.id),
                None => None,
            };
            list(store, AuditFilter { actor, action, subject, since, before }, limit).await
        }
        Action::Verify { anchor } => verify(store, anchor).await,
        Action::Export => export(store).await,
    }
}

async fn list(store: &Store, filter: AuditFilter, limit: usize) -> Result<()> {
    let header = ["number", "at", "by", "action", "outcome", "about", "from", "details"];
    let mut table = Table::new(header);
    let (mut after, mut left) = (None, limit);
    while left > 0 {
        let n = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        let page = audit::list(store, filter, after, n).await?;
        after = page.items.last().map(|entry| entry.seq);
        left -= page.items.len();
        for entry in page.items {
            let by = match entry.actor_id {
                Some(user) => format!("{user} ({})", entry.actor_kind),
                None => entry.actor_kind.to_string(),
            };
            table.row([
                entry.seq.to_string(),
                super::minute(entry.at),
                by,
                entry.action.to_string(),
                entry.outcome.to_string(),
                entry.subject_id.map(|id| id.to_string()).unwrap_or_default(),
                entry.address.unwrap_or_default(),
                entry.details.to_string(),
            ]);
        }
        if !page.has_more {
            break;
        }
    }
    table.lines().iter().try_for_each(|line| output::line(line))?;
    Ok(())
}

async fn verify(store: &Store, anchor: Option<Head>) -> Result<()> {
    let (mut after, mut n_entries, mut n_forgotten) = (0, 0, 0);
    let last = loop {
        let part = audit::verify(store, after, PART).await?;
        n_entries += part.n_entries;
        n_forgotten += part.n_forgotten;
        if let Some(Fault { seq, kind }) = part.fault {
            bail!("entry {seq} is not as it was written: {kind} (all {n_entries} before it are)");
        }
        after = part.last.seq;
        if !part.has_more {
            break part.last;
        }
    };
    if let Some(anchor) = anchor {
        let found = audit::oldest_first(store, anchor.seq - 1, 1).await?;
        let is_there =
            found.first().is_some_and(|it| it.seq == anchor.seq && it.sha256 == anchor.sha256);
        if !is_there && anchor.seq > 0 {
            bail!("entry {} has another hash than then: the log was rewritten", anchor.seq);
        }
    }
    output::note(&format!(
        "{n_entries} entries are as they were written; {n_forgotten} addresses are forgotten"
    ));
    output::line(&format!("{}:{}", last.seq, last.sha256))?;
    Ok(())
}

async fn export(store: &Store) -> Result<()> {
    let mut seq = 0;
    loop {
        let entries = audit::oldest_first(store, seq, PAGE).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        seq = last.seq;
        for entry in &entries {
            output::line(&exported(entry)?)?;
        }
    }
}

/// An entry as one line; the names are those of `GET /v1/admin/audit`.
fn exported(entry: &Entry) -> Result<String> {
    let at = entry.at.format(&Rfc3339).context("a time cannot be written")?;
    let line = json!({
        "seq": entry.seq,
        "at": at,
        "actor": {
            "kind": entry.actor_kind,
            "user_id": entry.actor_id,
            "credential_id": entry.credential_id,
        },
        "action": entry.action,
        "outcome": entry.outcome,
        "subject_id": entry.subject_id,
        "request_id": entry.request_id,
        "address": entry.address,
        "address_sha256": entry.address_sha256,
        "details": entry.details,
        "sha256": entry.sha256,
    });
    Ok(line.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_a_number_and_a_hash() {
        let hash = "ab".repeat(32);
        let head = anchor(&format!("7:{hash}")).unwrap();
        assert_eq!((head.seq, head.sha256.to_string()), (7, hash.clone()));
        for bad in ["", "7", &hash, &format!("x:{hash}"), "7:abc"] {
            assert!(anchor(bad).is_err(), "{bad}");
        }
    }
}
