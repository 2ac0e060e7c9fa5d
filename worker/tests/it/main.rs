//! Tests of the worker that need no binary of ours; those with the real child are in `cli/tests/it`.
#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]

mod endings;
mod imports;
mod jobs;
mod models;
mod people;
mod runs;
mod usage;
mod world;
