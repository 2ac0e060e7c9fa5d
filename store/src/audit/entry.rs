//! An entry, and the bytes that its hash is of.

use std::fmt::Write;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::action::{Action, Outcome};
use super::actor::ActorKind;
use crate::clock::us_to_time;
use crate::{Error, Result, Sha256, SubjectId, UserId};

/// First of what is hashed: another layout has another name.
const FORMAT: &str = "consort.audit/1";

/// What is to be told. Who did it is known from the [`crate::Store`] that it is done through.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub(super) action: Action,
    pub(super) subject_id: Option<SubjectId>,
    pub(super) details: Value,
    pub(super) session: Option<(UserId, SubjectId)>,
}

impl NewEntry {
    /// An entry about nothing in particular.
    pub fn new(action: Action) -> Self {
        Self { action, subject_id: None, details: json!({}), session: None }
    }

    /// An entry about something with an id.
    pub fn about(action: Action, subject: impl Into<SubjectId>) -> Self {
        Self { subject_id: Some(subject.into()), ..Self::new(action) }
    }

    /// With details: numbers, ids and stable words, never what may be a secret or a name.
    #[must_use]
    pub fn with(self, details: Value) -> Self {
        Self { details, ..self }
    }

    /// As done by a user in a session that began with it: nobody was known before.
    #[must_use]
    pub(crate) fn in_session(self, user: UserId, session: impl Into<SubjectId>) -> Self {
        Self { session: Some((user, session.into())), ..self }
    }
}

/// Something that was done or refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number: one more than that of the entry before it.
    pub seq: i64,
    /// When the transaction began that did it.
    pub at: OffsetDateTime,
    /// How who did it was known.
    pub actor_kind: ActorKind,
    /// The user who did it.
    pub actor_id: Option<UserId>,
    /// The session or token that was shown.
    pub credential_id: Option<SubjectId>,
    /// What was done.
    pub action: Action,
    /// What became of it.
    pub outcome: Outcome,
    /// What it was done to.
    pub subject_id: Option<SubjectId>,
    /// The request that it was done by.
    pub request_id: Option<String>,
    /// Where that came from; `None` also when it is forgotten.
    pub address: Option<String>,
    /// SHA-256 of salt and address, if there ever was one.
    pub address_sha256: Option<Sha256>,
    /// Details, by action.
    pub details: Value,
    /// SHA-256 of the hash before it and of itself.
    pub sha256: Sha256,
}

/// The columns of [`Row`] and where they come from.
macro_rules! select_entries {
    ($rest:literal) => {
        concat!(
            "select e.seq, e.at_us, e.actor_kind, e.actor_id, e.credential_id, e.action, e.outcome, e.subject_id, e.request_id,
                    e.address_sha256, e.details, e.sha256, a.salt, a.address
             from audit_entries e left join audit_addresses a on a.seq = e.seq ",
            $rest
        )
    };
}
pub(super) use select_entries;

/// An entry as it lies in the database, believed in nothing.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) at_us: i64,
    pub(super) actor_kind: String,
    pub(super) actor_id: Option<UserId>,
    pub(super) credential_id: Option<SubjectId>,
    pub(super) action: String,
    pub(super) outcome: String,
    pub(super) subject_id: Option<SubjectId>,
    pub(super) request_id: Option<String>,
    pub(super) address_sha256: Option<Vec<u8>>,
    pub(super) details: String,
    pub(super) sha256: Vec<u8>,
    pub(super) salt: Option<Vec<u8>>,
    pub(super) address: Option<String>,
}

impl Row {
    /// The hash of this entry after one with the hash `before`.
    pub(super) fn hash_after(&self, before: &[u8]) -> Sha256 {
        let canonical = json!([
            FORMAT,
            self.seq,
            self.at_us,
            self.actor_kind,
            self.actor_id,
            self.credential_id,
            self.action,
            self.outcome,
            self.subject_id,
            self.request_id,
            self.address_sha256.as_deref().map(hex),
            self.details,
        ]);
        Sha256::of(&[before, canonical.to_string().as_bytes()].concat())
    }
}

/// The hash that stays of an address.
pub(super) fn hash_of_address(salt: &[u8], address: &str) -> Sha256 {
    Sha256::of(&[salt, address.as_bytes()].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}

impl TryFrom<Row> for Entry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let inconsistent = |column| Error::Inconsistent { table: "audit_entries", column };
        let hash = |bytes: &[u8], column| Sha256::from_column(bytes, "audit_entries", column);
        let address_sha256 = row.address_sha256.as_deref();
        Ok(Self {
            seq: row.seq,
            at: us_to_time(row.at_us),
            actor_kind: row.actor_kind.parse().map_err(|_| inconsistent("actor_kind"))?,
            actor_id: row.actor_id,
            credential_id: row.credential_id,
            action: row.action.parse().map_err(|_| inconsistent("action"))?,
            outcome: row.outcome.parse().map_err(|_| inconsistent("outcome"))?,
            subject_id: row.subject_id,
            request_id: row.request_id,
            address: row.address,
            address_sha256: address_sha256.map(|it| hash(it, "address_sha256")).transpose()?,
            details: serde_json::from_str(&row.details).map_err(|_| inconsistent("details"))?,
            sha256: hash(&row.sha256, "sha256")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            seq: 1,
            at_us: -1,
            actor_kind: "service".to_owned(),
            actor_id: None,
            credential_id: None,
            action: "key.published".to_owned(),
            outcome: "done".to_owned(),
            subject_id: None,
            request_id: None,
            address_sha256: None,
            details: "{}".to_owned(),
            sha256: Vec::new(),
            salt: None,
            address: None,
        }
    }

    /// The expected hashes were computed by Python's `json` (without spaces, not only ASCII) and `hashlib` from the description in docs/formats.md. They are kept for ever: another
    /// layout has another name.
    #[test]
    fn the_hash_is_of_the_bytes_that_the_formats_page_describes() {
        let expected = "0413b7bcb2f7c37a0199a3ab20a4e1f8854d3bc5d002f8e21e4cca46aa4bfb4e";
        assert_eq!(row().hash_after(&[0; 32]).to_string(), expected);
        let row = Row {
            seq: 2,
            at_us: 1_767_323_045_000_001,
            actor_kind: "session".to_owned(),
            actor_id: Some(UserId::from_u128(7)),
            credential_id: Some(SubjectId::from_u128(8)),
            action: "token.issued".to_owned(),
            subject_id: Some(SubjectId::from_u128(9)),
            request_id: Some("a-request".to_owned()),
            address_sha256: Some(vec![0xab; 32]),
            details: "{\"scopes\":[\"tracks:read\"],\"note\":\"ä\\\"\\n\"}".to_owned(),
            ..row()
        };
        // The details hold a quotation mark and a line's end, each after a backslash.
        let expected = "36ea581ca44f5aded9010d1ffdbabac547ced33df14c5a9bb012b002825aeabf";
        assert_eq!(row.hash_after(&[7; 32]).to_string(), expected);
    }

    #[test]
    fn an_address_is_hashed_behind_its_salt() {
        let expected = "58f1ca1f7de709f767e6e21c7a86c9522c0c22df799b668a6d7ab22417b972b2";
        assert_eq!(hash_of_address(&[1; 32], "203.0.113.9").to_string(), expected);
    }
}
