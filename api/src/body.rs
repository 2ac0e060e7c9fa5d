//! Request bodies, read at a pace and up to a limit.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use tokio::time::{Instant, timeout};

/// A client must send this much within each timeout; one byte now and then is not enough.
const QUANTUM_BYTES: u64 = 4096;

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// Less than the least pace.
    #[error("the body came too slowly")]
    TooSlow,
    /// More bytes than allowed.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// The client went away or broke the framing.
    #[error("the body ended before it was complete")]
    Aborted,
}

/// A body that is read chunk by chunk, with a limit and a least pace.
pub(crate) struct Paced {
    stream: BodyDataStream,
    limit: u64,
    n_bytes: u64,
    pace: Duration,
    /// How long the client may still be waited for until it has sent the next quantum.
    patience: Duration,
    n_bytes_of_quantum: u64,
}

impl Paced {
    pub(crate) fn new(body: Body, limit: u64, pace: Duration) -> Self {
        let stream = body.into_data_stream();
        Self { stream, limit, n_bytes: 0, pace, patience: pace, n_bytes_of_quantum: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The next chunk, or `None` at the end.
    ///
    /// Only the time spent here counts: what goes by between two calls is our doing.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let begin = Instant::now();
            let chunk = match timeout(self.patience, self.stream.next()).await {
                Err(_) => return Err(BodyError::TooSlow),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(BodyError::Aborted),
                Ok(Some(Ok(chunk))) => chunk,
            };
            let n_bytes = chunk.len() as u64;
            self.n_bytes += n_bytes;
            if self.n_bytes > self.limit {
                return Err(BodyError::TooLarge { limit: self.limit });
            }
            self.patience = self.patience.saturating_sub(begin.elapsed());
            self.n_bytes_of_quantum += n_bytes;
            if self.n_bytes_of_quantum >= QUANTUM_BYTES {
                self.patience = self.pace;
                self.n_bytes_of_quantum = 0;
            }
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    /// The whole body in memory; only for bodies with a small limit.
    pub(crate) async fn collect(mut self) -> Result<Bytes, BodyError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    fn body(chunks: &[&'static [u8]]) -> Body {
        let chunks: Vec<std::io::Result<Bytes>> =
            chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk))).collect();
        Body::from_stream(stream::iter(chunks))
    }

    const PACE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn gives_all_chunks_up_to_the_limit() {
        let whole = Paced::new(body(&[b"ab", b"", b"cde"]), 5, PACE).collect().await;
        assert_eq!(whole, Ok(Bytes::from_static(b"abcde")));
        let whole = Paced::new(body(&[b"ab", b"cde"]), 4, PACE).collect().await;
        assert_eq!(whole, Err(BodyError::TooLarge { limit: 4 }));
    }

    #[tokio::test]
    async fn reports_a_client_that_went_away() {
        let chunks = [
            Ok(Bytes::from_static(b"ab")),
            Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe)),
        ];
        let body = Body::from_stream(stream::iter(chunks));
        assert_eq!(Paced::new(body, 100, PACE).collect().await, Err(BodyError::Aborted));
    }

    #[tokio::test(start_paused = true)]
    async fn one_byte_now_and_then_is_too_slow() {
        let trickle = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
        });
        let begin = Instant::now();
        let result = Paced::new(Body::from_stream(trickle), 1 << 20, PACE).collect().await;
        assert_eq!(result, Err(BodyError::TooSlow));
        assert_eq!(begin.elapsed(), PACE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_not_held_against_the_client() {
        let mut paced = Paced::new(body(&[b"ab", b"cd"]), 100, PACE);
        assert!(paced.chunk().await.is_ok());
        tokio::time::advance(PACE * 2).await;
        assert_eq!(paced.chunk().await, Ok(Some(Bytes::from_static(b"cd"))));
    }
}
