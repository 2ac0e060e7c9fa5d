//! Opus: symphonia reads its containers, libopus in Rust its packets.

mod head;
mod libopus;
mod stream;

pub(crate) use head::{Head, Layout};
pub(crate) use stream::{RATE_HZ, Stream};
