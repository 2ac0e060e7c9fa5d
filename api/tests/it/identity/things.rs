//! What operations name: real things of the owner.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;
use store::tokens::{self, NewToken, Scope};
use store::users;

use super::operation::{NOBODIES, Operation};
use crate::app::{App, Sound, token};
use crate::world::request;

/// Whether other people may know of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    Hidden,
    Shown,
}

/// Makes what the operation names, anew; for a profile that of another user, shown or not.
pub(super) async fn named(app: &App, operation: &Operation, profile: Profile) -> [String; 2] {
    let one = match operation.path.as_str() {
        _ if !operation.names() => NOBODIES[0].to_owned(),
        path if path.starts_with("/v1/admin/tokens") => a_token(app).await,
        path if path.starts_with("/v1/admin/users") => {
            users::create(&app.store, "a user").await.unwrap().id.to_string()
        }
        path if path.starts_with("/v1/admin/jobs") || path.starts_with("/v1/jobs") => {
            let track = app.track(operation.name().as_bytes()).await;
            let jobs = app.get(&format!("/v1/jobs?track={track}")).await.json();
            jobs["items"][0]["id"].as_str().unwrap().to_owned()
        }
        path if path.starts_with("/v1/runs") => {
            app.post_json("/v1/runs", "{}").await.json()["id"].as_str().unwrap().to_owned()
        }
        path if path.starts_with("/v1/uploads/tus") => by_tus(app).await,
        path if path.starts_with("/v1/uploads") => {
            let begun = app.post_json("/v1/uploads", r#"{"n_bytes": 1}"#).await.json();
            begun["upload"]["id"].as_str().unwrap().to_owned()
        }
        path if path.starts_with("/v1/profiles") => a_profile(app, profile).await,
        _ => return [a_track(app, operation, 0).await, a_track(app, operation, 1).await],
    };
    [one, NOBODIES[1].to_owned()]
}

/// A track that is analysed.
async fn a_track(app: &App, operation: &Operation, number: usize) -> String {
    let bytes = format!("{} {number}", operation.name());
    app.sounding(bytes.as_bytes(), Sound::default()).await.to_string()
}

async fn a_token(app: &App) -> String {
    let (name, scopes) = ("a token".to_owned(), vec![Scope::TracksRead]);
    let new = NewToken { owner_id: app.owner, name, scopes, expires_at: None };
    tokens::issue(&app.store, new).await.unwrap().0.id.to_string()
}

async fn by_tus(app: &App) -> String {
    let begin = app
        .request("POST", "/v1/uploads/tus")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", 1);
    let upload = app.send(begin.body(Body::empty()).unwrap()).await;
    upload.header("location").rsplit('/').next().unwrap().to_owned()
}

async fn a_profile(app: &App, profile: Profile) -> String {
    let user = users::create(&app.store, "somebody").await.unwrap().id;
    let token = token(&app.store, user, &[Scope::ProfilesWrite]).await;
    let body = json!({ "name": "Somebody", "discoverable": profile == Profile::Shown });
    let request = request(Method::PUT, "/v1/profiles/me", Some(&token), Some(body));
    assert_eq!(app.send(request).await.status, 200);
    user.to_string()
}
