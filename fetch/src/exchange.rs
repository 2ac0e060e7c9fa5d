//! One question and its answer, on a connection of its own.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, Version};
use hyper_util::rt::TokioIo;
use tokio_util::task::AbortOnDropHandle;
use url::{Position, Url};

use crate::connect::Connection;
use crate::error::{Error, Result};

/// Bytes that the head of an answer may have.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Headers that an answer may have.
const MAX_HEADERS: usize = 100;

/// An answer whose body comes as long as its connection is held.
pub(crate) struct Exchange {
    pub(crate) response: Response<Incoming>,
    pub(crate) connection: AbortOnDropHandle<()>,
}

/// Asks for what a URL names. The question says nothing but that.
pub(crate) async fn ask(
    url: &Url,
    connection: Connection,
    accept: &'static str,
) -> Result<Exchange> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let shaken = builder.handshake(TokioIo::new(connection)).await;
    let (mut sender, connection) = shaken.map_err(|_| Error::BrokeOff)?;
    let connection = AbortOnDropHandle::new(tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("a connection to a stranger ended: {error}");
        }
    }));
    let response = sender.send_request(question(url, accept)?).await;
    let response = response.map_err(|_| Error::BrokeOff)?;
    Ok(Exchange { response, connection })
}

fn question(url: &Url, accept: &'static str) -> Result<Request<Empty<Bytes>>> {
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::GET;
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = url[Position::BeforePath..Position::AfterQuery]
        .parse()
        .map_err(|_| Error::Refused(crate::rules::Refusal::Malformed))?;
    let host = HeaderValue::from_str(host)
        .map_err(|_| Error::Refused(crate::rules::Refusal::Malformed))?;
    *request.headers_mut() = HeaderMap::from_iter([
        (header::HOST, host),
        (header::USER_AGENT, HeaderValue::from_static("Consort")),
        (header::ACCEPT, HeaderValue::from_static(accept)),
        (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
        (header::CONNECTION, HeaderValue::from_static("close")),
    ]);
    Ok(request)
}

/// Whether a body is as it was made, or packed for the way.
pub(crate) fn is_encoded(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CONTENT_ENCODING);
    values.iter().any(|value| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// The length that an answer announces.
pub(crate) fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
