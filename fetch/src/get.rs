//! What a user names.

use std::net::IpAddr;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Url};

use crate::config::Config;
use crate::connect::connect;
use crate::error::{Error, Result};
use crate::exchange::{Exchange, announced_bytes, ask, is_encoded};
use crate::names::Names;
use crate::rules::Rules;
use crate::tls;

/// Longest type that is believed.
const MAX_CONTENT_TYPE_BYTES: usize = 127;

/// Fetches what users name.
#[derive(Clone)]
pub struct Client {
    config: Config,
    rules: Rules,
    names: Names,
}

/// What came: its head, and then its bytes piece by piece.
pub struct Answer {
    /// What the host says that it is, if that is sound or film.
    pub content_type: Option<String>,
    /// The length that was announced, if any was.
    pub n_bytes: Option<u64>,
    body: Incoming,
    n_bytes_so_far: u64,
    max_bytes: u64,
    deadline: Instant,
    config: Config,
    _connection: AbortOnDropHandle<()>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Client {
    /// A client by these rules, which asks `names` for addresses.
    pub fn new(config: &Config, names: Names) -> Self {
        Self { config: config.clone(), rules: Rules::new(config), names }
    }

    /// The head of what `url` names, of at most `max_bytes`, after all redirects.
    ///
    /// # Errors
    ///
    /// Each [`Error`].
    pub async fn get(&self, url: &str, max_bytes: u64) -> Result<Answer> {
        let deadline = Instant::now() + self.config.total_timeout();
        let mut url = self.rules.check(url)?;
        for _ in 0..=self.config.max_redirects {
            let exchange =
                timeout_at(deadline, self.ask(&url)).await.map_err(|_| Error::TooSlow)??;
            let status = exchange.response.status();
            match status.as_u16() {
                200 => return self.answer(exchange, max_bytes, deadline),
                301 | 302 | 303 | 307 | 308 => {
                    url = self.next(&url, exchange.response.headers())?;
                }
                other => return Err(Error::Status(other)),
            }
        }
        Err(Error::TooManyRedirects { limit: self.config.max_redirects })
    }

    async fn ask(&self, url: &Url) -> Result<Exchange> {
        let reached = timeout(self.config.connect_timeout(), async {
            let addresses = self.addresses(url).await?;
            connect(url, &addresses, tls::connector()).await.map_err(|_| Error::Unreachable)
        });
        let connection = reached.await.map_err(|_| Error::Unreachable)??;
        let asked = timeout(self.config.idle_timeout(), ask(url, connection, "*/*")).await;
        asked.map_err(|_| Error::Stalled)?
    }

    /// The addresses of a host: asked for once, and all of them ones to connect to. If a single one is not, somebody is up to something.
    async fn addresses(&self, url: &Url) -> Result<Vec<IpAddr>> {
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) => {
                self.names.addresses(name.to_owned()).await.map_err(|_| Error::NotPublic)?
            }
            None => Vec::new(),
        };
        let is_good = !addresses.is_empty() && addresses.iter().all(|it| self.rules.leads_to(*it));
        if is_good { Ok(addresses) } else { Err(Error::NotPublic) }
    }

    /// Where a redirect leads, by the rules for the first address. What began encrypted stays so.
    fn next(&self, url: &Url, headers: &HeaderMap) -> Result<Url> {
        let mut locations = headers.get_all(header::LOCATION).iter();
        let (Some(location), None) = (locations.next(), locations.next()) else {
            return Err(Error::RedirectMalformed);
        };
        let location = location.to_str().map_err(|_| Error::RedirectMalformed)?;
        let next = url.join(location).map_err(|_| Error::RedirectMalformed)?;
        if url.scheme() == "https" && next.scheme() == "http" {
            return Err(Error::RedirectRefused(crate::rules::Refusal::Scheme));
        }
        self.rules.check_url(&next).map_err(Error::RedirectRefused)?;
        Ok(next)
    }

    fn answer(&self, exchange: Exchange, max_bytes: u64, deadline: Instant) -> Result<Answer> {
        let Exchange { response, connection } = exchange;
        if is_encoded(response.headers()) {
            return Err(Error::Encoded);
        }
        let n_bytes = announced_bytes(response.headers());
        if n_bytes.is_some_and(|n_bytes| n_bytes > max_bytes) {
            return Err(Error::TooLarge { limit: max_bytes });
        }
        Ok(Answer {
            content_type: content_type(response.headers()),
            n_bytes,
            body: response.into_body(),
            n_bytes_so_far: 0,
            max_bytes,
            deadline,
            config: self.config.clone(),
            _connection: connection,
        })
    }
}

impl Answer {
    /// The next bytes, `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] with the first byte too many, [`Error::Stalled`], [`Error::TooSlow`], or [`Error::BrokeOff`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let idle = Instant::now() + self.config.idle_timeout();
            let frame = timeout_at(idle.min(self.deadline), self.body.frame()).await;
            let frame = match frame {
                Ok(Some(frame)) => frame.map_err(|_| Error::BrokeOff)?,
                Ok(None) => return Ok(None),
                Err(_) if self.deadline <= idle => return Err(Error::TooSlow),
                Err(_) => return Err(Error::Stalled),
            };
            // What is no data is a trailer, which nobody wants.
            let Ok(bytes) = frame.into_data() else { continue };
            self.n_bytes_so_far += bytes.len() as u64;
            if self.n_bytes_so_far > self.max_bytes {
                return Err(Error::TooLarge { limit: self.max_bytes });
            }
            if Instant::now() >= self.deadline {
                return Err(Error::TooSlow);
            }
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.trim().to_ascii_lowercase();
    let is_media = ["audio/", "video/", "application/ogg"].iter().any(|it| value.starts_with(it));
    (is_media && value.len() <= MAX_CONTENT_TYPE_BYTES).then_some(value)
}
