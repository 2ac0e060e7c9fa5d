//! Spotify's paths, as its clients use them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use report::formats::{Format, Recording, spotify};
use report::{Details, Report, Tags};
use serde_json::{Value, json};
use store::testing::DatabaseKind;

use crate::app::{Answer, App};

on_both_databases! {
    features_are_those_of_the_report_under_our_id,
    several_come_in_the_order_asked_for,
    an_analysis_is_the_format_of_the_report,
    errors_are_shaped_as_spotifys,
    what_is_not_ready_is_not_found,
}

const NOBODY: &str = "0000000000000000000000";

/// The features that the committed report gives.
fn expected(id: &str) -> Value {
    let json = std::fs::read_to_string(fixtures::path("formats/report/v1.json")).unwrap();
    let report = Report::from_json(&json).unwrap();
    let recording = Recording { report: &report, details: None, tags: &Tags::default() };
    let mut features = spotify::features(&recording);
    features["id"] = json!(id);
    features["uri"] = json!(format!("spotify:track:{id}"));
    features["track_href"] = json!(format!("/v1/tracks/{id}"));
    features["analysis_url"] = json!(format!("/v1/audio-analysis/{id}"));
    features
}

/// The status and message of an error, checked to be one.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    let error = body["error"].as_object().unwrap();
    assert_eq!(error.len(), 2, "{body}");
    assert_eq!(error["status"], answer.status.as_u16());
    (answer.status.as_u16(), error["message"].as_str().unwrap().to_owned())
}

async fn features_are_those_of_the_report_under_our_id(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.reported(b"x").await.to_string();
    let answer = app.get(&format!("/v1/audio-features/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), expected(&id));
    assert_eq!(answer.header("content-type"), "application/json");
    // The fields of the reference, no more and no fewer.
    let names = "acousticness analysis_url danceability duration_ms energy id instrumentalness key liveness loudness mode \
        speechiness tempo time_signature track_href type uri valence";
    let given = answer.json();
    let given: Vec<&str> = given.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(given, names.split_whitespace().collect::<Vec<_>>());
    let analysis = answer.json()["analysis_url"].as_str().unwrap().to_owned();
    assert_eq!(app.get(&analysis).await.status, StatusCode::OK);
}

async fn several_come_in_the_order_asked_for(database: DatabaseKind) {
    let app = App::on(database).await;
    let (one, two) = (app.reported(b"one").await, app.reported(b"two").await);
    // Its report is of a test, which no reader understands.
    let unreadable = app.analyzed(b"three", 440.0).await;
    let waiting = app.track(b"waiting").await;
    let (one, two) = (one.to_string(), two.to_string());
    let ids = format!("{two},{waiting},{NOBODY},{one},no-id,,{unreadable}, {two}");
    let features =
        json!([expected(&two), null, null, expected(&one), null, null, null, expected(&two),]);
    for path in ["/v1/audio-features", "/v1/audio-features/"] {
        for separator in [",", "%2C"] {
            let ids = ids.replace(',', separator).replace(' ', "%20");
            let answer = app.get(&format!("{path}?ids={ids}&market=ES")).await;
            assert_eq!(answer.json(), json!({ "audio_features": features }), "{path}");
        }
    }
    // To others they are not there.
    let stranger = app.foreign_token().await;
    let request = Request::builder()
        .uri(format!("/v1/audio-features?ids={one},{two}"))
        .header("authorization", format!("Bearer {stranger}"));
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.json(), json!({ "audio_features": [null, null] }));

    let many = vec![one.as_str(); 100].join(",");
    let answer = app.get(&format!("/v1/audio-features?ids={many}")).await.json();
    assert_eq!(answer["audio_features"], Value::from(vec![expected(&one); 100]));
    for query in
        [format!("?ids={many},{one}"), "?ids=".to_owned(), String::new(), "?id=x".to_owned()]
    {
        let answer = app.get(&format!("/v1/audio-features{query}")).await;
        assert_eq!(refusal(&answer).0, 400, "{query}");
    }
}

async fn an_analysis_is_the_format_of_the_report(database: DatabaseKind) {
    let app = App::on(database).await;
    let id = app.reported(b"x").await;
    let read = |name| std::fs::read(fixtures::path(name)).unwrap();
    let report = String::from_utf8(read("formats/report/v1.json")).unwrap();
    let report = Report::from_json(&report).unwrap();
    let details = Details::from_json(&read("formats/details/v1.json")).unwrap();
    let tags = Tags::default();
    let recording = Recording { report: &report, details: Some(&details), tags: &tags };
    let answer = app.get(&format!("/v1/audio-analysis/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body == Format::SpotifyAnalysis.render(&recording).unwrap());
}

async fn errors_are_shaped_as_spotifys(database: DatabaseKind) {
    let app = App::on(database).await;
    for path in [
        "/v1/audio-features/x",
        "/v1/audio-analysis/x",
        "/v1/audio-analysis",
        "/v1/audio-features/x/y",
    ] {
        let answer = app.get(path).await;
        let message = "there is no such path or object".to_owned();
        assert_eq!(refusal(&answer), (404, message), "{path}");
        let answer = app.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(refusal(&answer).0, 401, "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"consort\"");
    }
    assert_eq!(refusal(&app.post("/v1/audio-features/x").await).0, 405);
    app.store.close().await;
    let answer = app.get("/v1/audio-features?ids=x").await;
    let text = "the request could not be answered; the log has the cause".to_owned();
    assert_eq!(refusal(&answer), (503, text));
    assert_eq!(answer.header("retry-after"), "2");
}

async fn what_is_not_ready_is_not_found(database: DatabaseKind) {
    let app = App::on(database).await;
    let waiting = app.track(b"waiting").await;
    for path in ["/v1/audio-features", "/v1/audio-analysis"] {
        let answer = app.get(&format!("{path}/{waiting}")).await;
        assert_eq!(refusal(&answer), (404, "the track is not analysed yet".to_owned()));
        assert_eq!(answer.header("retry-after"), "2");
    }
}
