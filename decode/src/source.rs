//! A byte source that counts, so that a header cannot make a reader read for ever.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use symphonia::core::io::MediaSource;

use crate::{Error, LimitKind, Limits, Result};

/// Slack over tags and pictures for what else a container keeps before its audio: sample tables
/// of MP4, seek tables of FLAC, cues of Matroska, and the pages that Ogg inspects.
const HEADER_SLACK_BYTES: u64 = 32 << 20;

/// How often the bytes of a file may be read in all. A reader that a container sends back and
/// forth over the same bytes costs time without end. Honest containers need one pass, or a few
/// when tracks are not interleaved and every packet is read with what surrounds it.
const MAX_PASSES: u64 = 16;

/// What the source saw, shared with the decoder since the reader owns the source.
#[derive(Debug, Default)]
struct Ledger {
    n_read: u64,
    budget: u64,
    over_budget: bool,
    failure: Option<io::Error>,
}

/// The decoder's hold on a [`LimitedSource`].
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    ledger: Arc<Mutex<Ledger>>,
    n_bytes: u64,
    header_limit: u64,
}

impl Meter {
    fn with<T>(&self, f: impl FnOnce(&mut Ledger) -> T) -> T {
        f(&mut self.ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends the header's budget and begins that of the audio.
    pub(crate) fn begin_audio(&self) {
        let n_bytes = self.n_bytes;
        self.with(|ledger| {
            ledger.budget = ledger.n_read.saturating_add(n_bytes.saturating_mul(MAX_PASSES));
        });
    }

    /// Begins the header's budget anew, for a second reader.
    pub(crate) fn begin_header(&self) {
        let limit = self.header_limit;
        self.with(|ledger| ledger.budget = ledger.n_read.saturating_add(limit));
    }

    /// An error of reading a header outside symphonia.
    pub(crate) fn explain(&self, error: io::Error) -> Error {
        self.cause(true).unwrap_or(Error::Io(error))
    }

    /// The error behind a reader's error, when it was the source that ended it.
    pub(crate) fn cause(&self, in_header: bool) -> Option<Error> {
        self.with(|ledger| {
            if let Some(failure) = ledger.failure.take() {
                return Some(Error::Io(failure));
            }
            if !ledger.over_budget {
                return None;
            }
            Some(if in_header {
                Error::LimitExceeded { what: LimitKind::TagBytes, limit: self.header_limit }
            } else {
                Error::bad("the container makes its reader read the same bytes again and again")
            })
        })
    }
}

/// A source with a byte budget, which a second reader can take over after the first has failed.
pub(crate) struct LimitedSource<R> {
    inner: Arc<Mutex<R>>,
    ledger: Arc<Mutex<Ledger>>,
    /// The length; `None` hides it, as a pipe does.
    n_bytes: Option<u64>,
}

impl<R: Read + Seek> LimitedSource<R> {
    /// Measures and rewinds `inner`.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] for no bytes, [`Error::LimitExceeded`] for too many, [`Error::Io`] when
    /// the source cannot be measured.
    pub(crate) fn new(mut inner: R, limits: &Limits) -> Result<(Self, Meter)> {
        let n_bytes = inner.seek(SeekFrom::End(0)).map_err(Error::Io)?;
        inner.rewind().map_err(Error::Io)?;
        if n_bytes == 0 {
            return Err(Error::Empty);
        }
        if n_bytes > limits.max_bytes {
            return Err(Error::LimitExceeded { what: LimitKind::Bytes, limit: limits.max_bytes });
        }
        let header_limit = limits
            .max_tag_bytes
            .saturating_add(limits.max_picture_bytes)
            .saturating_add(HEADER_SLACK_BYTES);
        let ledger = Ledger { budget: header_limit, ..Ledger::default() };
        let ledger = Arc::new(Mutex::new(ledger));
        let meter = Meter { ledger: Arc::clone(&ledger), n_bytes, header_limit };
        let inner = Arc::new(Mutex::new(inner));
        Ok((Self { inner, ledger, n_bytes: Some(n_bytes) }, meter))
    }

    /// The same bytes from the beginning, as from a pipe: a reader cannot look for what a cut
    /// file lacks at its end.
    pub(crate) fn as_pipe(&self) -> Result<Self> {
        self.lock().rewind().map_err(Error::Io)?;
        let (inner, ledger) = (Arc::clone(&self.inner), Arc::clone(&self.ledger));
        Ok(Self { inner, ledger, n_bytes: None })
    }
}

impl<R> LimitedSource<R> {
    /// Another handle on the same bytes.
    pub(crate) fn share(&self) -> Self {
        let (inner, ledger) = (Arc::clone(&self.inner), Arc::clone(&self.ledger));
        Self { inner, ledger, n_bytes: self.n_bytes }
    }

    fn lock(&self) -> MutexGuard<'_, R> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Read> Read for LimitedSource<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        if ledger.n_read > ledger.budget {
            ledger.over_budget = true;
            return Err(io::Error::other("byte budget spent"));
        }
        let mut inner = self.lock();
        loop {
            match inner.read(buf) {
                Ok(n) => {
                    ledger.n_read += n as u64;
                    return Ok(n);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let told = io::Error::from(error.kind());
                    ledger.failure = Some(error);
                    return Err(told);
                }
            }
        }
    }
}

impl<R: Seek> Seek for LimitedSource<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // A seek out of range is the container's fault, not the source's: it is not recorded.
        self.lock().seek(to)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for LimitedSource<R> {
    fn is_seekable(&self) -> bool {
        self.n_bytes.is_some()
    }

    fn byte_len(&self) -> Option<u64> {
        self.n_bytes
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Seek};

    use super::{HEADER_SLACK_BYTES, LimitedSource, MAX_PASSES};
    use crate::{Error, Limits};

    fn read_all(source: &mut impl Read) -> std::io::Result<u64> {
        std::io::copy(source, &mut std::io::sink())
    }

    #[test]
    fn ends_a_header_without_end() {
        let limits = Limits { max_tag_bytes: 1, max_picture_bytes: 1, ..Limits::default() };
        let n_bytes = usize::try_from(HEADER_SLACK_BYTES).unwrap() * 2;
        let (mut source, meter) =
            LimitedSource::new(Cursor::new(vec![0; n_bytes]), &limits).unwrap();
        assert!(read_all(&mut source).is_err());
        let cause = meter.cause(true).unwrap();
        assert!(
            matches!(cause, Error::LimitExceeded { limit, .. } if limit == 2 + HEADER_SLACK_BYTES)
        );
    }

    #[test]
    fn ends_a_reader_that_runs_in_circles() {
        let (mut source, meter) =
            LimitedSource::new(Cursor::new(vec![0; 1 << 20]), &Limits::default()).unwrap();
        meter.begin_audio();
        let mut n_passes = 0;
        while read_all(&mut source).is_ok() {
            source.rewind().unwrap();
            n_passes += 1;
        }
        assert_eq!(n_passes, MAX_PASSES);
        assert_eq!(meter.cause(false).unwrap().code(), "bad_media");
    }

    #[test]
    fn gives_the_whole_file_again_as_a_pipe() {
        use symphonia::core::io::MediaSource;

        let (mut source, _) =
            LimitedSource::new(Cursor::new(vec![7; 100]), &Limits::default()).unwrap();
        assert_eq!(read_all(&mut source).unwrap(), 100);
        let mut pipe = source.as_pipe().unwrap();
        assert_eq!((pipe.is_seekable(), pipe.byte_len()), (false, None));
        assert_eq!(read_all(&mut pipe).unwrap(), 100);
    }
}
