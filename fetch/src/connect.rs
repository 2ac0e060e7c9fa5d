//! A connection to one of a few addresses.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

/// Addresses of a host that are tried.
const MAX_TRIED: usize = 4;

/// A connection, encrypted or not.
pub(crate) enum Connection {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// Connects to the first of these addresses that answers, and to no other; then, for `https:`, makes sure that it is whom the URL names.
pub(crate) async fn connect(
    url: &Url,
    addresses: &[IpAddr],
    tls: &TlsConnector,
) -> io::Result<Connection> {
    let nobody = || io::Error::from(io::ErrorKind::AddrNotAvailable);
    let port = url.port_or_known_default().ok_or_else(nobody)?;
    let mut stream = Err(nobody());
    for address in addresses.iter().take(MAX_TRIED) {
        stream = TcpStream::connect(SocketAddr::new(*address, port)).await;
        if stream.is_ok() {
            break;
        }
    }
    let stream = stream?;
    if url.scheme() != "https" {
        return Ok(Connection::Plain(stream));
    }
    let name = server_name(url).ok_or_else(nobody)?;
    Ok(Connection::Encrypted(Box::new(tls.connect(name, stream).await?)))
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(address) => Some(IpAddr::from(address).into()),
        Host::Ipv6(address) => Some(IpAddr::from(address).into()),
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{RootCertStore, ServerConfig};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::tls;

    const CERTIFICATE: &[u8] = include_bytes!("../tests/certificates/music.example.crt");
    const KEY: &[u8] = include_bytes!("../tests/certificates/music.example.key");

    /// A host that has a certificate of `music.example` and says "music".
    async fn host() -> u16 {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Whoever does not believe the certificate leaves.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                stream.write_all(b"music").await.unwrap();
                stream.shutdown().await.unwrap();
            }
        });
        port
    }

    #[tokio::test]
    async fn only_who_proves_to_be_the_host_is_believed() {
        let port = host().await;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
        let (believing, strict) = (tls::believing(roots), tls::believing(RootCertStore::empty()));
        let here = [IpAddr::from([127, 0, 0, 1])];
        let come = async |host: &str, tls: &TlsConnector| {
            let url = Url::parse(&format!("https://{host}:{port}/")).unwrap();
            let mut connection = connect(&url, &here, tls).await?;
            let mut text = String::new();
            connection.read_to_string(&mut text).await?;
            Ok::<_, io::Error>(text)
        };
        assert_eq!(come("music.example", &believing).await.unwrap(), "music");
        assert_eq!(come("music.example.", &believing).await.unwrap(), "music");
        for host in ["other.example", "a.music.example", "127.0.0.1", "[::1]"] {
            assert!(come(host, &believing).await.is_err(), "{host}");
        }
        assert!(come("music.example", &strict).await.is_err());
    }
}
