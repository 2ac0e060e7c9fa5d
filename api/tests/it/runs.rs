//! `/v1/runs`, as far as no worker is needed.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::jobs::{self, Stage, StageTime};
use store::runs::{self, Plan, Switched, Tile, Versions};
use store::testing::DatabaseKind;

use crate::app::{Answer, App};

on_both_databases! {
    a_run_adds_up_its_jobs_and_gives_them_its_trace,
}

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
        "created_at": run["created_at"], "finished_at": null, "attempts": 0,
        "usage": {
            "wait_s": null, "run_s": 0.0, "cpu_s": 0.0, "n_bytes": 0, "audio_s": null, "real_time_factor": null, "cost": null,
            "stages": {
                "fetch": null, "decode": null, "analysis": null, "models": null, "matching": null, "write": null,
            },
        },
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

async fn a_run_adds_up_its_jobs_and_gives_them_its_trace(database: DatabaseKind) {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let app = App::on(database).await;
    let request = app
        .request("POST", "/v1/runs")
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let id = app.send(request.body(Body::from("{}")).unwrap()).await.json()["id"].clone();
    let id = id.as_str().unwrap();
    let step = async || {
        let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
        lease.meter.note(|usage| {
            usage.cpu = Duration::from_millis(500);
            usage.stages.add(Stage::Matching, StageTime { wall_s: 0.25, cpu_s: Some(0.5) });
        });
        let run = runs::of_job(&app.store, &lease).await.unwrap().unwrap();
        (lease, run)
    };
    let (lease, run) = step().await;
    let plan = Plan { tiles: vec![Vec::new(), Vec::new()], ..Plan::default() };
    assert!(runs::plan(&app.store, &lease, &run, plan).await.unwrap());
    for _ in 0..2 {
        let (lease, run) = step().await;
        assert!(runs::complete_tile(&app.store, &lease, &run, Tile::default()).await.unwrap());
    }
    let (lease, run) = step().await;
    let versions = Versions { descriptor: 1, weights: 1, n_heads: 5, least_score: 0.0 };
    let switched = runs::switch(&app.store, &lease, &run, 0, versions, json!([])).await;
    assert_eq!(switched.unwrap(), Switched::Done);
    assert!(jobs::complete(&app.store, &lease).await.unwrap());

    let list = app.get(&format!("/v1/jobs?run={id}")).await.json();
    let jobs = list["items"].as_array().unwrap();
    let kinds: Vec<_> = jobs.iter().map(|job| job["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["finish_run", "rescore_tile", "rescore_tile", "plan_run"]);
    for job in jobs {
        assert_eq!((&job["run_id"], &job["trace_id"]), (&json!(id), &json!(TRACE)));
    }
    assert_eq!(
        app.get(&format!("/v1/jobs?run={id}&state=failed")).await.json()["items"],
        json!([])
    );
    let none = app.get("/v1/jobs?run=0000000000000000000000").await.json();
    assert_eq!(none["items"], json!([]));
    assert_eq!(app.get("/v1/jobs?run=x").await.code(), "malformed_query");

    let run = app.get(&format!("/v1/runs/{id}")).await.json();
    assert_eq!((&run["state"], &run["attempts"]), (&json!("succeeded"), &json!(4)));
    let usage = &run["usage"];
    assert_eq!((&usage["cpu_s"], &usage["n_bytes"]), (&json!(2.0), &json!(0)));
    assert_eq!((&usage["audio_s"], &usage["real_time_factor"]), (&Value::Null, &Value::Null));
    assert_eq!(usage["stages"]["matching"], json!({ "wall_s": 1.0, "cpu_s": 2.0 }));
    assert!(usage["wait_s"].is_number() && usage["stages"]["write"]["wall_s"].is_number());
    let run_s: f64 = jobs.iter().map(|job| job["usage"]["run_s"].as_f64().unwrap()).sum();
    assert!((usage["run_s"].as_f64().unwrap() - run_s).abs() < 1e-6);
    assert_eq!(app.get("/v1/runs").await.json()["items"], json!([run]));
}
