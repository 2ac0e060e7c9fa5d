//! The API from outside: requests in, answers out, on a store with SQLite and a local folder.

#![expect(clippy::unwrap_used, reason = "a broken test bed should fail the test")]

mod app;
mod audio;
mod documents;
mod duplicates;
mod errors;
mod events;
mod form;
mod formats;
mod identity;
mod jobs;
mod lists;
mod logs;
mod matches;
mod profiles;
mod runs;
mod service;
mod shown;
mod sockets;
mod tracks;
mod uploads;
