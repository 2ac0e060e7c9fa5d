//! Reading a blob, whole or in part.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use crate::{Error, Result};

/// A half-open range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub start: u64,
    /// One after the last byte; what lies beyond the blob's end is left out.
    pub end: u64,
}

impl ByteRange {
    /// The part of the range that a blob of `n_bytes_total` has.
    pub(crate) fn within(self, n_bytes_total: u64) -> Result<Self> {
        let end = self.end.min(n_bytes_total);
        if self.start >= end {
            return Err(Error::RangeNotSatisfiable { n_bytes_total });
        }
        Ok(Self { start: self.start, end })
    }

    pub(crate) fn n_bytes(self) -> u64 {
        self.end - self.start
    }
}

/// The bytes of a blob, or of a range of it.
///
/// A source that ends early gives an error, never a short read that looks complete.
pub struct BlobReader {
    /// Length of the whole blob.
    pub n_bytes_total: u64,
    /// Bytes that this reader gives.
    pub n_bytes: u64,
    n_bytes_left: u64,
    source: Pin<Box<dyn AsyncRead + Send>>,
}

impl BlobReader {
    pub(crate) fn new(
        n_bytes_total: u64,
        n_bytes: u64,
        source: impl AsyncRead + Send + 'static,
    ) -> Self {
        Self { n_bytes_total, n_bytes, n_bytes_left: n_bytes, source: Box::pin(source) }
    }
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobReader")
            .field("n_bytes_total", &self.n_bytes_total)
            .field("n_bytes", &self.n_bytes)
            .finish_non_exhaustive()
    }
}

impl AsyncRead for BlobReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.n_bytes_left == 0 || buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let room = usize::try_from(self.n_bytes_left).unwrap_or(usize::MAX).min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(self.source.as_mut().poll_read(cx, &mut part))?;
        let n_read = part.filled().len();
        if n_read == 0 {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the blob ended {} bytes early", self.n_bytes_left),
            )));
        }
        buffer.advance(n_read);
        self.n_bytes_left -= u64::try_from(n_read).unwrap_or(u64::MAX);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn gives_what_was_promised_and_no_more() {
        let mut reader = BlobReader::new(8, 4, &b"12345678"[..]);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"1234");
    }

    #[tokio::test]
    async fn an_early_end_is_an_error() {
        let mut reader = BlobReader::new(8, 8, &b"123"[..]);
        let error = reader.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_range_is_cut_to_the_blob() {
        let range = |start, end| ByteRange { start, end }.within(10);
        assert_eq!(range(2, 99).unwrap(), ByteRange { start: 2, end: 10 });
        for (start, end) in [(10, 20), (3, 3), (5, 2)] {
            assert!(matches!(
                range(start, end),
                Err(Error::RangeNotSatisfiable { n_bytes_total: 10 })
            ));
        }
    }
}
