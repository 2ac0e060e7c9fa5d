//! Just enough HTTP to upload: a client library would hold more of the body than the server does.

use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fixtures::{Rng, wav_i16};

use super::server::Server;

const BOUNDARY: &str = "upload-boundary";
const ANSWER_DEADLINE: Duration = Duration::from_mins(10);
const READY_DEADLINE: Duration = Duration::from_secs(5);
/// Bytes written at once; an even number, so that it holds whole samples.
const CHUNK: usize = 64 * 1024;

/// Whether `GET /readyz` answers 200.
pub(super) fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> Result<u16> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(READY_DEADLINE))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        Ok(answer(stream)?.0)
    };
    ask().is_ok_and(|status| status == 200)
}

/// Uploads a WAV file of `n_bytes`, 44.1 kHz stereo, of noise that no other `seed` gives.
///
/// # Errors
///
/// When the server does not answer 202.
pub fn upload(server: &Server, seed: u64, n_bytes: u64) -> Result<()> {
    let header = wav_header(n_bytes, 44_100, 2)?;
    upload_noise(server, seed, n_bytes, &header)
}

/// Uploads `hours` of noise at 8 kHz, one channel: what takes long to analyse and little time to send.
///
/// # Errors
///
/// When the server does not answer 202.
pub fn upload_hours(server: &Server, seed: u64, hours: u64) -> Result<()> {
    let n_bytes = 44 + hours * 3600 * 8000 * 2;
    let header = wav_header(n_bytes, 8000, 1)?;
    upload_noise(server, seed, n_bytes, &header)
}

/// Uploads a file as it is.
///
/// # Errors
///
/// When it cannot be read, or the server does not answer 202.
pub fn upload_file(server: &Server, path: &Path) -> Result<()> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    upload_with(server, bytes.len() as u64, |out| Ok(out.write_all(&bytes)?))
}

fn upload_noise(server: &Server, seed: u64, n_bytes: u64, header: &[u8]) -> Result<()> {
    upload_with(server, n_bytes, |out| {
        out.write_all(header)?;
        write_noise(out, seed, n_bytes - header.len() as u64)
    })
}

fn upload_with(
    server: &Server,
    n_bytes: u64,
    write: impl FnOnce(&mut BufWriter<TcpStream>) -> Result<()>,
) -> Result<()> {
    let opening = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sound\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let closing = format!("\r\n--{BOUNDARY}--\r\n");
    let n_body_bytes = opening.len() as u64 + n_bytes + closing.len() as u64;

    let stream = TcpStream::connect(server.address()).context("cannot reach the server")?;
    stream.set_read_timeout(Some(ANSWER_DEADLINE))?;
    let mut out = BufWriter::with_capacity(CHUNK, stream.try_clone()?);
    write!(
        out,
        "POST /v1/tracks HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {n_body_bytes}\r\n\r\n",
        server.address(),
        server.token(),
    )?;
    out.write_all(opening.as_bytes())?;
    write(&mut out)?;
    out.write_all(closing.as_bytes())?;
    out.flush()?;
    match answer(stream)? {
        (202, _) => Ok(()),
        (status, body) => bail!("the upload was answered {status}: {body}"),
    }
}

/// The header of a file of `n_bytes`.
fn wav_header(n_bytes: u64, sample_rate: u32, n_channels: u16) -> Result<Vec<u8>> {
    let mut header = wav_i16(&[], sample_rate, n_channels);
    let n_sound_bytes = n_bytes
        .checked_sub(header.len() as u64)
        .filter(|n| n % (2 * u64::from(n_channels)) == 0)
        .context("the size of an upload must be 44 and a multiple of a frame")?;
    let n_sound_bytes = u32::try_from(n_sound_bytes).context("a WAV file holds less than 4 GiB")?;
    header[4..8].copy_from_slice(&(n_sound_bytes + 36).to_le_bytes());
    header[40..44].copy_from_slice(&n_sound_bytes.to_le_bytes());
    Ok(header)
}

fn write_noise(out: &mut impl Write, seed: u64, n_bytes: u64) -> Result<()> {
    let mut rng = Rng::new(seed);
    let mut chunk = vec![0_u8; CHUNK];
    let mut left = n_bytes;
    while left > 0 {
        for word in chunk.chunks_exact_mut(8) {
            word.copy_from_slice(&rng.next_u64().to_le_bytes());
        }
        let n = usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
        out.write_all(&chunk[..n])?;
        left -= n as u64;
    }
    Ok(())
}

/// Status and body of the answer.
fn answer(stream: TcpStream) -> Result<(u16, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .with_context(|| format!("no HTTP answer: {line:?}"))?;
    let mut rest = String::new();
    reader.take(64 * 1024).read_to_string(&mut rest)?;
    let body = rest.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_is_a_wav_file_of_the_size_asked_for() {
        let header = wav_header(1_000_000, 44_100, 2).unwrap();
        assert_eq!(header.len(), 44);
        assert_eq!(header[40..44], 999_956_u32.to_le_bytes());
        let mut sound = Vec::new();
        write_noise(&mut sound, 1, 999_956).unwrap();
        assert_eq!(sound.len(), 999_956);
        assert!(wav_header(43, 44_100, 2).is_err());
    }
}
