//! The program as its users run it: processes, HTTP, files.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken fixture should fail the test"
)]

mod admin;
mod analyze;
mod bad_uploads;
mod collector;
mod demo;
mod duplicates;
mod formats;
mod imports;
mod logins;
mod models;
mod parts;
mod playlist;
mod rescore;
mod resume;
mod service;
mod shapes;
mod traces;
mod train;
mod usage;
mod worker_kill;
mod worker_limits;
mod worker_sandbox;
mod worker_site;
mod worker_stop;
