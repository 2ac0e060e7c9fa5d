//! What OpenTelemetry gets: an upload is one trace, from the request through the queue to the child and the matching.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::multipart::{Form, Part};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::time::timeout;

use crate::collector::{Collector, Span};
use crate::service::{DEADLINE, Service, Shape, recordings};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CLIENT_SPAN: &str = "00f067aa0ba902b7";

/// Stops a process in good order.
async fn stop(process: &mut Child) {
    let pid = process.id().unwrap().try_into().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    let status = timeout(DEADLINE, process.wait()).await.expect("it ends in time").unwrap();
    assert!(status.success(), "{status}");
}

fn named<'a>(trace: &'a [Span], name: &str) -> &'a Span {
    let all: Vec<_> = trace.iter().filter(|span| span.name == name).collect();
    let [one] = all[..] else { panic!("one {name}: {trace:#?}") };
    one
}

/// True if `span` goes back to `ancestor` by its parents, which have all come.
fn descends(trace: &[Span], span: &Span, ancestor: &Span) -> bool {
    span.parent_id == ancestor.id
        || trace
            .iter()
            .find(|it| it.id == span.parent_id)
            .is_some_and(|parent| descends(trace, parent, ancestor))
}

async fn trace_id_of(service: &Service, track: &Value) -> String {
    let id = track["job"]["id"].as_str().unwrap();
    service.json(&format!("/v1/jobs/{id}")).await["trace_id"].as_str().unwrap().to_owned()
}

async fn one_upload_is_one_trace(shape: Shape) {
    let collector = Collector::start().await;
    let shape = shape.with("LOG__TRACES__ENDPOINT", collector.url());
    let mut service = Service::start(&shape, &["--no-worker"]).await;
    let mut worker = shape.worker();
    let upload = async |file: usize, traceparent: Option<String>| -> Value {
        let part = Part::bytes(std::fs::read(&recordings()[file]).unwrap()).file_name("a.flac");
        let mut request = service.post("/v1/tracks").multipart(Form::new().part("file", part));
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 202);
        answer.json().await.unwrap()
    };
    let of_client = upload(0, Some(format!("00-{TRACE}-{CLIENT_SPAN}-01"))).await;
    let of_nobody = upload(1, None).await;
    let ids = [&of_client, &of_nobody].map(|it| it["track"]["id"].as_str().unwrap().to_owned());
    service.until_final(&ids).await;
    let (trace_id, own_trace_id) =
        (trace_id_of(&service, &of_client).await, trace_id_of(&service, &of_nobody).await);
    let (service_pid, worker_pid) = (service.process.id().unwrap(), worker.id().unwrap());
    // What is not sent yet is sent at the end.
    stop(&mut worker).await;
    stop(&mut service.process).await;

    assert_eq!(trace_id, TRACE);
    let trace = collector.trace(TRACE);
    let request = named(&trace, "POST /v1/tracks");
    assert_eq!((request.parent_id.as_str(), request.kind), (CLIENT_SPAN, SpanKind::Server));
    assert_eq!(request.integer("http.response.status_code"), Some(202));
    assert_eq!(request.process, Some(service_pid.into()));
    let job = named(&trace, "job.analyze_track");
    assert!(descends(&trace, job, request), "{trace:#?}");
    assert_eq!((job.process, job.kind), (Some(worker_pid.into()), SpanKind::Consumer));
    let child = named(&trace, "child.analyze");
    assert_eq!(child.parent_id, job.id);
    let child_pid = child.integer("process.pid").unwrap();
    assert!(child_pid > 0 && ![service_pid, worker_pid].map(i64::from).contains(&child_pid));
    assert!(child.double("decode.cpu_s") > Some(0.0) && child.double("cpu_s") > Some(0.0));
    for stage in ["fetch", "write"] {
        assert_eq!(named(&trace, stage).parent_id, job.id);
    }
    let matching = named(&trace, "job.match_track");
    assert!(descends(&trace, matching, job), "{trace:#?}");

    // Without a client that traces, the trace begins with the request.
    let trace = collector.trace(&own_trace_id);
    let request = named(&trace, "POST /v1/tracks");
    assert_eq!(request.parent_id, "");
    assert!(descends(&trace, named(&trace, "job.match_track"), request), "{trace:#?}");
}

#[tokio::test]
async fn one_upload_is_one_trace_embedded() {
    one_upload_is_one_trace(Shape::embedded()).await;
}

#[tokio::test]
async fn one_upload_is_one_trace_production() {
    one_upload_is_one_trace(Shape::production().await).await;
}

#[tokio::test]
async fn a_collector_that_is_away_is_in_nobodys_way() {
    // Bound and never answered: the system takes the connections, and nothing else happens.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", silent.local_addr().unwrap());
    let shape = Shape::embedded().with("LOG__TRACES__ENDPOINT", &url);
    let mut service = Service::start(&shape, &[]).await;
    let track = service.upload_file(&recordings()[0]).await;
    service.until_final(std::slice::from_ref(&track)).await;
    let track = service.json(&format!("/v1/tracks/{track}")).await;
    assert_eq!(track["state"], "analyzed");
    stop(&mut service.process).await;
}
