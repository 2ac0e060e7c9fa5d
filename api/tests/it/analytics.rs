//! `/v1/analytics`, and metrics that say the same.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use store::jobs;
use store::runs::{self, NewRun};
use store::testing::DatabaseKind;
use store::tokens::Scope;
use store::{JobKind, RunScope, users};

use crate::app::{App, token};
use crate::shown::shown;

on_both_databases! {
    figures_and_metrics_agree,
    everybody_sees_their_own_and_administrators_all,
    days_have_a_form_and_a_number,
}

/// Series of metrics about jobs, by name and labels.
async fn series(app: &App) -> BTreeMap<String, f64> {
    let request = Request::builder().uri("/metrics").body(Body::empty()).unwrap();
    let answer = app.send(request).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let lines = text
        .lines()
        .filter(|line| line.starts_with("consort_job") || line.starts_with("consort_queue"));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// Those that a worker of this process may have counted, or another test's: not what is asked for here.
fn of_database(name: &str) -> bool {
    let elsewhere = ["consort_jobs_started", "consort_jobs_finished", "consort_job_duration"];
    !elsewhere.iter().any(|prefix| name.starts_with(prefix))
}

/// By how much each series has moved.
fn moved(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let change = |(name, value): (&String, &f64)| {
        (name.clone(), value - before.get(name).copied().unwrap_or(0.0))
    };
    after.iter().map(change).filter(|(name, by)| *by != 0.0 && of_database(name)).collect()
}

async fn seven_known_endings(app: &App) {
    for n in 0..6_u8 {
        app.track(&[n; 10]).await;
    }
    let claim = async || jobs::claim(&app.store, "test").await.unwrap().unwrap();
    let store = &app.store;
    let done = claim().await;
    done.meter.note(|usage| {
        usage.cpu = Duration::from_millis(1500);
        usage.n_bytes = 10;
        usage.audio = Some(Duration::from_secs(3));
    });
    app.end(&done).await;
    assert!(jobs::fail(store, &claim().await, "bad_media", "").await.unwrap());
    assert!(jobs::fail(store, &claim().await, "bad_media", "").await.unwrap());
    assert!(jobs::fail(store, &claim().await, "resource_limit", "").await.unwrap());
    let retried = claim().await;
    let id = claim().await.job.id;
    app.post(&format!("/v1/jobs/{id}/cancel")).await;
    assert!(jobs::get(store, app.owner, id).await.unwrap().unwrap().cancel_requested);
    let matching = claim().await;
    assert!(jobs::complete_match(store, &matching, 5, 0, Vec::new()).await.unwrap());
    assert!(jobs::retry_later(store, &retried, "io", "").await.unwrap());
}

async fn figures_and_metrics_agree(database: DatabaseKind) {
    let app = App::on(database).await;
    let before = series(&app).await;
    seven_known_endings(&app).await;
    let after = series(&app).await;
    let moved = moved(&before, &after);
    let expected = [
        (r#"consort_jobs_ended_total{kind="analyze_track",outcome="succeeded",code=""}"#, 1.0),
        (
            r#"consort_jobs_ended_total{kind="analyze_track",outcome="failed",code="bad_media"}"#,
            2.0,
        ),
        (
            r#"consort_jobs_ended_total{kind="analyze_track",outcome="failed",code="resource_limit"}"#,
            1.0,
        ),
        (r#"consort_jobs_ended_total{kind="match_track",outcome="succeeded",code=""}"#, 1.0),
        (r#"consort_job_retries_total{kind="analyze_track",code="io"}"#, 1.0),
        (r#"consort_job_cpu_seconds_total{kind="analyze_track"}"#, 1.5),
        (r#"consort_job_read_bytes_total{kind="analyze_track"}"#, 10.0),
        (r#"consort_job_audio_seconds_total{kind="analyze_track"}"#, 3.0),
        (r#"consort_job_wait_seconds_count{kind="analyze_track"}"#, 4.0),
        (r#"consort_job_run_seconds_count{kind="analyze_track"}"#, 4.0),
        (r#"consort_job_run_seconds_bucket{kind="match_track",le="+Inf"}"#, 1.0),
        (r#"consort_queue_jobs{kind="analyze_track",state="running"}"#, 1.0),
        (r#"consort_jobs{state="running"}"#, 1.0),
        (r#"consort_jobs{state="queued"}"#, 1.0),
    ];
    for (name, by) in expected {
        assert_eq!(moved.get(name), Some(&by), "{name} in {moved:#?}");
    }
    let totals = moved.iter().filter(|(name, _)| name.contains("_total"));
    assert_eq!(totals.count(), 8, "nothing else has moved: {moved:#?}");

    let throughput = app.get("/v1/analytics/throughput").await.json();
    let [analyses, matchings] = throughput["items"].as_array().unwrap().as_slice() else {
        panic!("two kinds on one day: {throughput}")
    };
    let numbers = |item: &Value| {
        let names = ["n_succeeded", "n_failed", "n_dead", "n_cancelled", "n_retried"];
        names.map(|name| item[name].as_u64().unwrap())
    };
    assert_eq!((&analyses["kind"], numbers(analyses)), (&json!("analyze_track"), [1, 3, 0, 0, 1]));
    assert_eq!((&matchings["kind"], numbers(matchings)), (&json!("match_track"), [1, 0, 0, 0, 0]));
    assert_eq!((&analyses["cpu_s"], &analyses["n_bytes"]), (&json!(1.5), &json!(10)));
    assert_eq!((&analyses["audio_s"], &analyses["cost"]), (&json!(3.0), &Value::Null));
    let factor = analyses["real_time_factor"].as_f64().unwrap();
    assert!((factor - analyses["run_s"].as_f64().unwrap() / 3.0).abs() < 1e-12);
    assert_eq!(throughput["totals"].as_array().unwrap().len(), 2);

    let failures = app.get("/v1/analytics/failures").await.json();
    let classes: Vec<_> = failures["totals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it["outcome"].as_str().unwrap(),
                it["code"].as_str().unwrap(),
                it["n"]
            )
        })
        .collect();
    assert_eq!(classes, ["failed bad_media 2", "failed resource_limit 1", "retried io 1"]);

    let latency = app.get("/v1/analytics/latency").await.json();
    let run = &latency["totals"][0]["run"];
    assert_eq!((&latency["totals"][0]["kind"], &run["n"]), (&json!("analyze_track"), &json!(4)));
    let sum = after[r#"consort_job_run_seconds_sum{kind="analyze_track"}"#];
    assert!((run["mean_s"].as_f64().unwrap() * 4.0 - sum).abs() < 1e-9);

    let queue = app.get("/v1/analytics/queue").await.json();
    // The attempt that is followed by another waits for its time, on a slow machine no longer.
    let n = |name: &str| queue[name].as_u64().unwrap();
    assert_eq!((n("n_due") + n("n_delayed"), n("n_running")), (1, 1));
    assert_eq!(queue["kinds"][0]["kind"], "analyze_track");
}

async fn everybody_sees_their_own_and_administrators_all(database: DatabaseKind) {
    let app = App::on(database).await;
    seven_known_endings(&app).await;
    let user = users::create(&app.store, "guest").await.unwrap().id;
    let own = token(&app.store, user, &[Scope::JobsRead]).await;
    let reader = app.token_with(&[Scope::JobsRead]).await;
    let ask = async |token: &str, query: &str| {
        let path = format!("/v1/analytics/throughput?{query}");
        let request =
            Request::builder().uri(path).header("authorization", format!("Bearer {token}"));
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        if !answer.status.is_success() {
            return answer.code();
        }
        answer.json()["totals"].as_array().unwrap().len().to_string()
    };
    let (guest, operator) = (format!("user={user}"), format!("user={}", app.owner));
    assert_eq!(ask(&own, "").await, "0");
    assert_eq!(ask(&own, &guest).await, "0");
    assert_eq!(ask(&own, &operator).await, "missing_scope");
    assert_eq!(
        ask(&own, "user=0000000000000000000001").await,
        "missing_scope",
        "unknown users look the same"
    );
    // The operator's token without the scope of administrators shows the operator's own.
    assert_eq!(ask(&reader, "").await, "2");
    assert_eq!(ask(&reader, &guest).await, "missing_scope");
    assert_eq!(ask(&app.token, "").await, "2");
    assert_eq!(ask(&app.token, &guest).await, "0");
    assert_eq!(ask(&app.token, &operator).await, "2");
    assert_eq!(ask(&app.token, "user=0000000000000000000001").await, "not_found");
}

async fn days_have_a_form_and_a_number(database: DatabaseKind) {
    let app = App::on(database).await;
    let code = async |query: &str| {
        let answer = app.get(&format!("/v1/analytics/latency?{query}")).await;
        if answer.status.is_success() { "ok".to_owned() } else { answer.code() }
    };
    assert_eq!(code("from=2026-01-01&to=2026-01-01").await, "ok");
    assert_eq!(code("from=2024-01-01&to=2024-12-31&kind=match_track").await, "ok");
    assert_eq!(code("from=2024-01-01&to=2025-01-01").await, "invalid_field");
    assert_eq!(code("from=2026-01-02&to=2026-01-01").await, "invalid_field");
    assert_eq!(code("from=yesterday").await, "invalid_field");
    assert_eq!(code("to=2026-02-30").await, "invalid_field");
    assert_eq!(code("kind=dance").await, "malformed_query");
    assert_eq!(code("form=2026-01-01").await, "malformed_query");
    let empty = app.get("/v1/analytics/latency?from=2026-01-01&to=2026-01-31").await.json();
    insta::assert_json_snapshot!("latency", shown(empty));
}

#[tokio::test]
async fn a_thousand_users_make_no_more_series() {
    let app = App::start().await;
    seven_known_endings(&app).await;
    let run = async |owner_id| {
        let new = NewRun {
            owner_id,
            scope: RunScope::All,
            purpose: None,
            reanalyze: false,
            dry_run: false,
            trace_id: None,
        };
        let run = runs::start(&app.store, new).await.unwrap().run;
        runs::cancel(&app.store, owner_id, run.id).await.unwrap();
    };
    run(app.owner).await;
    let few = series(&app).await;
    for n in 0..1000 {
        let user = users::create(&app.store, &format!("canary-{n}")).await.unwrap().id;
        run(user).await;
    }
    let many = series(&app).await;
    let ended = r#"consort_jobs_ended_total{kind="plan_run",outcome="cancelled",code=""}"#;
    assert_eq!(many.get(ended), Some(&1001.0));
    let names = |all: &BTreeMap<String, f64>| {
        all.keys().filter(|it| of_database(it)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&many), names(&few));
    // For each kind: ends without a code and for each, what was taken, two histograms of ten, the queue.
    let of_kind = 2 + 3 * jobs::CODES.len() + 4 + 2 * 10 + 4;
    assert!(many.len() <= JobKind::ALL.len() * of_kind + 3, "{}", many.len());
    assert!(many.keys().all(|name| !name.contains("canary")));
}
