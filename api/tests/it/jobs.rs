//! `/v1/jobs`.

use axum::http::StatusCode;
use store::jobs;

use crate::app::App;
use crate::shown::shown;

#[tokio::test]
async fn lists_by_state_kind_and_track() {
    let app = App::start().await;
    let one = app.analyzed(b"one", 440.0).await;
    let two = app.track(b"two").await;
    let found = async |query: &str| {
        let page = app.get(&format!("/v1/jobs?{query}")).await.json();
        let jobs = page["items"].as_array().unwrap().iter();
        jobs.map(|job| {
            format!("{} {}", job["kind"].as_str().unwrap(), job["state"].as_str().unwrap())
        })
        .collect::<Vec<_>>()
    };
    let (analyzed, queued, matching) =
        ("analyze_track succeeded", "analyze_track queued", "match_track queued");
    assert_eq!(found("").await, [queued, matching, analyzed]);
    assert_eq!(found("state=queued").await, [queued, matching]);
    assert_eq!(found("kind=match_track").await, [matching]);
    assert_eq!(found(&format!("track={one}")).await, [matching, analyzed]);
    assert_eq!(found(&format!("track={two}&state=succeeded")).await, [""; 0]);
    assert_eq!(found("limit=1").await, [queued]);
    assert_eq!(app.get("/v1/jobs?kind=dance").await.code(), "malformed_query");
}

#[tokio::test]
async fn gives_a_job() {
    let app = App::start().await;
    app.analyzed(b"one", 440.0).await;
    let page = app.get("/v1/jobs?state=succeeded").await.json();
    let id = page["items"][0]["id"].as_str().unwrap();
    let answer = app.get(&format!("/v1/jobs/{id}")).await;
    assert_eq!(answer.json(), page["items"][0]);
    insta::assert_json_snapshot!("job", shown(answer.json()));
    assert_eq!(app.get("/v1/jobs/0000000000000000000000").await.code(), "not_found");
    assert_eq!(app.get("/v1/jobs/x").await.code(), "not_found");
}

#[tokio::test]
async fn cancels_a_queued_job_at_once() {
    let app = App::start().await;
    app.track(b"x").await;
    let id = app.get("/v1/jobs").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let answer = app.post(&format!("/v1/jobs/{id}/cancel")).await;
        assert_eq!((answer.status, &answer.json()["state"]), (StatusCode::OK, &"cancelled".into()));
    }
}

#[tokio::test]
async fn tells_the_worker_of_a_running_job() {
    let app = App::start().await;
    app.track(b"x").await;
    let lease = jobs::claim(&app.store, "test").await.unwrap().unwrap();
    let path = format!("/v1/jobs/{}/cancel", lease.job.id);
    let answer = app.post(&path).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.json()["cancel_requested"], true);
    assert_eq!(jobs::renew(&app.store, &lease, 0.5).await.unwrap(), jobs::Renewal::Cancel);
    jobs::cancelled(&app.store, &lease).await.unwrap();
    assert_eq!(app.post(&path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_ended_job_cannot_be_cancelled() {
    let app = App::start().await;
    app.analyzed(b"x", 440.0).await;
    let page = app.get("/v1/jobs?state=succeeded").await.json();
    let id = page["items"][0]["id"].as_str().unwrap();
    let answer = app.post(&format!("/v1/jobs/{id}/cancel")).await;
    assert_eq!(answer.code(), "job_finished");
    assert_eq!(answer.json()["detail"], "the job has already ended as succeeded");
    assert_eq!(app.post("/v1/jobs/0000000000000000000000/cancel").await.code(), "not_found");
}
