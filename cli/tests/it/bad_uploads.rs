//! Bad input through the whole service: each gets its code, and what it leaves behind is what is documented.

use std::time::Instant;

use fixtures::forged::{Wav, caf, flac};
use reqwest::Response;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::service::{DEADLINE, Service, Shape, recordings};
use crate::worker_site::pause;

/// The first half of a recording of this kind.
fn half(extension: &str) -> Vec<u8> {
    let path = recordings()
        .into_iter()
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate(bytes.len() / 2);
    bytes
}

#[tokio::test]
async fn media_that_cannot_be_analysed_fails_with_its_code_and_keeps_its_blob() {
    let four_hours: u32 = 4 * 3_600 * 4_000;
    let cases = [
        ("text.mp3", b"This is not music. ".repeat(400), "unsupported_format"),
        ("rate0.wav", Wav::silent(2, 0, 1_000).bytes(), "bad_media"),
        ("channels200.wav", Wav::silent(200, 44_100, 1_000).bytes(), "limit_exceeded"),
        ("no_audio.wav", Wav::silent(2, 44_100, 0).bytes(), "empty"),
        ("announced.flac", flac::silence(2, four_hours.into()), "limit_exceeded"),
        ("bomb.flac", flac::silence(four_hours / 65_535 + 1, 0), "limit_exceeded"),
        ("greedy.caf", caf::lpcm(u32::MAX, u32::MAX, 32), "bad_media"),
        ("half.m4a", half("m4a"), "bad_media"),
    ];
    let shape = Shape::embedded();
    let service = Service::start(&shape, &[]).await;
    let worker = service.process.id().unwrap();
    for (name, bytes, code) in cases {
        let n_bytes = bytes.len();
        let id = accepted(service.upload(name, bytes).await).await;
        service.until_final(std::slice::from_ref(&id)).await;
        let track = service.json(&format!("/v1/tracks/{id}")).await;
        let ending = (track["state"].as_str(), track["error"]["code"].as_str());
        assert_eq!(ending, (Some("failed"), Some(code)), "{name}: {track}");
        let audio = format!("/v1/tracks/{id}/audio");
        let kept = service.get(&audio).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(kept.len(), n_bytes, "{name}");
        service.delete(&format!("/v1/tracks/{id}")).await;
        assert_eq!(service.get(&audio).send().await.unwrap().status(), 404, "{name}");
    }
    assert_eq!(shape.n_blob_files(), 0);
    assert_eq!(service.process.id(), Some(worker));
    assert_eq!(children_of(worker), Vec::<u32>::new());
}

#[tokio::test]
async fn a_truncated_recording_gives_a_report_that_says_so() {
    let shape = Shape::embedded();
    let service = Service::start(&shape, &[]).await;
    for extension in ["mp3", "flac", "ogg", "opus", "wav"] {
        let id =
            accepted(service.upload(&format!("half.{extension}"), half(extension)).await).await;
        service.until_final(std::slice::from_ref(&id)).await;
        let report = service.json(&format!("/v1/tracks/{id}/report")).await;
        assert_eq!(report["source"]["truncated"], true, "{extension}: {report}");
    }
}

/// A form with these parts, each a head and a content.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    body
}

const FILE: &str = "name=\"file\"; filename=\"a.wav\"";

/// How many bytes the service of the next test takes.
const MAX_BYTES: usize = 100_000;

#[tokio::test]
async fn what_fails_in_transport_leaves_no_track_and_no_blob() {
    let shape = Shape::embedded().with("API__MAX_UPLOAD_BYTES", &MAX_BYTES.to_string());
    let service = Service::start(&shape, &[]).await;
    let music = [1; 5_000].as_slice();
    let over = vec![1; MAX_BYTES + 1];
    let far_over = vec![1; 20 * MAX_BYTES];
    // With a length, and in chunks, whose number nobody knows before the last.
    let cases: [(Vec<u8>, &str, &str); 7] = [
        (Vec::new(), "422", "upload_empty"),
        (form(&[]), "422", "upload_missing_file"),
        (form(&[(FILE, b"")]), "422", "upload_empty"),
        (form(&[("name=\"title\"", b"x")]), "422", "upload_missing_file"),
        (form(&[(FILE, music), (FILE, music)]), "422", "upload_many_files"),
        (form(&[(FILE, &over)]), "413", "upload_too_large"),
        (form(&[(FILE, &far_over)]), "413", "upload_too_large"),
    ];
    for (body, status, code) in &cases {
        for chunked in [false, true] {
            let answer = exchange(&service, body, chunked).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{code}: {answer}");
            assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{code}: {answer}");
        }
    }
    // A client that hangs up half way, with and without an announced length.
    for head in ["content-length: 90000", "transfer-encoding: chunked"] {
        let mut connection = request(&service, head).await;
        let part = form(&[(FILE, &vec![1; 50_000])]);
        connection.write_all(&part[..40_000]).await.unwrap();
        drop(connection);
    }
    // The service notices the end of a connection in its own time.
    let start = Instant::now();
    while shape.n_blob_files() > 0 {
        assert!(start.elapsed() < DEADLINE, "{} files are left", shape.n_blob_files());
        pause().await;
    }
    let tracks = service.json("/v1/tracks").await;
    assert_eq!(tracks["items"], serde_json::json!([]));
    assert_eq!(service.json("/v1/jobs").await["items"], serde_json::json!([]));
}

#[tokio::test]
async fn hostile_file_names_are_kept_for_display_only() {
    let shape = Shape::embedded();
    let service = Service::start(&shape, &["--no-worker"]).await;
    let long = "x".repeat(4_096);
    let cases = [
        ("../../../etc/passwd", Some("passwd")),
        ("a\0b.wav", Some("ab.wav")),
        ("song\u{202e}3pm.exe", Some("song3pm.exe")),
        (&long, Some(&long[..255])),
        ("..", None),
    ];
    for (n, (name, kept)) in cases.into_iter().enumerate() {
        let head = format!("name=\"file\"; filename=\"{name}\"");
        let answer = exchange(&service, &form(&[(&head, &vec![1; n + 1])]), false).await;
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["track"]["file_name"].as_str(), kept, "{name:?}: {body}");
    }
    assert_eq!(shape.n_blob_files(), cases.len());
}

async fn accepted(response: Response) -> String {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 202, "{body}");
    body["track"]["id"].as_str().unwrap().to_owned()
}

/// A connection on which the head of an upload has been sent, with `length` as its last line.
async fn request(service: &Service, length: &str) -> TcpStream {
    let address = service.base.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/tracks HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
         content-type: multipart/form-data; boundary=x\r\n{length}\r\n\r\n",
        service.token
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

/// Sends a form as the body of an upload, and reads the answer to its end.
async fn exchange(service: &Service, body: &[u8], chunked: bool) -> String {
    let length = format!("content-length: {}", body.len());
    let length = if chunked { "transfer-encoding: chunked" } else { &length };
    let (mut reader, mut writer) = request(service, length).await.into_split();
    let wire = if chunked { in_chunks(body) } else { body.to_vec() };
    let mut answer = Vec::new();
    // A service that has seen enough may close the door on the rest; what it answered counts.
    let _ = tokio::join!(writer.write_all(&wire), reader.read_to_end(&mut answer));
    String::from_utf8(answer).unwrap()
}

/// The chunked coding of HTTP/1.1.
fn in_chunks(body: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for chunk in body.chunks(10_000) {
        wire.extend(format!("{:x}\r\n", chunk.len()).as_bytes());
        wire.extend(chunk);
        wire.extend(b"\r\n");
    }
    wire.extend(b"0\r\n\r\n");
    wire
}

/// The processes whose parent is `parent`.
fn children_of(parent: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok())
        .flat_map(|children| {
            children.split_whitespace().map(|child| child.parse().unwrap()).collect::<Vec<u32>>()
        })
        .collect()
}
