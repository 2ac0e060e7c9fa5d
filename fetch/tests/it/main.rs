//! Fetching from hosts on this machine that play the whole internet, with names that mean what a test says.

#![expect(clippy::unwrap_used, reason = "a broken test bed should fail the test")]

mod forms;
mod hosts;
mod names;
mod redirects;
mod server;
