//! Health, metrics and headers.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use store::testing::DatabaseKind;

use crate::app::{Answer, App};

on_both_databases! {
    lives_and_is_ready_until_the_database_is_away,
    a_server_that_stops_is_not_ready,
    metrics_count_by_route_and_not_by_path,
    metrics_tell_the_backlog_while_the_database_answers,
    every_answer_says_what_browsers_may_not_do,
    a_request_id_stands_in_every_answer_and_every_error,
    a_strange_request_id_is_replaced,
}

async fn open(app: &App, path: &str) -> Answer {
    app.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await
}

async fn lives_and_is_ready_until_the_database_is_away(database: DatabaseKind) {
    let app = App::on(database).await;
    assert_eq!(open(&app, "/healthz").await.status, StatusCode::OK);
    assert_eq!(open(&app, "/readyz").await.status, StatusCode::OK);
    app.store.close().await;
    assert_eq!(open(&app, "/healthz").await.status, StatusCode::OK);
    let answer = open(&app, "/readyz").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    );
    assert_eq!(answer.json()["detail"], "database or blob store is not ready");
}

async fn a_server_that_stops_is_not_ready(database: DatabaseKind) {
    let app = App::on(database).await;
    app.shutdown.cancel();
    assert_eq!(open(&app, "/readyz").await.code(), "not_ready");
}

async fn metrics_count_by_route_and_not_by_path(database: DatabaseKind) {
    let app = App::on(database).await;
    app.get("/v1/tracks/0000000000000000000000").await;
    app.get("/nowhere/at/all").await;
    let answer = open(&app, "/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    for line in [
        "consort_http_requests_total{method=\"GET\",route=\"/v1/tracks/{id}\",status=\"404\"} ",
        "consort_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} ",
        "consort_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/tracks/{id}\",le=\"10\"} ",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("0000000000000000000000"));
    assert!(!text.contains("/nowhere"));
}

async fn metrics_tell_the_backlog_while_the_database_answers(database: DatabaseKind) {
    let app = App::on(database).await;
    let read = async || {
        let answer = open(&app, "/metrics").await;
        assert_eq!(answer.status, StatusCode::OK);
        String::from_utf8(answer.body.to_vec()).unwrap()
    };
    let value = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in\n{text}")).to_owned()
    };
    app.track(b"one").await;
    let text = read().await;
    assert_eq!(value(&text, "consort_jobs{state=\"queued\"}"), "1");
    assert_eq!(value(&text, "consort_jobs{state=\"running\"}"), "0");
    let age_s: f64 = value(&text, "consort_oldest_due_job_age_seconds").parse().unwrap();
    assert!((0.0..60.0).contains(&age_s), "{age_s}");
    // Tests of one process share the recorder: another one may set this in between.
    assert!(["0", "1"].contains(&value(&text, "consort_database_up").as_str()));

    // What was known is known no more, and is not told.
    app.store.close().await;
    let away = read().await;
    value(&away, "consort_database_up");
    for name in [
        "consort_jobs{",
        "consort_jobs gauge",
        "consort_oldest_due_job_age_seconds",
        "consort_jobs_ended_total",
        "consort_job_retries_total",
        "consort_job_wait_seconds",
        "consort_job_run_seconds",
        "consort_queue_jobs",
        "consort_queue_age_seconds",
    ] {
        assert!(text.contains(name), "{name} is not in\n{text}");
        assert!(!away.contains(name), "{name} is in\n{away}");
    }
}

async fn every_answer_says_what_browsers_may_not_do(database: DatabaseKind) {
    let app = App::on(database).await;
    for path in ["/healthz", "/v1/tracks", "/v1/nothing", "/openapi.json", "/nothing"] {
        let answer = app.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; frame-ancestors"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
    }
    assert_eq!(app.get("/v1/tracks").await.header("cache-control"), "private, no-cache");
}

async fn a_request_id_stands_in_every_answer_and_every_error(database: DatabaseKind) {
    let app = App::on(database).await;
    let longest = "x".repeat(64);
    for id in ["a", "0198f2c1-a5d3-7d0e-9d3c-4b6a7f801122", "req_1.2", longest.as_str()] {
        for path in
            ["/healthz", "/v1/tracks", "/v1/tracks/0000000000000000000000", "/nowhere", "/problems"]
        {
            let answer = app.get_with(path, "x-request-id", id).await;
            assert_eq!(answer.header("x-request-id"), id, "{path}");
            if !answer.status.is_success() {
                assert_eq!(answer.json()["request_id"], id, "{path}");
            }
        }
    }
}

async fn a_strange_request_id_is_replaced(database: DatabaseKind) {
    let app = App::on(database).await;
    let too_long = "x".repeat(65);
    for id in ["a\"b c", "", "a b", "a\tb", "../a", "a;b", too_long.as_str()] {
        let answer = app.get_with("/healthz", "x-request-id", id).await;
        assert_eq!(answer.header("x-request-id").len(), 32, "{id}");
        let again = app.get_with("/healthz", "x-request-id", id).await;
        assert_ne!(answer.header("x-request-id"), again.header("x-request-id"));
    }
}
