//! An entry as JSON.

use serde::Serialize;
use serde_json::Value;
use store::audit::{Action, ActorKind, Entry, Outcome};
use store::{Sha256, SubjectId, UserId};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Something that was done or refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct EntryBody {
    /// Its number: one more than that of the entry before it.
    #[schema(minimum = 1)]
    seq: i64,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    at: OffsetDateTime,
    /// Who did it.
    actor: ActorBody,
    /// What was done: a stable word.
    #[schema(value_type = String, example = "token.issued")]
    action: Action,
    /// `done` or `refused`.
    #[schema(value_type = String, example = "done")]
    outcome: Outcome,
    /// The user, token, session, job, run, track or key that it was done to.
    #[schema(value_type = Option<String>, example = "000Xh3fYk0lqkD1vW8tB2m")]
    subject_id: Option<SubjectId>,
    /// The request that it was done by.
    #[schema(example = "0198f2c1a5d37d0e9d3c4b6a7f801122")]
    request_id: Option<String>,
    /// Where that came from; `null` also once it is forgotten.
    #[schema(example = "192.0.2.7")]
    address: Option<String>,
    /// What stays of the address.
    #[schema(value_type = Option<String>)]
    address_sha256: Option<Sha256>,
    /// Details, by action: numbers, ids and stable words.
    #[schema(value_type = Object, example = json!({ "scopes": ["tracks:read"] }))]
    details: Value,
    /// Hash of the hash before it and of itself.
    #[schema(value_type = String)]
    sha256: Sha256,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
struct ActorBody {
    /// How they were known: `session`, `token`, `foreign`, `anonymous`, `command_line` or `service`.
    #[schema(value_type = String, example = "token")]
    kind: ActorKind,
    /// The user.
    #[schema(value_type = Option<String>, example = "000Xh3fYk0lqkD1vW8tB2m")]
    user_id: Option<UserId>,
    /// The session or token that was shown.
    #[schema(value_type = Option<String>, example = "000Xh3fYk0lqkD1vW8tB2m")]
    credential_id: Option<SubjectId>,
}

impl From<Entry> for EntryBody {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            actor: ActorBody {
                kind: entry.actor_kind,
                user_id: entry.actor_id,
                credential_id: entry.credential_id,
            },
            action: entry.action,
            outcome: entry.outcome,
            subject_id: entry.subject_id,
            request_id: entry.request_id,
            address: entry.address,
            address_sha256: entry.address_sha256,
            details: entry.details,
            sha256: entry.sha256,
        }
    }
}
