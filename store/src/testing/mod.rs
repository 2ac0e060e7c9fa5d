//! Throw-away stores of every shape, for the tests of this and other crates.
//!
//! A store on SQLite lives in a temporary folder, one on PostgreSQL in a database of its own on the server that
//! `cargo xtask test` starts. Object storage is a real server on loopback, in this process, with a folder behind it.

mod contents;
mod postgres;
mod s3;
mod seed;
mod shape;
mod transactions;
mod whole_copies;

pub use postgres::{PostgresDatabase, postgres_admin_url};
pub use s3::S3Server;
pub use seed::{Seed, forget_matches, seed};
pub use shape::{BlobKind, DatabaseKind, TestStore};
