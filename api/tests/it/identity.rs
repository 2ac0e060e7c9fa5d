//! Who may do what: every operation of the OpenAPI document, with every kind of caller.

use api::{Config, ImportsConfig};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use store::tokens::Scope;

use crate::app::{Answer, App};
use crate::form::Form;

/// Who may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Access {
    /// Everybody: these are the doors.
    Open,
    /// Whoever is known, whatever they may do.
    Known,
    /// Whoever has all of these scopes; [`Scope::Admin`] takes the role too.
    Scopes(Vec<Scope>),
}

/// How an operation is asked and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// A bearer token, and problems of RFC 9457.
    Ours,
    /// A bearer token, and errors as Spotify's.
    Spotify,
    /// A key among the parameters, and 200 with a code inside.
    Subsonic,
}

/// An operation under `/v1` or `/rest`.
#[derive(Clone)]
struct Operation {
    method: String,
    path: String,
    access: Access,
    dialect: Dialect,
}

/// All operations under `/v1` and `/rest`, as the document lists them, and under their other names.
fn operations() -> Vec<Operation> {
    let document = api::openapi();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = &operation["security"][0];
            let (dialect, scheme) = match path {
                path if path.starts_with("/rest/") => (Dialect::Subsonic, "api_key"),
                path if path.starts_with("/v1/audio-") => (Dialect::Spotify, "token"),
                _ => (Dialect::Ours, "token"),
            };
            let n_schemes = security.as_object().map_or(0, serde_json::Map::len);
            let scopes = security[scheme].as_array();
            assert_eq!(n_schemes, usize::from(scopes.is_some()), "{method} {path}");
            if !path.starts_with("/v1/") && dialect == Dialect::Ours {
                assert_eq!(scopes, None, "{method} {path}");
                continue;
            }
            let scope = |scope: &Value| scope.as_str().unwrap().parse().unwrap();
            let access = match scopes.map(Vec::as_slice) {
                None => Access::Open,
                Some([]) => Access::Known,
                Some(scopes) => Access::Scopes(scopes.iter().map(scope).collect()),
            };
            let method = method.to_uppercase();
            operations.push(Operation { method, path: path.clone(), access, dialect });
        }
    }
    let n_scoped = operations.iter().filter(|it| !it.scopes().is_empty()).count();
    assert_eq!((operations.len(), n_scoped), (83, 71));
    let aliases: Vec<Operation> = operations.iter().filter_map(Operation::alias).collect();
    operations.extend(aliases);
    operations
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The same under another name that the document does not list.
    fn alias(&self) -> Option<Self> {
        let path = match self.dialect {
            Dialect::Subsonic => format!("{}.view", self.path),
            Dialect::Spotify if self.path == "/v1/audio-features" => format!("{}/", self.path),
            Dialect::Ours | Dialect::Spotify => return None,
        };
        Some(Self { path, ..self.clone() })
    }

    fn scopes(&self) -> &[Scope] {
        match &self.access {
            Access::Scopes(scopes) => scopes,
            Access::Open | Access::Known => &[],
        }
    }

    /// The code of an answer in our words, `ok` if it is none.
    fn code(&self, answer: &Answer) -> String {
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

fn names(access: &Access) -> Vec<String> {
    let operations = operations().into_iter().filter(|operation| operation.access == *access);
    operations.map(|operation| operation.name()).collect()
}

/// The parameters of an operation of `/rest`.
fn parameters(path: &str, key: Option<&str>, id: &str) -> String {
    let named = match path.trim_end_matches(".view") {
        "/rest/getSonicSimilarTracks" => format!("id={id}&"),
        "/rest/findSonicPath" => format!("startSongId={id}&endSongId=0000000000000000000001&"),
        _ => String::new(),
    };
    let key = key.map(|key| format!("apiKey={key}&")).unwrap_or_default();
    format!("{named}{key}f=json")
}

/// The body of an operation that names tracks in it.
fn naming(path: &str, id: &str) -> Option<Value> {
    let other = "0000000000000000000001";
    match path {
        "/v1/search" => Some(json!({ "track": id })),
        "/v1/playlists/path" => Some(json!({ "from": id, "to": other })),
        "/v1/playlists/more-like" => Some(json!({ "like": [id] })),
        _ => None,
    }
}

/// Whether the operation names something that may be nobody's.
fn names_something(operation: &Operation) -> bool {
    operation.path.contains("{id}")
        || operation.path == "/v1/compare"
        || operation.dialect == Dialect::Subsonic && !operation.scopes().is_empty()
        || naming(&operation.path, NOBODY).is_some()
}

/// Whether what the operation makes is there with the answer.
fn makes_at_once(operation: &Operation) -> bool {
    operation.scopes() == [Scope::Admin] || operation.path.starts_with("/v1/uploads")
}

/// Whether the operation makes nothing, though it is a `POST`.
fn makes_nothing(operation: &Operation) -> bool {
    operation.path == "/v1/admin/jobs/retry"
}

/// Sends the operation with everything in order but the token. `id` stands in the path, the query or the body.
async fn send(app: &App, operation: &Operation, token: Option<&str>, id: &str) -> Answer {
    let mut path = operation.path.replace("{id}", id).replace("{number}", "1");
    let is_rest = operation.dialect == Dialect::Subsonic;
    let parameters = parameters(&operation.path, token, id);
    match path.trim_end_matches('/') {
        "/v1/compare" => path = format!("{path}?a={id}&b={id}"),
        "/v1/audio-features" | "/v1/reports" => path = format!("{path}?ids={id}"),
        _ if is_rest && operation.method == "GET" => path = format!("{path}?{parameters}"),
        _ => {}
    }
    let mut request =
        Request::builder().method(&*operation.method).uri(path).header("x-request-id", "same");
    if let Some(token) = token.filter(|_| !is_rest) {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if operation.path.starts_with("/v1/uploads/tus") {
        request = request.header("tus-resumable", "1.0.0").header("upload-length", 1);
        request = request.header("upload-offset", 0).header("x-http-method-override", "HEAD");
    }
    let naming = naming(&operation.path, id);
    let (content_type, body) = match operation.method.as_str() {
        "POST" if is_rest => {
            ("application/x-www-form-urlencoded".to_owned(), parameters.into_bytes())
        }
        "POST" if naming.is_some() => {
            ("application/json".to_owned(), naming.unwrap_or_default().to_string().into_bytes())
        }
        "PUT" if operation.path.contains("/answers/") => {
            ("application/json".to_owned(), br#"{"answer": "accept"}"#.to_vec())
        }
        "PUT" if operation.path == "/v1/admin/maintenance" => {
            ("application/json".to_owned(), br#"{"enabled": false}"#.to_vec())
        }
        "PATCH" if operation.path.starts_with("/v1/uploads/tus/") => {
            ("application/offset+octet-stream".to_owned(), b"x".to_vec())
        }
        "POST" if operation.path == "/v1/uploads/tus" => (String::new(), Vec::new()),
        "POST" if operation.path == "/v1/uploads" => {
            ("application/json".to_owned(), br#"{"n_bytes": 1}"#.to_vec())
        }
        "POST" if operation.path == "/v1/imports" => {
            ("application/json".to_owned(), br#"{"url": "https://music.example/a.wav"}"#.to_vec())
        }
        "POST" if operation.path.starts_with("/v1/tracks") => {
            let form = Form::new().file("a", "audio/wav", operation.path.as_bytes());
            (form.content_type(), form.into_bytes())
        }
        "POST" if operation.path.starts_with("/v1/admin/") => {
            let body = match operation.path.as_str() {
                "/v1/admin/tokens" => r#"{"name": "x", "scopes": ["admin"]}"#,
                "/v1/admin/jobs/retry" => "{}",
                _ => r#"{"name": "x"}"#,
            };
            ("application/json".to_owned(), body.as_bytes().to_vec())
        }
        "PATCH" | "PUT" | "POST" => ("application/json".to_owned(), b"{}".to_vec()),
        _ => (String::new(), Vec::new()),
    };
    if !content_type.is_empty() {
        request = request.header("content-type", content_type);
    }
    // A stream of events has no end: only its head is looked at.
    if operation.path == "/v1/events" {
        app.shutdown.cancel();
    }
    app.send(request.body(Body::from(body)).unwrap()).await
}

/// The headers of an answer but how many more requests there may be, which is less with each.
fn told(answer: &Answer) -> HeaderMap {
    let mut headers = answer.headers.clone();
    headers.remove("ratelimit");
    headers
}

const NOBODY: &str = "0000000000000000000000";

#[tokio::test]
async fn without_a_valid_token_nothing_is_answered() {
    let app = App::start().await;
    let unknown = format!("cst_{}", "x".repeat(43));
    for operation in operations().into_iter().filter(|it| it.access != Access::Open) {
        let name = operation.name();
        let answer = send(&app, &operation, None, NOBODY).await;
        assert_eq!(operation.code(&answer), "unauthorized", "{name}");
        let is_challenged = operation.dialect != Dialect::Subsonic;
        if is_challenged {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"consort\"", "{name}");
        }
        for token in [unknown.as_str(), "x", "cst_", "null"] {
            let answer = send(&app, &operation, Some(token), NOBODY).await;
            assert_eq!(operation.code(&answer), "unauthorized", "{name} with {token}");
            if is_challenged {
                assert!(answer.header("www-authenticate").contains("invalid_token"), "{name}");
            }
        }
    }
    assert_eq!(app.n_blob_files(), 0);
}

#[tokio::test]
async fn the_doors_are_these_and_no_others() {
    let doors = [
        "GET /rest/getOpenSubsonicExtensions",
        "POST /rest/getOpenSubsonicExtensions",
        "POST /v1/auth/login",
        "POST /v1/auth/refresh",
        "POST /v1/auth/register",
        "GET /rest/getOpenSubsonicExtensions.view",
        "POST /rest/getOpenSubsonicExtensions.view",
    ];
    assert_eq!(names(&Access::Open), doors);
    let app = App::start().await;
    for operation in operations().into_iter().filter(|it| it.access == Access::Open) {
        let answer = send(&app, &operation, None, NOBODY).await;
        if operation.dialect == Dialect::Subsonic {
            assert_eq!(operation.code(&answer), "ok", "{}", operation.name());
            continue;
        }
        assert_eq!(answer.code(), "invalid_field");
        // By another spelling or method nobody gets further than by any other path.
        for path in [operation.path.replace("auth", "%61uth"), operation.path.clone() + "/"] {
            let request = Request::builder().method("POST").uri(&path).body(Body::empty()).unwrap();
            assert_eq!(app.send(request).await.code(), "unauthorized", "{path}");
        }
        let request = Request::builder().uri(&operation.path).body(Body::empty()).unwrap();
        assert_eq!(app.send(request).await.code(), "method_not_allowed");
    }
}

#[tokio::test]
async fn what_is_for_whoever_is_known_takes_any_scope() {
    let known = [
        "GET /rest/ping",
        "POST /rest/ping",
        "GET /rest/tokenInfo",
        "POST /rest/tokenInfo",
        "POST /v1/auth/logout",
        "GET /v1/auth/me",
        "PUT /v1/auth/password",
        "GET /rest/ping.view",
        "POST /rest/ping.view",
        "GET /rest/tokenInfo.view",
        "POST /rest/tokenInfo.view",
    ];
    assert_eq!(names(&Access::Known), known);
    let app = App::start().await;
    for scope in Scope::ALL {
        let token = app.token_with(&[*scope]).await;
        for operation in operations().into_iter().filter(|it| it.access == Access::Known) {
            let answer = send(&app, &operation, Some(&token), NOBODY).await;
            let is_read = operation.method == "GET" || operation.dialect == Dialect::Subsonic;
            let expected = if is_read { "ok" } else { "session_needed" };
            assert_eq!(operation.code(&answer), expected, "{} with {scope}", operation.name());
        }
    }
}

#[tokio::test]
async fn each_operation_takes_the_scopes_that_the_document_names_and_no_others() {
    let imports = ImportsConfig { enabled: true, ..ImportsConfig::default() };
    let app = App::with(Config { imports, ..Config::default() }).await;
    for operation in operations().into_iter().filter(|it| !it.scopes().is_empty()) {
        let name = operation.name();
        let needed = operation.scopes();
        for missing in needed {
            let is_other = |scope: &&Scope| *scope != missing && **scope != Scope::Admin;
            let others: Vec<Scope> = Scope::ALL.iter().filter(is_other).copied().collect();
            let token = app.token_with(&others).await;
            let answer = send(&app, &operation, Some(&token), NOBODY).await;
            assert_eq!(operation.code(&answer), "missing_scope", "{name} without {missing}");
            if operation.dialect != Dialect::Subsonic {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
                let challenge = format!("scope=\"{missing}\"");
                assert!(answer.header("www-authenticate").ends_with(&challenge), "{name}");
            }
        }
        let token = app.token_with(needed).await;
        let answer = send(&app, &operation, Some(&token), NOBODY).await;
        if names_something(&operation) {
            assert_eq!(operation.code(&answer), "not_found", "{name}");
            continue;
        }
        let expected = if operation.method == "OPTIONS" {
            StatusCode::NO_CONTENT
        } else if operation.method != "POST" || makes_nothing(&operation) {
            StatusCode::OK
        } else if makes_at_once(&operation) {
            StatusCode::CREATED
        } else {
            StatusCode::ACCEPTED
        };
        assert_eq!(answer.status, expected, "{name}");
    }
}

#[tokio::test]
async fn what_belongs_to_others_looks_like_what_does_not_exist() {
    let app = App::start().await;
    let track = app.analyzed(b"mine", 440.0).await.to_string();
    let job = app.get("/v1/jobs").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let run = app.post_json("/v1/runs", "{}").await.json()["id"].as_str().unwrap().to_owned();
    let parts = app.post_json("/v1/uploads", r#"{"n_bytes": 1}"#).await.json();
    let parts = parts["upload"]["id"].as_str().unwrap().to_owned();
    let tus = app
        .request("POST", "/v1/uploads/tus")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 1);
    let tus = app.send(tus.body(Body::empty()).unwrap()).await;
    let tus = tus.header("location").rsplit('/').next().unwrap().to_owned();
    let stranger = app.foreign_token().await;
    let mut n_checked = 0;
    for operation in operations() {
        let id = match operation.path.as_str() {
            path if path.starts_with("/v1/jobs") => &job,
            path if path.starts_with("/v1/runs") => &run,
            path if path.starts_with("/v1/uploads/tus") => &tus,
            path if path.starts_with("/v1/uploads") => &parts,
            _ => &track,
        };
        if !names_something(&operation) {
            continue;
        }
        let foreign = send(&app, &operation, Some(&stranger), id).await;
        let name = operation.name();
        let is_admin = operation.scopes() == [Scope::Admin];
        // Whoever may do nothing with any of them learns nothing about any of them.
        let code = if is_admin { "admin_needed" } else { "not_found" };
        assert_eq!(operation.code(&foreign), code, "{name}");
        for nobody in [NOBODY, "not-an-id"] {
            if !operation.path.contains("{id}") && nobody != NOBODY {
                continue;
            }
            let unknown = send(&app, &operation, Some(&stranger), nobody).await;
            assert_eq!(unknown.body, foreign.body, "{name}");
            assert_eq!(told(&unknown), told(&foreign), "{name}");
        }
        n_checked += 1;
    }
    assert_eq!(n_checked, 44);
    for list in ["/v1/tracks", "/v1/jobs", "/v1/runs"] {
        let request =
            Request::builder().uri(list).header("authorization", format!("Bearer {stranger}"));
        let page = app.send(request.body(Body::empty()).unwrap()).await.json();
        assert_eq!(page["items"], Value::Array(Vec::new()), "{list}");
    }
    assert_eq!(app.get(&format!("/v1/tracks/{track}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_same_bytes_of_two_users_are_two_tracks() {
    let app = App::start().await;
    let mine = app.track(b"the same").await.to_string();
    let stranger = app.foreign_token().await;
    let form = Form::new().file("a", "audio/wav", b"the same");
    let request = Request::builder()
        .method("POST")
        .uri("/v1/tracks")
        .header("authorization", format!("Bearer {stranger}"))
        .header("content-type", form.content_type());
    let answer = app.send(request.body(Body::from(form.into_bytes())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_ne!(answer.json()["track"]["id"], mine);
    assert_eq!(app.n_blob_files(), 1);
}

#[tokio::test]
async fn paths_that_do_not_exist_are_kept_from_strangers_too() {
    let app = App::start().await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/tracks/x/y/z", "/v1/tracks/"] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        assert_eq!(app.send(request).await.code(), "unauthorized", "{path}");
        assert_eq!(app.get(path).await.code(), "not_found", "{path}");
    }
    let request = Request::builder().method("PUT").uri("/v1/tracks").body(Body::empty()).unwrap();
    assert_eq!(app.send(request).await.code(), "unauthorized");
    let answer = app.send(app.request("PUT", "/v1/tracks").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "method_not_allowed");
    let mut allowed: Vec<_> = answer.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}
