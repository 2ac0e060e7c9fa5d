//! A collector of OpenTelemetry traces on loopback: OTLP over HTTP, as the standard has it.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// A span as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) trace_id: String,
    pub(crate) id: String,
    /// Empty for the first of a trace.
    pub(crate) parent_id: String,
    /// The process that sent it.
    pub(crate) process: Option<i64>,
    attributes: Vec<KeyValue>,
}

impl Span {
    /// The value of an attribute that is an integer.
    pub(crate) fn integer(&self, key: &str) -> Option<i64> {
        integer(&self.attributes, key)
    }

    /// The value of an attribute that is a number with a fraction.
    pub(crate) fn double(&self, key: &str) -> Option<f64> {
        match value(&self.attributes, key) {
            Some(Value::DoubleValue(value)) => Some(*value),
            _ => None,
        }
    }
}

fn value<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    attributes.iter().find(|it| it.key == key)?.value.as_ref()?.value.as_ref()
}

fn integer(attributes: &[KeyValue], key: &str) -> Option<i64> {
    match value(attributes, key) {
        Some(Value::IntValue(value)) => Some(*value),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Takes what it is sent until it is dropped.
pub(crate) struct Collector {
    url: String,
    spans: Arc<Mutex<Vec<Span>>>,
    accepting: JoinHandle<()>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let spans = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&spans);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let taken = Arc::clone(&taken);
                connections.spawn(async move {
                    let service = service_fn(|request| take(request, Arc::clone(&taken)));
                    Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(socket), service)
                        .await
                        .ok();
                });
            }
        });
        Self { url, spans, accepting }
    }

    /// Where it takes traces.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The spans of a trace that have come so far.
    pub(crate) fn trace(&self, id: &str) -> Vec<Span> {
        let spans = self.spans.lock().unwrap();
        spans.iter().filter(|span| span.trace_id == id).cloned().collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn take(
    request: Request<Incoming>,
    taken: Arc<Mutex<Vec<Span>>>,
) -> Result<Response<Empty<Bytes>>, Infallible> {
    assert_eq!(request.uri().path(), "/v1/traces");
    assert_eq!(request.headers()["content-type"], "application/x-protobuf");
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    for of_process in sent.resource_spans {
        let resource = of_process.resource.unwrap_or_default();
        let process = integer(&resource.attributes, "process.pid");
        let spans = of_process.scope_spans.into_iter().flat_map(|scope| scope.spans);
        taken.lock().unwrap().extend(spans.map(|span| Span {
            kind: span.kind(),
            name: span.name,
            trace_id: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent_id: hex(&span.parent_span_id),
            process,
            attributes: span.attributes,
        }));
    }
    // A body without fields is no bytes at all.
    let answer = Response::builder().header("content-type", "application/x-protobuf");
    Ok(answer.body(Empty::new()).unwrap())
}
