//! A host on loopback that says what a test tells it to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use fetch::{Client, Config, Error, Names};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// A host, and what it was asked.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    /// Answers each question as `say` says, in bytes, and closes.
    pub(crate) async fn saying(say: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let say = Arc::new(say);
        Self::start(move |mut stream, head| {
            let say = Arc::clone(&say);
            async move {
                // A client that has had enough closes before all is sent.
                let _ = stream.write_all(&say(&head)).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    /// Hands each connection over once the head of its question is there.
    pub(crate) async fn start<F, Answering>(answer: F) -> Self
    where
        F: Fn(TcpStream, String) -> Answering + Send + Sync + 'static,
        Answering: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (heads, answer) = (Arc::clone(&asked), Arc::new(answer));
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (heads, answer) = (Arc::clone(&heads), Arc::clone(&answer));
                tokio::spawn(async move {
                    let head = head(&mut stream).await;
                    heads.lock().unwrap().push(head.clone());
                    answer(stream, head).await;
                });
            }
        });
        Self { address, asked, _task: AbortOnDropHandle::new(task) }
    }

    /// The heads of all questions.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// A URL of it under a name.
    pub(crate) fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    /// Settings by which it is asked, though it is on loopback.
    pub(crate) fn config(&self) -> Config {
        Config {
            enabled: true,
            networks: vec!["127.0.0.0/8".parse().unwrap()],
            allow_http: true,
            ports: vec![80, 443, self.address.port()],
            ..Config::default()
        }
    }
}

async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            break;
        }
        bytes.push(byte[0]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer with a body.
pub(crate) fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let n_bytes = body.len();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {n_bytes}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// An answer that leads on.
pub(crate) fn redirect(status: u16, location: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\n");
    format!("{head}content-length: 0\r\n\r\n").into_bytes()
}

/// Every name is this machine.
pub(crate) fn here() -> Names {
    Names::by(|_| async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
}

/// All bytes of what a URL names.
pub(crate) async fn all(client: &Client, url: &str, max_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut answer = client.get(url, max_bytes).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
