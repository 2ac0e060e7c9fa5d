//! Bad input through the whole service: each gets its code, and nothing lasting is left behind.

use std::path::PathBuf;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::service::{Service, Shape, recordings};

/// A WAV header with what matters left open.
fn wav(rate: u32, channels: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let block = channels * 2;
    bytes.extend_from_slice(b"RIFF");
    bytes.extend_from_slice(&u32::try_from(36 + data.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt ");
    bytes.extend_from_slice(&16_u32.to_le_bytes());
    bytes.extend_from_slice(&1_u16.to_le_bytes());
    bytes.extend_from_slice(&channels.to_le_bytes());
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(rate * u32::from(block)).to_le_bytes());
    bytes.extend_from_slice(&block.to_le_bytes());
    bytes.extend_from_slice(&16_u16.to_le_bytes());
    bytes.extend_from_slice(b"data");
    bytes.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn recording(extension: &str) -> Vec<u8> {
    let path: PathBuf = recordings()
        .into_iter()
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .unwrap();
    std::fs::read(path).unwrap()
}

/// Half of a recording: truncated, but its good part is music.
fn half(extension: &str) -> Vec<u8> {
    let mut bytes = recording(extension);
    bytes.truncate(bytes.len() / 2);
    bytes
}

#[tokio::test]
async fn media_that_cannot_be_analysed_fails_with_its_code_and_keeps_its_blob() {
    let shape = Shape::embedded();
    let service = Service::start(&shape, &[]).await;
    let worker = service.process.id().unwrap();
    let cases = [
        ("text.mp3", "This is not music. ".repeat(400).into_bytes(), "unsupported_format"),
        ("rate0.wav", wav(0, 2, &[0; 4000]), "bad_media"),
        ("channels200.wav", wav(44_100, 200, &[0; 4000]), "limit_exceeded"),
    ];
    for (name, bytes, code) in cases {
        let n_bytes = bytes.len();
        let response = service.upload(name, bytes).await;
        assert_eq!(response.status(), 202, "{name}");
        let body: Value = response.json().await.unwrap();
        let id = body["track"]["id"].as_str().unwrap().to_owned();
        service.until_final(std::slice::from_ref(&id)).await;
        let track = service.json(&format!("/v1/tracks/{id}")).await;
        assert_eq!(
            (track["state"].as_str(), track["error"]["code"].as_str()),
            (Some("failed"), Some(code)),
            "{name}: {track}"
        );
        let audio = service.get(&format!("/v1/tracks/{id}/audio")).send().await.unwrap();
        assert_eq!(audio.bytes().await.unwrap().len(), n_bytes, "{name}");
    }
    assert_eq!(service.process.id(), Some(worker));
    assert_eq!(children_of(worker), Vec::<u32>::new());
}

#[tokio::test]
async fn a_truncated_recording_gives_a_report_that_says_so() {
    let shape = Shape::embedded();
    let service = Service::start(&shape, &[]).await;
    for extension in ["mp3", "flac"] {
        let response = service.upload(&format!("half.{extension}"), half(extension)).await;
        let body: Value = response.json().await.unwrap();
        let id = body["track"]["id"].as_str().unwrap().to_owned();
        service.until_final(std::slice::from_ref(&id)).await;
        let report = service.json(&format!("/v1/tracks/{id}/report")).await;
        assert_eq!(report["source"]["truncated"], true, "{extension}: {report}");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_half_way_leaves_no_track_and_no_blob() {
    let shape = Shape::embedded();
    let service = Service::start(&shape, &["--no-worker"]).await;
    let address = service.base.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/tracks HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: 1000000\r\n\r\n\
         --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n",
        service.token
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![1; 100_000]).await.unwrap();
    drop(connection);
    // The next upload is answered after the server has seen the end of the first.
    let whole = service.upload("whole.wav", wav(44_100, 2, &[0; 4000])).await;
    assert_eq!(whole.status(), 202);
    let tracks = service.json("/v1/tracks").await;
    assert_eq!(tracks["items"].as_array().map(Vec::len), Some(1), "{tracks}");
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
