//! Opus: symphonia reads its containers, `opus-decoder` its packets.

mod framing;
mod head;
mod stream;

pub(crate) use head::{Head, Layout};
pub(crate) use stream::{RATE_HZ, Stream};
