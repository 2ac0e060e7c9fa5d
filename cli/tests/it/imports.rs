//! A recording that the service fetches itself, from the address to its matches, on both shapes.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::service::{Service, Shape};
use crate::worker_site::{pause, tone};

/// A host that gives the same recording to whoever asks for `/tone.wav`; its port.
async fn host() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let n_read = stream.read(&mut head).await.unwrap();
            let is_there = head[..n_read].starts_with(b"GET /tone.wav ");
            let (status, body) = if is_there { (200, tone(7)) } else { (404, Vec::new()) };
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        }
    });
    port
}

async fn import(service: &Service, url: &str) -> Value {
    let body = json!({ "url": url, "title": "From afar" });
    let answer = service.post("/v1/imports").json(&body).send().await.unwrap();
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(status, 202, "{answer}");
    let path = format!("/v1/jobs/{}", answer["job"]["id"].as_str().unwrap());
    loop {
        let job = service.json(&path).await;
        if !["queued", "running"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        pause().await;
    }
}

#[tokio::test]
async fn an_import_becomes_a_track_with_a_report() {
    let port = host().await;
    for shape in [Shape::embedded(), Shape::production().await] {
        let shape = shape
            .with("API__IMPORTS__ENABLED", "true")
            .with("API__IMPORTS__ALLOW_HTTP", "true")
            .with("API__IMPORTS__NETWORKS", "127.0.0.1/32")
            .with("API__IMPORTS__PORTS", &format!("443,{port}"));
        let service = Service::start(&shape, &[]).await;
        let job = import(&service, &format!("http://127.0.0.1:{port}/tone.wav")).await;
        assert_eq!((&job["kind"], &job["state"]), (&json!("import_track"), &json!("succeeded")));
        let track = job["track_id"].as_str().unwrap().to_owned();
        service.until_final(std::slice::from_ref(&track)).await;
        let track = service.json(&format!("/v1/tracks/{track}")).await;
        assert_eq!((&track["title"], &track["state"]), (&json!("From afar"), &json!("analyzed")));
        assert_eq!((&track["file_name"], &track["duration_s"]), (&json!("tone.wav"), &json!(2.0)));
        assert_eq!(track["n_bytes"], tone(7).len());

        let job = import(&service, &format!("http://127.0.0.1:{port}/other.wav")).await;
        assert_eq!(
            (&job["state"], &job["error"]["code"]),
            (&json!("failed"), &json!("remote_status"))
        );
        let refused = json!({ "url": format!("http://127.0.0.2:{port}/tone.wav") });
        let answer = service.post("/v1/imports").json(&refused).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "url_refused");
    }
}
