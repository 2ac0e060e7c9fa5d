//! `/v1/runs`, as far as no worker is needed.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::jobs;
use store::runs::{self, Plan, Tile};

use crate::app::{Answer, App};

async fn start(app: &App, body: &str) -> Answer {
    app.post_json("/v1/runs", body).await
}

#[tokio::test]
async fn a_run_is_queued_once_and_read() {
    let app = App::start().await;
    let answer = start(&app, r#"{"scope":"changed","purpose":"mix","dry_run":true}"#).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let run = answer.json();
    let id = run["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/runs/{id}"));
    let expected = json!({
        "id": id, "state": "queued", "scope": "changed", "purpose": "mix", "reanalyze": false, "dry_run": true,
        "progress": 0.0, "eta_s": null, "n_tracks": 0, "n_stale": 0, "n_analyses": 0, "n_tiles": 0,
        "n_tiles_done": 0, "n_lists_written": 0, "n_matches_written": 0, "diff": null, "error": null,
        "created_at": run["created_at"], "finished_at": null,
    });
    assert_eq!(run, expected);
    let again = start(&app, "{}").await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, expected.clone()));
    assert_eq!(again.header("location"), format!("/v1/runs/{id}"));
    assert_eq!(app.get(&format!("/v1/runs/{id}")).await.json(), expected);
    let list = app.get("/v1/runs").await.json();
    assert_eq!(list, json!({ "items": [expected], "next": null }));
    let jobs = app.get("/v1/jobs?kind=plan_run").await.json();
    assert_eq!(jobs["items"][0]["run_id"], id);
    assert_eq!(jobs["items"][0]["track_id"], Value::Null);
}

#[tokio::test]
async fn a_wish_that_is_not_understood_is_refused() {
    let app = App::start().await;
    for (body, code) in [
        ("", "malformed_json"),
        (r#"{"scope":"some"}"#, "invalid_field"),
        (r#"{"purpose":"people"}"#, "invalid_field"),
        (r#"{"weights":1}"#, "invalid_field"),
        ("[]", "invalid_field"),
    ] {
        assert_eq!(start(&app, body).await.code(), code, "{body}");
    }
    let form = app.request("POST", "/v1/runs").header("content-type", "text/plain");
    let answer = app.send(form.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.code(), "unsupported_media_type");
    assert_eq!(app.get("/v1/runs?limit=0").await.code(), "invalid_field");
    assert_eq!(app.get("/v1/runs").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_run_is_followed_and_cancelled() {
    let app = App::start().await;
    let run = start(&app, "{}").await.json();
    let path = format!("/v1/runs/{}", run["id"].as_str().unwrap());
    let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
    let stored = runs::of_job(&app.store, &lease).await.unwrap().unwrap();
    let tiles = vec![Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    let plan = Plan { seq: 0, n_tracks: 7, n_stale: 1, tiles };
    assert!(runs::plan(&app.store, &lease, &stored, plan).await.unwrap());
    let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
    let stored = runs::of_job(&app.store, &lease).await.unwrap().unwrap();
    assert!(runs::complete_tile(&app.store, &lease, &stored, Tile::default()).await.unwrap());
    let now = app.get(&path).await.json();
    assert_eq!((&now["state"], &now["progress"]), (&json!("scoring"), &json!(0.25)));
    assert_eq!((&now["n_tracks"], &now["n_stale"]), (&json!(7), &json!(1)));
    assert!(now["eta_s"].as_f64().is_some_and(|eta_s| eta_s >= 0.0));

    let cancel = format!("{path}/cancel");
    let answer = app.post(&cancel).await;
    assert_eq!(
        (answer.status, &answer.json()["state"]),
        (StatusCode::ACCEPTED, &json!("cancelling"))
    );
    assert_eq!(app.post(&cancel).await.status, StatusCode::ACCEPTED);
    let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
    assert!(runs::discarded(&app.store, &lease, &stored).await.unwrap());
    let answer = app.post(&cancel).await;
    assert_eq!((answer.status, &answer.json()["state"]), (StatusCode::OK, &json!("cancelled")));

    // One that is done stays so.
    start(&app, "{}").await;
    let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
    let stored = runs::of_job(&app.store, &lease).await.unwrap().unwrap();
    assert!(runs::plan(&app.store, &lease, &stored, Plan::default()).await.unwrap());
    let done = app.get(&format!("/v1/runs/{}", stored.id)).await.json();
    assert_eq!(
        (&done["state"], &done["progress"], &done["diff"]),
        (&json!("succeeded"), &json!(1.0), &json!([]))
    );
    let answer = app.post(&format!("/v1/runs/{}/cancel", stored.id)).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "run_finished"));
}
