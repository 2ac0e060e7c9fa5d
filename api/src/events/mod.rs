//! `GET /v1/events`: everything that happens to the caller's tracks, as server-sent events.
//!
//! One poller per process asks the database for the last sequence number and tells all streams, each
//! of which then reads its owner's events in short queries: nobody holds a read transaction open.

mod feed;
mod get;
mod hub;

pub(crate) use feed::EventBody;
pub(crate) use get::{__path_get, get};
pub(crate) use hub::Hub;
