//! What the operator has configured.

use std::net::IpAddr;
use std::time::Duration;

use http_body_util::BodyExt;
use tokio::time::timeout;
use url::{Host, Url};

use crate::connect::connect;
use crate::error::{Error, Result};
use crate::exchange::{ask, is_encoded};
use crate::rules::Refusal;
use crate::tls;

/// How long a document may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON document of at most `max_bytes` from an address that the operator has configured, or that somebody says whom the operator has configured.
///
/// It may be on a private network. `http:` will do on this machine only. Redirects are not followed.
///
/// # Errors
///
/// Each [`Error`] but those of redirects.
pub async fn document(url: &str, max_bytes: u64) -> Result<Vec<u8>> {
    let url = Url::parse(url).map_err(|_| Refusal::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials.into());
    }
    if !matches!(url.scheme(), "https" | "http") {
        return Err(Refusal::Scheme.into());
    }
    timeout(TIMEOUT, read(&url, max_bytes)).await.map_err(|_| Error::TooSlow)?
}

async fn read(url: &Url, max_bytes: u64) -> Result<Vec<u8>> {
    let addresses: Vec<IpAddr> = match url.host().ok_or(Refusal::Host)? {
        Host::Ipv4(address) => vec![address.into()],
        Host::Ipv6(address) => vec![address.into()],
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((name, 0)).await;
            found.map_err(|_| Error::Unreachable)?.map(|address| address.ip()).collect()
        }
    };
    if url.scheme() == "http" && !addresses.iter().all(IpAddr::is_loopback) {
        return Err(Refusal::Scheme.into());
    }
    let connection = connect(url, &addresses, tls::connector()).await;
    let connection = connection.map_err(|_| Error::Unreachable)?;
    let mut exchange = ask(url, connection, "application/json").await?;
    let status = exchange.response.status().as_u16();
    if status != 200 {
        return Err(Error::Status(status));
    }
    if is_encoded(exchange.response.headers()) {
        return Err(Error::Encoded);
    }
    let mut bytes = Vec::new();
    while let Some(frame) = exchange.response.body_mut().frame().await {
        let Ok(data) = frame.map_err(|_| Error::BrokeOff)?.into_data() else { continue };
        if bytes.len() as u64 + data.len() as u64 > max_bytes {
            return Err(Error::TooLarge { limit: max_bytes });
        }
        bytes.extend_from_slice(&data);
    }
    drop(exchange.connection);
    Ok(bytes)
}
