//! Operations, and how each is asked with everything in order but whoever asks.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use store::Sha256;
use store::tokens::Scope;

use super::policy::{Need, POLICY};
use crate::app::{Answer, App};
use crate::form::Form;
use crate::world::PASSWORD;

/// Two ids that are nobody's.
pub(super) const NOBODIES: [&str; 2] = ["0000000000000000000000", "0000000000000000000001"];

/// How an operation is asked and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A bearer token, and problems of RFC 9457.
    Ours,
    /// A bearer token, and errors as Spotify's.
    Spotify,
    /// A key among the parameters, and 200 with a code inside.
    Subsonic,
}

/// A row of the policy, or the same under another name that the document does not list.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) need: Need,
    pub(super) dialect: Dialect,
}

/// All operations, and those with other names.
pub(super) fn operations() -> Vec<Operation> {
    let mut operations: Vec<Operation> = POLICY.iter().map(Operation::of).collect();
    let aliases: Vec<Operation> = operations.iter().filter_map(Operation::alias).collect();
    operations.extend(aliases);
    operations
}

/// Those that are closed to whoever is not known.
pub(super) fn closed() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(|operation| operation.need != Need::Open)
}

impl Operation {
    fn of((name, need): &(&'static str, Need)) -> Self {
        let (method, path) = name.split_once(' ').unwrap();
        let dialect = match path {
            path if path.starts_with("/rest/") => Dialect::Subsonic,
            path if path.starts_with("/v1/audio-") => Dialect::Spotify,
            _ => Dialect::Ours,
        };
        Self { method, path: path.to_owned(), need: *need, dialect }
    }

    fn alias(&self) -> Option<Self> {
        let path = match self.dialect {
            Dialect::Subsonic => format!("{}.view", self.path),
            Dialect::Spotify if self.path == "/v1/audio-features" => format!("{}/", self.path),
            Dialect::Ours | Dialect::Spotify => return None,
        };
        Some(Self { path, ..self.clone() })
    }

    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn is_for_administrators(&self) -> bool {
        self.need.scopes() == [Scope::Admin]
    }

    /// Whether it names anything that may be somebody's.
    pub(super) fn names(&self) -> bool {
        self.names_something() || self.lists_what_it_names()
    }

    /// Whether what it names must be there.
    pub(super) fn names_something(&self) -> bool {
        self.path.contains("{id}")
            || self.path == "/v1/compare"
            || self.dialect == Dialect::Subsonic && !self.need.scopes().is_empty()
            || naming(&self.path, NOBODIES).is_some()
    }

    /// Whether it lists what it names, and passes over what is not there.
    pub(super) fn lists_what_it_names(&self) -> bool {
        let listing = ["/v1/audio-features", "/v1/reports", "/v1/tracks"];
        self.method == "GET" && listing.contains(&self.path.trim_end_matches('/'))
    }

    /// What it answers when all is well.
    pub(super) fn success(&self) -> StatusCode {
        let makes_at_once = self.is_for_administrators() || self.path.starts_with("/v1/uploads");
        match (self.method, self.path.as_str()) {
            ("OPTIONS", _) => StatusCode::NO_CONTENT,
            // It finds nothing to do.
            ("POST", "/v1/admin/jobs/retry") => StatusCode::OK,
            ("POST", _) if makes_at_once => StatusCode::CREATED,
            ("POST", _) => StatusCode::ACCEPTED,
            _ => StatusCode::OK,
        }
    }

    /// The code of an answer in our words, `ok` if it is none.
    pub(super) fn code(&self, answer: &Answer) -> String {
        let status = answer.status.as_u16();
        match self.dialect {
            Dialect::Ours if answer.status.is_success() => "ok".to_owned(),
            Dialect::Ours => answer.code(),
            Dialect::Spotify => {
                let error = &answer.json()["error"];
                if !answer.status.is_success() {
                    assert_eq!(answer.header("content-type"), "application/json");
                    assert_eq!(error["status"], status);
                    assert!(error["message"].is_string());
                }
                word(status)
            }
            Dialect::Subsonic => {
                assert_eq!(answer.status, StatusCode::OK);
                let answer = &answer.json()["subsonic-response"];
                match answer["error"]["code"].as_u64() {
                    None => word(200),
                    Some(10 | 44) => word(401),
                    Some(50) => word(403),
                    Some(70) => word(404),
                    Some(other) => other.to_string(),
                }
            }
        }
    }

    /// Where it is asked.
    fn uri(&self, key: Option<&str>, [id, other]: [&str; 2]) -> String {
        let path = self.path.replace("{id}", id).replace("{number}", "1");
        let path = path.replace("{code}", "not_found");
        match self.path.as_str() {
            "/v1/compare" => format!("{path}?a={id}&b={other}"),
            _ if self.lists_what_it_names() => format!("{path}?ids={id},{other}"),
            _ if self.dialect == Dialect::Subsonic && self.method == "GET" => {
                format!("{path}?{}", parameters(&self.path, key, [id, other]))
            }
            _ => path,
        }
    }

    /// What is sent, and what it is.
    fn body(&self, key: Option<&str>, ids: [&str; 2]) -> (String, Vec<u8>) {
        let json = |body: Value| ("application/json".to_owned(), body.to_string().into_bytes());
        let bytes = |kind: &str, bytes: &[u8]| (kind.to_owned(), bytes.to_vec());
        if let Some(body) = naming(&self.path, ids).filter(|_| self.method == "POST") {
            return json(body);
        }
        match (self.method, self.path.as_str()) {
            ("POST", path) if path.starts_with("/rest/") => {
                let form = parameters(path, key, ids);
                bytes("application/x-www-form-urlencoded", form.as_bytes())
            }
            ("PUT", path) if path.contains("/answers/") => json(json!({ "answer": "accept" })),
            ("PUT", path) if path.contains("/parts/") => bytes("application/octet-stream", b"x"),
            ("PUT", "/v1/auth/password") => json(json!({
                "current_password": PASSWORD, "new_password": "another horse battery",
            })),
            ("PUT", "/v1/admin/maintenance") => json(json!({ "enabled": false })),
            ("PATCH", path) if path.starts_with("/v1/uploads/tus/") => {
                bytes("application/offset+octet-stream", b"x")
            }
            ("POST", "/v1/uploads/tus") => bytes("", b""),
            ("POST", "/v1/uploads") => json(json!({ "n_bytes": 1 })),
            ("POST", "/v1/uploads/{id}/complete") => json(json!({ "sha256": Sha256::of(b"x") })),
            ("POST", "/v1/imports") => json(json!({ "url": "https://music.example/a.wav" })),
            ("POST", path) if path.starts_with("/v1/tracks") => {
                let form = Form::new().file("a", "audio/wav", path.as_bytes());
                (form.content_type(), form.into_bytes())
            }
            ("POST", "/v1/admin/tokens") => json(json!({ "name": "x", "scopes": ["admin"] })),
            ("POST", "/v1/admin/users") => json(json!({ "name": "x" })),
            ("PATCH" | "PUT" | "POST", _) => json(json!({})),
            _ => bytes("", b""),
        }
    }
}

/// What a status means among ours.
fn word(status: u16) -> String {
    match status {
        200 => "ok".to_owned(),
        401 => "unauthorized".to_owned(),
        403 => "missing_scope".to_owned(),
        404 => "not_found".to_owned(),
        other => other.to_string(),
    }
}

/// The parameters of an operation of `/rest`.
fn parameters(path: &str, key: Option<&str>, [id, other]: [&str; 2]) -> String {
    let named = match path.trim_end_matches(".view") {
        "/rest/getSonicSimilarTracks" => format!("id={id}&"),
        "/rest/findSonicPath" => format!("startSongId={id}&endSongId={other}&"),
        _ => String::new(),
    };
    let key = key.map(|key| format!("apiKey={key}&")).unwrap_or_default();
    format!("{named}{key}f=json")
}

/// The body of an operation that names tracks in it.
fn naming(path: &str, [id, other]: [&str; 2]) -> Option<Value> {
    match path {
        "/v1/search" => Some(json!({ "track": id })),
        "/v1/playlists/path" => Some(json!({ "from": id, "to": other })),
        "/v1/playlists/more-like" => Some(json!({ "like": [id], "less_like": [other] })),
        _ => None,
    }
}

/// Sends the operation. The ids stand in the path, the query or the body.
pub(super) async fn send(
    app: &App,
    operation: &Operation,
    token: Option<&str>,
    ids: [&str; 2],
) -> Answer {
    let mut request = Request::builder()
        .method(operation.method)
        .uri(operation.uri(token, ids))
        .header("x-request-id", "same");
    if let Some(token) = token.filter(|_| operation.dialect != Dialect::Subsonic) {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if operation.path.starts_with("/v1/uploads/tus") {
        request = request.header("tus-resumable", "1.0.0").header("upload-length", 1);
        request = request.header("upload-offset", 0).header("x-http-method-override", "HEAD");
    }
    let (content_type, body) = operation.body(token, ids);
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    // A stream of events has no end: only its head is looked at.
    if operation.path == "/v1/events" {
        app.shutdown.cancel();
    }
    app.send(request.body(Body::from(body)).unwrap()).await
}
