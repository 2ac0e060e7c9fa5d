//! The audit log: who did what that somebody may have to account for.
//!
//! An entry is written in the transaction that does what it tells, so that there is never one without the other. Entries are numbered without
//! gaps, cannot be changed or removed (triggers of the database refuse it), and each has a hash over itself and the hash before it: `docs/formats.md` says of which
//! bytes, `docs/security.md` what that proves and what it does not.
//!
//! Whoever appends holds the one row of `audit_head` until the commit. It is the last row that a transaction takes, after its events, so that no two ever wait for each other.

mod action;
mod actor;
mod append;
mod entry;
mod forget;
mod read;
mod verify;

pub use action::{Action, Outcome};
pub use actor::{Actor, ActorKind};
pub use append::refused;
pub use entry::{Entry, NewEntry};
pub use read::{AuditFilter, list, oldest_first};
pub use verify::{Fault, FaultKind, Head, Verified, head, verify};

pub(crate) use append::append;
pub(crate) use forget::forget_addresses;
