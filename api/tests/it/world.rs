//! The whole API on a store of either database, with a clock that moves only when told.

use std::path::PathBuf;
use std::time::Duration;

use api::{AuthConfig, Config, Registration, State};
use axum::body::Body;
use axum::http::{Method, Request};
use axum::{Router, body};
use serde_json::{Value, json};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::users::{self, NewLogin, NewUser, User};
use store::{Role, Scope, Store};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::app::{Answer, n_files, token};
use crate::logs::Log;

/// A good one.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The API and its store.
pub(crate) struct World {
    pub(crate) test: TestStore,
    pub(crate) router: Router,
}

impl World {
    pub(crate) async fn new(database: DatabaseKind) -> Self {
        Self::with(database, AuthConfig::default()).await
    }

    /// Where whoever wants to may make an account.
    pub(crate) async fn open(database: DatabaseKind) -> Self {
        let registration = Registration::Open;
        Self::with(database, AuthConfig { registration, ..AuthConfig::default() }).await
    }

    pub(crate) async fn with(database: DatabaseKind, auth: AuthConfig) -> Self {
        Self::shaped(database, BlobKind::Local, Config { auth, ..Config::default() }).await
    }

    /// With these stores and settings.
    pub(crate) async fn shaped(database: DatabaseKind, blobs: BlobKind, config: Config) -> Self {
        Self::over(TestStore::new(database, blobs).await, config)
    }

    /// The same with a clock that begins at the time of day, so that an object store takes what is signed.
    pub(crate) async fn of_today(database: DatabaseKind, blobs: BlobKind, config: Config) -> Self {
        Self::over(TestStore::of_today(database, blobs).await, config)
    }

    fn over(test: TestStore, config: Config) -> Self {
        Log::of_all_tests();
        let router = router(test.store.clone(), config);
        Self { test, router }
    }

    /// The same API in another process.
    pub(crate) async fn second_process(&self) -> Router {
        router(self.test.reopen().await, Config::default())
    }

    /// Files of recordings, of pieces of uploads, and of bytes that are being received.
    pub(crate) fn n_blob_files(&self) -> usize {
        n_files(&self.blobs())
    }

    /// Files of pieces of uploads, and of bytes that are being received.
    pub(crate) fn n_pieces(&self) -> usize {
        n_files(&self.blobs().join("uploads")) + n_files(&self.blobs().join("staging"))
    }

    /// The folder of the blob store, or of what is behind the bucket.
    fn blobs(&self) -> PathBuf {
        match &self.test.s3 {
            Some(server) => server.bucket_folder(),
            None => self.test.folder().join("blobs"),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.test.store
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.test.advance(by);
    }

    /// A user with [`PASSWORD`].
    pub(crate) async fn user(&self, login: &str, role: Role) -> User {
        user(self.store(), login, role).await
    }

    /// A token of a program of the operator.
    pub(crate) async fn token(&self, scopes: &[Scope]) -> String {
        token(self.store(), self.test.owner, scopes).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, Some(token), None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, None, Some(body)).await
    }

    /// Sends a request with an id that is always the same, so that answers can be compared byte for byte.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        send(&self.router, request(method, path, token, body)).await
    }

    /// Comes in; access token and refresh token.
    pub(crate) async fn login(&self, name: &str, password: &str) -> Session {
        login(&self.router, name, password).await
    }

    /// What a request with this token is answered: a status, and a code if it is an error.
    pub(crate) async fn try_token(&self, token: &str) -> String {
        let answer = self.get("/v1/tracks", token).await;
        if answer.status == 200 { "ok".to_owned() } else { answer.code() }
    }
}

/// What somebody who came in has.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Session {
    pub(crate) fn of(answer: &Answer) -> Self {
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

fn router(store: Store, config: Config) -> Router {
    api::router(State::new(store, config, CancellationToken::new()))
}

/// A user with [`PASSWORD`].
pub(crate) async fn user(store: &Store, login: &str, role: Role) -> User {
    let login = NewLogin {
        login: login.parse().unwrap(),
        password_hash: api::hash_password(&PASSWORD.into()).unwrap(),
        is_one_time: false,
    };
    let new = NewUser { name: login.login.to_string(), role, login: Some(login) };
    users::create_with(store, new).await.unwrap().unwrap()
}

/// Comes in; access token and refresh token.
pub(crate) async fn login(router: &Router, name: &str, password: &str) -> Session {
    let body = json!({ "login": name, "password": password });
    let answer = send(router, request(Method::POST, "/v1/auth/login", None, Some(body))).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    Session::of(&answer)
}

pub(crate) fn request(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<Value>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("x-request-id", "same");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    match body {
        Some(body) => request
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body::to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}
