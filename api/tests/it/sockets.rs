//! A real server on a loopback port: clients that are slow, go away, or wait for leave to send.

use std::net::SocketAddr;

use api::Config;
use reqwest::multipart;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::form::Form;

/// Long enough for a loaded machine; nothing waits for it when all is well.
const DEADLINE: Duration = Duration::from_secs(30);

struct Server {
    app: App,
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(config: Config) -> Self {
        let app = App::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(api::serve(app.store.clone(), config, listener, shutdown.clone()));
        Self { app, address, shutdown, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The head of an upload, to be followed by `n_bytes` or, without a number, by chunks.
    fn upload_head(&self, n_bytes: Option<usize>, extra: &str) -> String {
        let length = match n_bytes {
            Some(n_bytes) => format!("content-length: {n_bytes}"),
            None => "transfer-encoding: chunked".to_owned(),
        };
        format!(
            "POST /v1/tracks HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\ncontent-type: {}\r\n{length}\r\n{extra}\r\n",
            self.app.token,
            Form::new().content_type()
        )
    }

    /// Waits until no upload has left anything.
    async fn is_clean(&self) {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let clean = async {
            while self.app.n_blob_files() > 0 {
                tick.tick().await;
            }
        };
        timeout(DEADLINE, clean).await.expect("an upload left something behind");
        assert_eq!(self.app.n_tracks().await, 0);
    }

    /// Waits until the bytes of an upload have begun to arrive in the blob store.
    async fn is_staging(&self) {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let staging = async {
            while self.app.n_blob_files() == 0 {
                tick.tick().await;
            }
        };
        timeout(DEADLINE, staging).await.expect("the upload did not begin");
    }

    async fn stop(self) {
        self.shutdown.cancel();
        timeout(DEADLINE, self.task).await.expect("the server did not stop").unwrap().unwrap();
    }
}

/// Everything that the server sends until it closes.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.expect("the server did not close").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the server sends until `end` came.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let read = timeout(DEADLINE, stream.read(&mut buffer)).await.expect("nothing came");
        let n_bytes = read.unwrap();
        assert_ne!(n_bytes, 0, "closed after {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..n_bytes]));
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_half_way_leaves_nothing() {
    let server = Server::start(Config::default()).await;
    let form = Form::new().file("a.mp3", "audio/mpeg", &vec![7; 1 << 20]).into_bytes();
    for with_length in [true, false] {
        let mut stream = server.connect().await;
        let head = server.upload_head(with_length.then_some(form.len()), "");
        stream.write_all(head.as_bytes()).await.unwrap();
        let half = &form[..form.len() / 2];
        if !with_length {
            stream.write_all(format!("{:x}\r\n", form.len()).as_bytes()).await.unwrap();
        }
        stream.write_all(half).await.unwrap();
        // It did happen: bytes were there before the client went away.
        server.is_staging().await;
        drop(stream);
        server.is_clean().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_asks_for_leave_is_refused_before_it_sends() {
    let server = Server::start(Config { max_upload_bytes: 1000, ..Config::default() }).await;
    let mut stream = server.connect().await;
    let head = server.upload_head(Some(1 << 30), "expect: 100-continue\r\nconnection: close\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("\"upload_too_large\""), "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_client_gets_its_answer_while_it_still_sends() {
    let server = Server::start(Config { max_upload_bytes: 1000, ..Config::default() }).await;
    let form = Form::new().file("a.mp3", "audio/mpeg", &vec![7; 1 << 20]).into_bytes();
    for with_length in [true, false] {
        let mut stream = server.connect().await;
        let head = server.upload_head(with_length.then_some(form.len()), "connection: close\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        if !with_length {
            stream.write_all(format!("{:x}\r\n", form.len()).as_bytes()).await.unwrap();
        }
        stream.write_all(&form).await.unwrap();
        if !with_length {
            stream.write_all(b"\r\n0\r\n\r\n").await.unwrap();
        }
        let answer = read_all(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    }
    server.is_clean().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_comes_too_slowly_is_refused() {
    let server = Server::start(Config { body_timeout_s: 1, ..Config::default() }).await;
    let mut stream = server.connect().await;
    let head = server.upload_head(Some(100_000), "connection: close\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
        .write_all(&Form::new().file("a.mp3", "audio/mpeg", b"slow").into_bytes()[..100])
        .await
        .unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"request_timeout\""), "{answer}");
    server.is_clean().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_says_nothing_is_closed() {
    let server = Server::start(Config { header_timeout_s: 1, ..Config::default() }).await;
    let begin = Instant::now();
    for said in ["", "GET /healthz HTTP/1.1\r\nho", "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let mut stream = server.connect().await;
        stream.write_all(said.as_bytes()).await.unwrap();
        let answer = read_all(&mut stream).await;
        assert_eq!(answer.contains("200 OK"), said.ends_with("\r\n\r\n"), "{said:?}: {answer}");
    }
    assert!(begin.elapsed() >= Duration::from_secs(1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stops_with_streams_open_and_uploads_under_way() {
    let server = Server::start(Config::default()).await;
    let mut watcher = server.connect().await;
    let request = format!(
        "GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        server.app.token
    );
    watcher.write_all(request.as_bytes()).await.unwrap();
    read_until(&mut watcher, "event: ready").await;
    let idle = server.connect().await;

    let form = Form::new().file("a.mp3", "audio/mpeg", &vec![7; 1 << 20]).into_bytes();
    let mut uploader = server.connect().await;
    let head = server.upload_head(Some(form.len()), "");
    uploader.write_all(head.as_bytes()).await.unwrap();
    uploader.write_all(&form[..1 << 19]).await.unwrap();
    server.is_staging().await;

    server.shutdown.cancel();
    let last = read_all(&mut watcher).await;
    assert!(last.contains("event: bye"), "{last}");
    // What was under way may end well.
    uploader.write_all(&form[1 << 19..]).await.unwrap();
    let answer = read_all(&mut uploader).await;
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    server.stop().await;
    drop(idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_end_in_time_is_cut_off() {
    let server = Server::start(Config { shutdown_grace_s: 1, ..Config::default() }).await;
    let mut uploader = server.connect().await;
    uploader.write_all(server.upload_head(Some(1 << 20), "").as_bytes()).await.unwrap();
    let form = Form::new().file("a.mp3", "audio/mpeg", &vec![7; 1 << 19]).into_bytes();
    uploader.write_all(&form[..1 << 18]).await.unwrap();
    server.is_staging().await;
    server.shutdown.cancel();
    read_all(&mut uploader).await;
    server.is_clean().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_common_client_is_understood() {
    let server = Server::start(Config::default()).await;
    let part = multipart::Part::bytes(b"music".to_vec()).file_name("Für \"Elise\".flac");
    let form = multipart::Form::new()
        .text("title", "Für Elise")
        .part("file", part.mime_str("audio/flac").unwrap())
        .text("tags", "piano");
    let answer = reqwest::Client::new()
        .post(format!("http://{}/v1/tracks", server.address))
        .bearer_auth(&server.app.token)
        .multipart(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let track = &answer.json::<serde_json::Value>().await.unwrap()["track"];
    assert_eq!(track["title"], "Für Elise");
    assert_eq!(track["file_name"], "Für \"Elise\".flac");
    assert_eq!(track["content_type"], "audio/flac");
    server.stop().await;
}
