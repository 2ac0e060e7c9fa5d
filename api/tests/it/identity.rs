//! Who may do what: every operation of the OpenAPI document, with every kind of caller.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use store::tokens::Scope;

use crate::app::{Answer, App};
use crate::form::Form;

/// Who may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Everybody: these are the doors.
    Open,
    /// Whoever is known, whatever they may do.
    Known,
    /// Whoever has the scope; [`Scope::Admin`] takes the role too.
    Scope(Scope),
}

/// An operation under `/v1`.
struct Operation {
    method: String,
    path: String,
    access: Access,
}

/// All operations under `/v1`, as the document lists them.
fn operations() -> Vec<Operation> {
    let document = api::openapi();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scopes = operation["security"][0]["token"].as_array();
            if !path.starts_with("/v1/") {
                assert_eq!(scopes, None, "{method} {path}");
                continue;
            }
            let access = match scopes.map(Vec::as_slice) {
                None => Access::Open,
                Some([]) => Access::Known,
                Some([scope]) => Access::Scope(scope.as_str().unwrap().parse().unwrap()),
                Some(_) => panic!("{method} {path} has more than one scope"),
            };
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                access,
            });
        }
    }
    let n_scoped = operations.iter().filter(|it| it.scope().is_some()).count();
    assert_eq!((operations.len(), n_scoped), (53, 47));
    operations
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn scope(&self) -> Option<Scope> {
        match self.access {
            Access::Scope(scope) => Some(scope),
            Access::Open | Access::Known => None,
        }
    }
}

fn names(access: Access) -> Vec<String> {
    let operations = operations().into_iter().filter(|operation| operation.access == access);
    operations.map(|operation| operation.name()).collect()
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
        || naming(&operation.path, NOBODY).is_some()
}

/// Whether what the operation makes is there with the answer.
fn makes_at_once(operation: &Operation) -> bool {
    operation.access == Access::Scope(Scope::Admin) || operation.path.starts_with("/v1/uploads")
}

/// Sends the operation with everything in order but the token. `id` stands in the path, the query or the body.
async fn send(app: &App, operation: &Operation, token: Option<&str>, id: &str) -> Answer {
    let mut path = operation.path.replace("{id}", id).replace("{number}", "1");
    if path == "/v1/compare" {
        path = format!("{path}?a={id}&b={id}");
    }
    let mut request =
        Request::builder().method(&*operation.method).uri(path).header("x-request-id", "same");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if operation.path.starts_with("/v1/uploads/tus") {
        request = request.header("tus-resumable", "1.0.0").header("upload-length", 1);
        request = request.header("upload-offset", 0).header("x-http-method-override", "HEAD");
    }
    let naming = naming(&operation.path, id);
    let (content_type, body) = match operation.method.as_str() {
        "POST" if naming.is_some() => {
            ("application/json".to_owned(), naming.unwrap_or_default().to_string().into_bytes())
        }
        "PUT" if operation.path.contains("/answers/") => {
            ("application/json".to_owned(), br#"{"answer": "accept"}"#.to_vec())
        }
        "PATCH" if operation.path.starts_with("/v1/uploads/tus/") => {
            ("application/offset+octet-stream".to_owned(), b"x".to_vec())
        }
        "POST" if operation.path == "/v1/uploads/tus" => (String::new(), Vec::new()),
        "POST" if operation.path == "/v1/uploads" => {
            ("application/json".to_owned(), br#"{"n_bytes": 1}"#.to_vec())
        }
        "POST" if operation.path.starts_with("/v1/tracks") => {
            let form = Form::new().file("a", "audio/wav", operation.path.as_bytes());
            (form.content_type(), form.into_bytes())
        }
        "POST" if operation.path.starts_with("/v1/admin/") => {
            let body = match operation.path.as_str() {
                "/v1/admin/tokens" => r#"{"name": "x", "scopes": ["admin"]}"#,
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

const NOBODY: &str = "0000000000000000000000";

#[tokio::test]
async fn without_a_valid_token_nothing_is_answered() {
    let app = App::start().await;
    let unknown = format!("cst_{}", "x".repeat(43));
    for operation in operations().into_iter().filter(|it| it.access != Access::Open) {
        let name = operation.name();
        let answer = send(&app, &operation, None, NOBODY).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::UNAUTHORIZED, "unauthorized"),
            "{name}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"consort\"", "{name}");
        for token in [unknown.as_str(), "x", "cst_", "null"] {
            let answer = send(&app, &operation, Some(token), NOBODY).await;
            assert_eq!(answer.code(), "unauthorized", "{name} with {token}");
            assert!(answer.header("www-authenticate").contains("invalid_token"), "{name}");
        }
    }
    assert_eq!(app.n_blob_files(), 0);
}

#[tokio::test]
async fn the_doors_are_these_and_no_others() {
    let doors = ["POST /v1/auth/login", "POST /v1/auth/refresh", "POST /v1/auth/register"];
    assert_eq!(names(Access::Open), doors);
    let app = App::start().await;
    for operation in operations().into_iter().filter(|it| it.access == Access::Open) {
        assert_eq!(send(&app, &operation, None, NOBODY).await.code(), "invalid_field");
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
    let known = ["POST /v1/auth/logout", "GET /v1/auth/me", "PUT /v1/auth/password"];
    assert_eq!(names(Access::Known), known);
    let app = App::start().await;
    for scope in Scope::ALL {
        let token = app.token_with(&[*scope]).await;
        for operation in operations().into_iter().filter(|it| it.access == Access::Known) {
            let answer = send(&app, &operation, Some(&token), NOBODY).await;
            if operation.method == "GET" {
                assert_eq!(answer.status, StatusCode::OK, "{scope}");
            } else {
                assert_eq!(answer.code(), "session_needed", "{} with {scope}", operation.name());
            }
        }
    }
}

#[tokio::test]
async fn each_operation_takes_the_scope_that_the_document_names_and_no_other() {
    let app = App::start().await;
    for operation in operations() {
        let Some(needed) = operation.scope() else { continue };
        let name = operation.name();
        let others: Vec<Scope> = Scope::ALL
            .iter()
            .copied()
            .filter(|scope| *scope != needed && *scope != Scope::Admin)
            .collect();
        let token = app.token_with(&others).await;
        let answer = send(&app, &operation, Some(&token), NOBODY).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "missing_scope"),
            "{name}"
        );
        let challenge = format!("scope=\"{needed}\"");
        assert!(answer.header("www-authenticate").ends_with(&challenge), "{name}");

        let token = app.token_with(&[needed]).await;
        let answer = send(&app, &operation, Some(&token), NOBODY).await;
        let expected = if names_something(&operation) {
            StatusCode::NOT_FOUND
        } else if operation.method == "OPTIONS" {
            StatusCode::NO_CONTENT
        } else if operation.method == "POST" && makes_at_once(&operation) {
            StatusCode::CREATED
        } else if operation.method == "POST" {
            StatusCode::ACCEPTED
        } else {
            StatusCode::OK
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
        let is_admin = operation.scope() == Some(Scope::Admin);
        // Whoever may do nothing with any of them learns nothing about any of them.
        let code = if is_admin { "admin_needed" } else { "not_found" };
        assert_eq!(foreign.code(), code, "{name}");
        for nobody in [NOBODY, "not-an-id"] {
            if !operation.path.contains("{id}") && nobody != NOBODY {
                continue;
            }
            let unknown = send(&app, &operation, Some(&stranger), nobody).await;
            assert_eq!(unknown.body, foreign.body, "{name}");
            assert_eq!(unknown.headers, foreign.headers, "{name}");
        }
        n_checked += 1;
    }
    assert_eq!(n_checked, 29);
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
