//! A connection that is kept for one request after the other.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::server::Server;

const DEADLINE: Duration = Duration::from_mins(1);
/// Longest answer that is read.
const MAX_BODY_BYTES: usize = 64 << 20;

/// A client with one connection and a token.
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    /// Connects to a server, in the operator's name.
    ///
    /// # Errors
    ///
    /// When it cannot be reached.
    pub fn open(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(server.address()).context("cannot reach the server")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        let head = format!(
            "HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            server.address(),
            server.token()
        );
        Ok(Self { reader: BufReader::new(stream), head })
    }

    /// Status and body of `GET path`, all of which has been read.
    ///
    /// # Errors
    ///
    /// When the connection breaks, or the answer does not say how long it is.
    pub fn get(&mut self, path: &str) -> Result<(u16, Vec<u8>)> {
        // In one piece, as clients send it.
        let request = format!("GET {path} {}", self.head);
        self.reader.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no HTTP answer: {line:?}"))?;
        let mut n_bytes = None;
        loop {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 {
                bail!("the answer broke off");
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                n_bytes = Some(value.trim().parse::<usize>()?);
            }
        }
        let n_bytes = n_bytes.with_context(|| format!("{path} does not say how long it is"))?;
        if n_bytes > MAX_BODY_BYTES {
            bail!("{path} is of {n_bytes} bytes");
        }
        let mut body = vec![0; n_bytes];
        self.reader.read_exact(&mut body)?;
        Ok((status, body))
    }

    /// The JSON that `GET path` answers with 200.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get), and with any other status.
    pub fn json(&mut self, path: &str) -> Result<serde_json::Value> {
        match self.get(path)? {
            (200, body) => Ok(serde_json::from_slice(&body)?),
            (status, body) => bail!("{path}: {status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}
