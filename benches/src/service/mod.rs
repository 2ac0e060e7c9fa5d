//! The service as a process of its own, and just enough of a client to load it.

mod bucket;
mod client;
mod connection;
mod server;

pub use bucket::{Bucket, OwnServer};
pub use client::{upload, upload_file, upload_hours};
pub use connection::Connection;
pub use server::{Server, Shape};
