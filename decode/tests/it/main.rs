//! Files as people have them, and files as nobody should have them.
#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]

mod containers;
mod forged;
mod heard;
mod hostile;
mod limits;
mod mutants;
mod opus;
mod tags;
