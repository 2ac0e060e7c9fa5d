//! Hosts that are slow, endless, or lie.

use fetch::{Client, Config, Error, Names};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::server::{Server, all, here, ok};

async fn check(answer: Vec<u8>, expected: Result<&[u8], Error>) {
    let shown = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
    let server = Server::saying(move |_| answer.clone()).await;
    let client = Client::new(&server.config(), here());
    let came = all(&client, &server.url("example.org", "/a.wav"), 1000).await;
    assert_eq!(came.as_deref().map_err(|error| *error), expected, "{shown}");
}

fn said(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[tokio::test]
async fn bytes_come_however_their_end_is_told() {
    check(ok("", b"music"), Ok(b"music")).await;
    check(ok("", b""), Ok(b"")).await;
    check(said("HTTP/1.1 200 OK\r\n\r\nmusic"), Ok(b"music")).await;
    check(said("HTTP/1.0 200 OK\r\n\r\nmusic"), Ok(b"music")).await;
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nmus\r\n2\r\nic\r\n0\r\nx-a: b\r\n\r\n";
    check(said(chunked), Ok(b"music")).await;
    check(ok("content-encoding: identity\r\n", b"music"), Ok(b"music")).await;
    check(ok("", &[7; 1000]), Ok(&[7; 1000])).await;
}

#[tokio::test]
async fn what_is_no_recording_is_refused_by_its_head() {
    for status in [201, 204, 206, 300, 304, 400, 401, 403, 404, 410, 500, 503] {
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        check(answer.into_bytes(), Err(Error::Status(status))).await;
    }
    check(ok("content-encoding: gzip\r\n", b"x"), Err(Error::Encoded)).await;
    check(ok("content-encoding: br\r\n", b"x"), Err(Error::Encoded)).await;
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n";
    check(said(announced), Err(Error::TooLarge { limit: 1000 })).await;
    let headers = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect::<Vec<_>>().concat();
    check(ok(&headers, b"x"), Err(Error::BrokeOff)).await;
    check(ok(&format!("x-long: {}\r\n", "x".repeat(1 << 17)), b"x"), Err(Error::BrokeOff)).await;
    check(said("SSH-2.0-OpenSSH_9.2\r\n"), Err(Error::BrokeOff)).await;
    check(said("HTTP/0.9 music"), Err(Error::BrokeOff)).await;
    check(Vec::new(), Err(Error::BrokeOff)).await;
}

#[tokio::test]
async fn a_length_that_is_not_true_is_noticed() {
    check(said("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmusic"), Err(Error::BrokeOff)).await;
    // What comes after the announced end belongs to nobody.
    check(said("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nmusic"), Ok(b"mus")).await;
    for lie in ["-1", "1, 2", "0x5", "99999999999999999999"] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {lie}\r\n\r\nmusic");
        check(answer.into_bytes(), Err(Error::BrokeOff)).await;
    }
    let torn = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nmus";
    check(said(torn), Err(Error::BrokeOff)).await;
    let huge = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nmus";
    check(said(huge), Err(Error::BrokeOff)).await;
}

/// A megabyte of zeros in a kilobyte stays a kilobyte: nothing here unpacks anything.
#[tokio::test]
async fn nothing_is_unpacked() {
    let packed = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0x4c, 0x4a, 6, 0];
    check(ok("content-type: application/gzip\r\n", &packed), Ok(&packed)).await;
    check(
        ok("content-encoding: gzip\r\ncontent-type: audio/wav\r\n", &packed),
        Err(Error::Encoded),
    )
    .await;
}

#[tokio::test]
async fn a_body_without_end_ends_at_the_limit() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"]
    {
        let is_chunked = head.contains("chunked");
        let server = Server::start(move |mut stream, _| async move {
            stream.write_all(head.as_bytes()).await.unwrap();
            let piece = if is_chunked { b"5\r\nmusic\r\n".as_slice() } else { b"music" };
            while stream.write_all(piece).await.is_ok() {}
        })
        .await;
        let client = Client::new(&server.config(), here());
        let url = server.url("example.org", "/");
        let error = all(&client, &url, 100_000).await.err();
        assert_eq!(error, Some(Error::TooLarge { limit: 100_000 }), "{head}");
    }
}

#[tokio::test]
async fn a_host_that_falls_silent_is_left() {
    for begin in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nmus"] {
        let server = Server::start(move |mut stream, _| async move {
            stream.write_all(begin.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let config = Config { idle_timeout_s: 1, ..server.config() };
        let client = Client::new(&config, here());
        let url = server.url("example.org", "/");
        assert_eq!(all(&client, &url, 100).await.err(), Some(Error::Stalled), "{begin:?}");
    }
}

#[tokio::test]
async fn a_host_that_takes_its_time_for_ever_is_left_in_the_end() {
    let server = Server::start(move |mut stream, _| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(20));
        while stream.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
    })
    .await;
    let config = Config { total_timeout_s: 1, ..server.config() };
    let client = Client::new(&config, here());
    let url = server.url("example.org", "/");
    assert_eq!(all(&client, &url, 1 << 30).await.err(), Some(Error::TooSlow));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let config = Config {
        networks: vec!["127.0.0.0/8".parse().unwrap()],
        allow_http: true,
        ports: vec![port],
        connect_timeout_s: 1,
        ..Config::default()
    };
    let client = Client::new(&config, here());
    let url = format!("http://example.org:{port}/");
    assert_eq!(client.get(&url, 1).await.err(), Some(Error::Unreachable));
    let never = Client::new(&config, Names::by(|_| std::future::pending()));
    assert_eq!(never.get(&url, 1).await.err(), Some(Error::Unreachable));
}

/// Who speaks plainly where encryption is wanted learns nothing, not even the path.
#[tokio::test]
async fn without_a_certificate_nothing_is_asked() {
    let server = Server::saying(|_| ok("", b"music")).await;
    let client = Client::new(&server.config(), here());
    let url = server.url("example.org", "/secret").replace("http:", "https:");
    assert_eq!(client.get(&url, 100).await.err(), Some(Error::Unreachable));
    assert!(server.asked().iter().all(|head| !head.contains("secret")));
}

#[tokio::test]
async fn the_type_of_media_is_believed_and_no_other() {
    for (told, expected) in [
        ("audio/mpeg", Some("audio/mpeg")),
        ("Audio/OGG; codecs=opus", Some("audio/ogg; codecs=opus")),
        ("application/ogg", Some("application/ogg")),
        ("text/html", None),
        ("image/svg+xml", None),
    ] {
        let server = Server::saying(move |_| ok(&format!("content-type: {told}\r\n"), b"x")).await;
        let client = Client::new(&server.config(), here());
        let answer = client.get(&server.url("example.org", "/"), 100).await.unwrap();
        assert_eq!((answer.content_type.as_deref(), answer.n_bytes), (expected, Some(1)), "{told}");
    }
}
