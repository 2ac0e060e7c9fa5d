//! Hours of audio that need neither memory nor a large file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of the header that [`fixtures::wav_i16`] writes.
const HEADER_BYTES: u64 = 44;

/// A WAV file whose sound comes several times over: as long a file as is wanted, read from a short one.
#[derive(Debug)]
pub struct Repeated {
    file: File,
    header: Vec<u8>,
    sound_bytes: u64,
    n_bytes: u64,
    at: u64,
}

impl Repeated {
    /// The 16 bit WAV file at `path`, its sound `times` over.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or the result would be 4 GiB or more, which WAV cannot say.
    pub fn open(path: &Path, times: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let sound_bytes = file.metadata()?.len().saturating_sub(HEADER_BYTES);
        let mut header = vec![0; HEADER_BYTES as usize];
        file.read_exact(&mut header)?;
        let n_bytes = HEADER_BYTES + sound_bytes * times;
        let total = u32::try_from(n_bytes).map_err(io::Error::other)?;
        // The two lengths of the format: of all that follows, and of the sound.
        header[4..8].copy_from_slice(&(total - 8).to_le_bytes());
        header[40..].copy_from_slice(&(total - HEADER_BYTES as u32).to_le_bytes());
        Ok(Self { file, header, sound_bytes, n_bytes, at: 0 })
    }
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(header) = self.header.get(self.at as usize..).filter(|rest| !rest.is_empty()) {
            let n = header.len().min(buffer.len());
            buffer[..n].copy_from_slice(&header[..n]);
            self.at += n as u64;
            return Ok(n);
        }
        if self.at >= self.n_bytes {
            return Ok(0);
        }
        let within = (self.at - HEADER_BYTES) % self.sound_bytes;
        let n = (buffer.len() as u64).min(self.sound_bytes - within) as usize;
        self.file.seek(SeekFrom::Start(HEADER_BYTES + within))?;
        let n = self.file.read(&mut buffer[..n])?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Repeated {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.n_bytes.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_the_file_that_it_stands_for() {
        let samples = fixtures::noise(1, 1_000);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("short.wav");
        std::fs::write(&path, fixtures::wav_i16(&samples, 8_000, 2)).unwrap();
        let mut repeated = Repeated::open(&path, 3).unwrap();
        let mut bytes = Vec::new();
        repeated.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, fixtures::wav_i16(&samples.repeat(3), 8_000, 2));
        repeated.seek(SeekFrom::Start(2_500)).unwrap();
        let mut rest = Vec::new();
        repeated.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes[2_500..]);
        assert!(Repeated::open(&path, 10_000_000).is_err());
    }
}
