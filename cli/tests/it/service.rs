//! A running `consort serve`, and workers beside it, for one test.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, Response};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Ten times what the slowest step takes on a busy machine with two cores.
pub(crate) const DEADLINE: Duration = Duration::from_mins(4);

/// The program under test.
pub(crate) fn consort(variables: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consort"));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command
}

/// One of the two shapes, with whatever it needs kept alive.
pub(crate) struct Shape {
    pub(crate) variables: Vec<(String, String)>,
    folder: TempDir,
    _database: Option<store::testing::PostgresDatabase>,
    _s3: Option<store::testing::S3Server>,
}

impl Shape {
    /// SQLite and a local folder.
    pub(crate) fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let variables = [
            ("STORE__DATABASE__URL", format!("sqlite:{}", path("consort.db"))),
            ("STORE__BLOBS__KIND", "local".to_owned()),
            ("STORE__BLOBS__PATH", path("blobs")),
        ];
        Self { variables: prefixed(&variables), folder, _database: None, _s3: None }
    }

    /// PostgreSQL and S3, both real servers on loopback.
    pub(crate) async fn production() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = store::testing::PostgresDatabase::create().await;
        let s3 = store::testing::S3Server::start().await;
        let bucket = s3.config();
        let variables = [
            ("STORE__DATABASE__URL", database.url().to_owned()),
            ("STORE__BLOBS__KIND", "s3".to_owned()),
            ("STORE__BLOBS__ENDPOINT", bucket.endpoint),
            ("STORE__BLOBS__REGION", bucket.region),
            ("STORE__BLOBS__BUCKET", bucket.bucket),
            ("STORE__BLOBS__ACCESS_KEY", bucket.access_key.expose_secret().to_owned()),
            ("STORE__BLOBS__SECRET_KEY", bucket.secret_key.expose_secret().to_owned()),
        ];
        Self { variables: prefixed(&variables), folder, _database: Some(database), _s3: Some(s3) }
    }

    /// The same with a setting more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.extend(prefixed(&[(name, value.to_owned())]));
        self
    }

    /// Files in the blob folder of the embedded shape, those that are on their way among them.
    pub(crate) fn n_blob_files(&self) -> usize {
        n_files(&self.folder.path().join("blobs"))
    }

    /// `consort work` of this shape.
    pub(crate) fn worker(&self) -> Child {
        consort(&self.variables)
            .arg("work")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

fn n_files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { n_files(&path) } else { 1 })
        .sum()
}

fn prefixed(variables: &[(&str, String)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| (format!("CONSORT__{name}"), value.clone())).collect()
}

fn serve(shape: &Shape, arguments: &[&str]) -> Command {
    let mut command = consort(&shape.variables);
    command.env("CONSORT__API__LISTEN", "127.0.0.1:0").arg("serve").args(arguments);
    command.stderr(Stdio::piped());
    command
}

/// `consort serve` and a token for it.
pub(crate) struct Service {
    pub(crate) base: String,
    pub(crate) token: String,
    pub(crate) process: Child,
    pub(crate) http: reqwest::Client,
}

impl Service {
    /// Starts `consort serve` with `arguments` and waits until it says where it answers.
    pub(crate) async fn start(shape: &Shape, arguments: &[&str]) -> Self {
        let process = serve(shape, arguments).stdout(Stdio::null()).spawn().unwrap();
        Self::answering(shape, process).await.0
    }

    /// Starts `consort serve`; with the first line of its standard output, and its log until it answers.
    pub(crate) async fn listened_to(shape: &Shape) -> (Self, String, String) {
        let mut process = serve(shape, &["--no-worker"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (service, log) = Self::answering(shape, process).await;
        let told = timeout(DEADLINE, lines.next_line()).await.expect("it tells in time");
        (service, told.unwrap().unwrap(), log)
    }

    async fn answering(shape: &Shape, mut process: Child) -> (Self, String) {
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let base = timeout(DEADLINE, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(url) = line.strip_prefix("consort answers on ") {
                    return url.to_owned();
                }
                log += &line;
            }
            panic!("the service ended before it answered");
        })
        .await
        .expect("the service answers in time");
        // The log goes on: somebody has to read it, or the service would stop at a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let token = consort(&shape.variables).args(["admin", "token"]).output().await.unwrap();
        assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
        let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        (Self { base, token, process, http }, log)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub(crate) async fn delete(&self, path: &str) {
        let response = self.http.delete(format!("{}{path}", self.base)).bearer_auth(&self.token);
        assert_eq!(response.send().await.unwrap().status(), 204, "DELETE {path}");
    }

    /// The body of a `GET` that must succeed.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert!(status.is_success(), "GET {path}: {status}: {body}");
        body
    }

    pub(crate) async fn upload(&self, name: &str, bytes: Vec<u8>) -> Response {
        let part = Part::bytes(bytes).file_name(name.to_owned());
        self.post("/v1/tracks").multipart(Form::new().part("file", part)).send().await.unwrap()
    }

    /// Uploads a file and gives the track's id.
    pub(crate) async fn upload_file(&self, path: &Path) -> String {
        let name = path.file_name().unwrap().to_str().unwrap();
        let response = self.upload(name, std::fs::read(path).unwrap()).await;
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert_eq!(status, 202, "{body}");
        body["track"]["id"].as_str().unwrap().to_owned()
    }

    /// Follows the events until each track has come to an end: matched or failed.
    pub(crate) async fn until_final(&self, tracks: &[String]) {
        let mut waiting: Vec<&str> = tracks.iter().map(String::as_str).collect();
        let mut events = self.get("/v1/events").header("last-event-id", "0").send().await.unwrap();
        let mut text = String::new();
        timeout(DEADLINE, async {
            while !waiting.is_empty() {
                let chunk = events.chunk().await.unwrap().expect("the events go on");
                text.push_str(std::str::from_utf8(&chunk).unwrap());
                while let Some(end) = text.find("\n\n") {
                    let frame: String = text.drain(..end + 2).collect();
                    if frame.contains("event: track.matched")
                        || frame.contains("event: track.failed")
                    {
                        waiting.retain(|track| !frame.contains(track));
                    }
                }
            }
        })
        .await
        .unwrap_or_else(|_| panic!("these tracks never came to an end: {waiting:?}"));
    }
}

/// The recordings that come with the source.
pub(crate) fn recordings() -> Vec<PathBuf> {
    fixtures::clips().iter().map(fixtures::Clip::path).collect()
}
