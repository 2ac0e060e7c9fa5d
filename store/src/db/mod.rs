//! Two databases behind one set of queries.
//!
//! A query is written once, with `$1` placeholders, and the macros below run it on whichever database is there.
//! The few statements that must differ match on [`Connection`] themselves.

mod connection;
mod postgres;
pub(crate) mod query;
mod sqlite;
mod transaction;

pub(crate) use connection::{Connection, Db, Reader};
pub(crate) use query::{execute, fetch_all, fetch_one, fetch_optional};
pub(crate) use transaction::{Cause, Lock, Tx, write};
