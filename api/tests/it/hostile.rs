//! Bodies, heads and connections that nobody sends by mistake. Each figure stands in the test that has it.

use std::collections::HashSet;
use std::process::Command;
use std::{env, fs, io};

use api::{Config, Rate, RateLimitConfig, State};
use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use futures::future::join_all;
use futures::stream;
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{Role, Scope, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, interval, timeout};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::app::token;
use crate::form::Form;
use crate::live::Live;
use crate::world::{PASSWORD, World, request, send};

on_both_databases! {
    a_body_of_nothing_but_nesting_is_refused_by_every_operation,
    a_body_of_json_may_have_64_kib_and_no_byte_more,
    requests_that_are_given_up_leave_a_small_pool_whole,
}

/// Long enough for a loaded machine; nothing waits for it when all is well.
const DEADLINE: Duration = Duration::from_mins(1);
const NOBODY: &str = "0000000000000000000000";

/// Every operation that takes JSON, as method and path.
fn json_operations() -> Vec<(String, String)> {
    let document = api::openapi();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["requestBody"]["content"].get("application/json").is_some() {
                found.push((
                    method.to_uppercase(),
                    path.replace("{id}", NOBODY).replace("{number}", "1"),
                ));
            }
        }
    }
    assert!(found.len() >= 13, "{found:?}");
    found
}

/// An API and the session of an administrator, who may do everything.
async fn world(database: DatabaseKind) -> (World, String) {
    let world = World::new(database).await;
    world.user("ana", Role::Admin).await;
    let token = world.login("ana", PASSWORD).await.access;
    (world, token)
}

/// Sends a body, with its length said before it or not; what it is answered.
async fn refused(
    (world, token): &(World, String),
    (method, path): &(String, String),
    body: &Bytes,
    says_length: bool,
) -> (u16, String) {
    let request = Request::builder()
        .method(method.as_str())
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let request = if says_length {
        request.header("content-length", body.len()).body(Body::from(body.clone()))
    } else {
        let chunks = body.chunks(8192).map(Bytes::copy_from_slice).map(Ok::<_, io::Error>);
        request.body(Body::from_stream(stream::iter(chunks.collect::<Vec<_>>())))
    };
    let answer = send(&world.router, request.unwrap()).await;
    (answer.status.as_u16(), answer.code())
}

/// Memory that this process has now.
fn memory_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let n_kib: u64 = line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap();
    n_kib * 1024
}

/// Whether this process runs one test and no other.
fn is_alone() -> bool {
    env::args().any(|argument| argument == "--exact")
}

/// 1 MB of nesting is refused by its size, 60 KB of it by its depth, before anything recurses; alone in its process, in less than 64 MB.
async fn a_body_of_nothing_but_nesting_is_refused_by_every_operation(database: DatabaseKind) {
    let world = world(database).await;
    let nested = |text: &str, n_bytes: usize| Bytes::from(text.repeat(n_bytes / text.len()));
    let (before, mut most) = (memory_bytes(), 0);
    for operation in json_operations() {
        for says_length in [true, false] {
            for text in ["[", "{\"a\":", "[[],"] {
                let answer = refused(&world, &operation, &nested(text, 1 << 20), says_length).await;
                assert_eq!(answer, (413, "body_too_large".to_owned()), "{operation:?} {text}");
                let answer = refused(&world, &operation, &nested(text, 60_000), says_length).await;
                assert!(matches!(answer, (400 | 422, _)), "{operation:?} {text}: {answer:?}");
                most = most.max(memory_bytes());
            }
        }
    }
    let growth = most.saturating_sub(before);
    assert!(growth < 64 << 20 || !is_alone(), "{growth} bytes");
}

/// Memory belongs to a process and all its tests: so the same once more, in one of its own.
#[test]
fn nesting_takes_no_memory() {
    for database in ["sqlite", "postgres"] {
        let test = "a_body_of_nothing_but_nesting_is_refused_by_every_operation";
        let name = format!("hostile::{database}::{test}");
        let mut alone = Command::new(env::current_exe().unwrap());
        let output = alone.arg("--exact").arg(&name).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{name}: {said}");
    }
}

async fn a_body_of_json_may_have_64_kib_and_no_byte_more(database: DatabaseKind) {
    let world = world(database).await;
    for operation in json_operations() {
        for says_length in [true, false] {
            let white = |n_bytes: usize| Bytes::from(format!("{}?", " ".repeat(n_bytes - 1)));
            let answer = refused(&world, &operation, &white(64 << 10), says_length).await;
            assert_eq!(answer, (400, "malformed_json".to_owned()), "{operation:?}");
            let answer = refused(&world, &operation, &white((64 << 10) + 1), says_length).await;
            assert_eq!(answer, (413, "body_too_large".to_owned()), "{operation:?}");
        }
    }
}

async fn connect(server: &Live) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// Everything that the server sends until it closes.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.expect("the server did not close").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn is_well(server: &Live) {
    let answer = timeout(DEADLINE, server.get("/healthz").send()).await.expect("no answer");
    assert_eq!(answer.unwrap().status(), 200);
}

/// Waits until all connections that were made before are accepted: the kernel's queue is short, and in order.
async fn accepts(server: &Live) {
    let mut last = connect(server).await;
    last.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(read_all(&mut last).await.starts_with("HTTP/1.1 200 "));
}

/// More than 100 headers, or more than 64 KiB of them, are answered 431 and the connection is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_headers_is_refused() {
    let server = Live::start(DatabaseKind::Sqlite, Config::default()).await;
    let many = (0..101).map(|n| format!("x-{n}: 1\r\n")).collect::<Vec<_>>().concat();
    let long = format!("x-long: {}\r\n", "x".repeat(1 << 20));
    let path = format!("/{}", "x".repeat(1 << 20));
    for (path, headers) in
        [("/healthz", &many), ("/healthz", &long), (path.as_str(), &String::new())]
    {
        for _ in 0..20 {
            let mut stream = connect(&server).await;
            let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n");
            // The server may have closed before all of it is sent.
            let _ = stream.write_all(head.as_bytes()).await;
            let answer = read_all(&mut stream).await;
            // What is closed with bytes unread may be reset before the answer is read.
            let is_refused = answer.is_empty()
                || answer.starts_with("HTTP/1.1 431 ")
                || answer.starts_with("HTTP/1.1 414 ");
            assert!(is_refused, "{answer}");
        }
    }
    let mut stream = connect(&server).await;
    stream.write_all(format!("GET /healthz HTTP/1.1\r\n{many}\r\n").as_bytes()).await.unwrap();
    assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 431 "));
    is_well(&server).await;
    server.stop().await;
}

/// A client that takes its time, or stops half way.
#[derive(Debug, Clone, Copy)]
enum Slow {
    Silent,
    HeadBitByBit,
    BodyBitByBit,
    HalfClosedInHead,
    HalfClosedInBody,
}

/// Does what `slow` says until the server closes.
async fn linger(mut stream: TcpStream, slow: Slow, token: &str) {
    let body_head = format!(
        "POST /v1/tracks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: {}\r\ncontent-length: 1000000\r\n\r\n",
        Form::new().content_type()
    );
    let (begin, go_on) = match slow {
        Slow::Silent => (String::new(), false),
        Slow::HeadBitByBit => ("GET /healthz HTTP/1.1\r\nx-a: ".to_owned(), true),
        Slow::BodyBitByBit => (body_head, true),
        Slow::HalfClosedInHead => ("GET /healthz HTTP/1.1\r\nho".to_owned(), false),
        Slow::HalfClosedInBody => (body_head, false),
    };
    // On a loaded machine the server may be done with a connection before its client has begun.
    let _ = stream.write_all(begin.as_bytes()).await;
    let (mut reader, mut writer) = stream.split();
    if matches!(slow, Slow::HalfClosedInHead | Slow::HalfClosedInBody) {
        let _ = writer.shutdown().await;
    }
    let drip = async {
        let mut tick = interval(Duration::from_millis(200));
        while go_on && writer.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
        std::future::pending::<()>().await;
    };
    let closed = async {
        let mut bytes = Vec::new();
        let _ = reader.read_to_end(&mut bytes).await;
    };
    tokio::select! {
        () = drip => {}
        closed = timeout(DEADLINE, closed) => {
            closed.unwrap_or_else(|_| panic!("{slow:?} was not closed"));
        }
    }
}

/// How many of `n` connections can be held at once: each takes a descriptor at both ends, and perhaps one for a file; the others are for other tests.
fn n_at_once(n: usize) -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    // May be `unlimited`.
    let soft = files.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX);
    n.min(soft / 4)
}

/// Open descriptors that are the server's, or of a client of it: of its listener, of both ends of connections, and of files of recordings.
fn n_descriptors(server: &Live) -> usize {
    let port = format!(":{:04X}", server.address.port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let socket = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let is_its = columns.get(1..3)?.iter().any(|address| address.ends_with(&port));
        is_its.then(|| format!("socket:[{}]", columns[9]))
    };
    let sockets: HashSet<String> = table.lines().filter_map(socket).collect();
    let blobs = server.test.folder().join("blobs");
    let open = fs::read_dir("/proc/self/fd").unwrap();
    open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|it| it.starts_with(&blobs) || sockets.contains(&*it.to_string_lossy()))
        .count()
}

/// No limit but those that are looked at here.
fn unlimited() -> RateLimitConfig {
    RateLimitConfig { token: Rate::OFF, address: Rate::OFF, ..RateLimitConfig::default() }
}

/// 2,000 connections of five kinds are all closed and leave no descriptor open; healthy ones are answered meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_half_closed_connections_are_closed_and_others_served_meanwhile() {
    let n_at_once = n_at_once(2000);
    let config = Config {
        header_timeout_s: 1,
        body_timeout_s: 1,
        // Room for the slow ones, and ten more.
        max_connections: n_at_once + 10,
        rate_limit: unlimited(),
        ..Config::default()
    };
    let server = Live::start(DatabaseKind::Sqlite, config).await;
    let before = n_descriptors(&server);
    let token = token(&server.test.store, server.test.owner, &[Scope::TracksWrite]).await;
    let kinds = [
        Slow::Silent,
        Slow::HeadBitByBit,
        Slow::BodyBitByBit,
        Slow::HalfClosedInHead,
        Slow::HalfClosedInBody,
    ];
    let slow: Vec<Slow> = kinds.into_iter().cycle().take(2000).collect();
    let mut most = 0;
    for slow in slow.chunks(n_at_once) {
        let mut streams = Vec::new();
        for some in slow.chunks(500) {
            for _ in some {
                streams.push(connect(&server).await);
            }
            accepts(&server).await;
        }
        let slow = slow.iter().zip(streams);
        let slow = join_all(slow.map(|(slow, stream)| linger(stream, *slow, &token)));
        let healthy = async {
            for _ in 0..20 {
                is_well(&server).await;
                most = most.max(n_descriptors(&server));
            }
        };
        tokio::join!(slow, healthy);
    }
    assert!(most > n_at_once, "{most} descriptors were open at once");
    let closed = async {
        let mut tick = interval(Duration::from_millis(20));
        while n_descriptors(&server) > before + 5 {
            tick.tick().await;
        }
    };
    timeout(DEADLINE, closed).await.expect("descriptors were left open");
    server.stop().await;
}

/// 5,000 requests are given up at different places of their way, through four connections to the database; then 1,000 succeed. None is answered 5xx, and
/// no connection is left in a transaction.
async fn requests_that_are_given_up_leave_a_small_pool_whole(database: DatabaseKind) {
    let test = TestStore::new(database, BlobKind::Local).await;
    let mut config = test.config.clone();
    config.database.max_connections = 4;
    let store = Store::open(&config).await.unwrap();
    let token = token(&store, test.owner, &[Scope::TracksRead, Scope::ProfilesWrite]).await;
    let config = Config { rate_limit: unlimited(), ..Config::default() };
    let router = api::router(State::new(store.clone(), config, CancellationToken::new()));
    let profile = |name: u32| {
        let body = serde_json::json!({ "name": name.to_string() });
        request(Method::PUT, "/v1/profiles/me", Some(&token), Some(body))
    };
    let read = || request(Method::GET, "/v1/tracks", Some(&token), None);
    let mut n_given_up = 0;
    for n in 0..5000_u32 {
        let asked: Request<Body> = if n % 2 == 0 { profile(n) } else { read() };
        let asked = tokio::spawn(router.clone().oneshot(asked));
        for _ in 0..n % 23 {
            tokio::task::yield_now().await;
        }
        asked.abort();
        match asked.await {
            Ok(answer) => assert_eq!(answer.unwrap().status(), 200),
            Err(error) => {
                assert!(error.is_cancelled(), "{error}");
                n_given_up += 1;
            }
        }
        // What is given up runs on: who comes after it waits, so that no more than ten of them wait for each other.
        if n % 10 == 9 {
            assert_eq!(send(&router, profile(n)).await.status, 200, "after {n}");
        }
    }
    assert!(n_given_up > 2500, "{n_given_up}");
    for n in 0..500_u32 {
        assert_eq!(send(&router, profile(n)).await.status, 200);
        assert_eq!(send(&router, read()).await.status, 200);
    }
    let ended = async {
        let mut tick = interval(Duration::from_millis(20));
        while test.n_idle_in_transaction().await > 0 {
            tick.tick().await;
        }
    };
    timeout(DEADLINE, ended).await.expect("a connection is left in a transaction");
}
