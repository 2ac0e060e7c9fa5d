//! The service as a process of its own, and just enough of a client to load it.

mod bucket;
mod client;
mod server;

pub use bucket::{Bucket, OwnServer};
pub use client::upload;
pub use server::{Server, Shape};
