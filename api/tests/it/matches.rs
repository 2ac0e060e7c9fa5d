//! Matches and comparisons.

use crate::app::App;
use crate::shown::shown;

#[tokio::test]
async fn lists_matches_of_a_purpose() {
    let app = App::start().await;
    let one = app.analyzed(b"one", 440.0).await;
    let none = app.get(&format!("/v1/tracks/{one}/matches")).await;
    assert_eq!(none.json(), serde_json::json!({ "items": [] }));
    app.matched(one, one, 0.5).await;

    let two = app.analyzed(b"two", 660.0).await;
    app.matched(two, one, 0.75).await;
    for (track, other) in [(one, two), (two, one)] {
        let found =
            app.get(&format!("/v1/tracks/{track}/matches?purpose=alike&limit=5")).await.json();
        assert_eq!(found["items"][0]["track"]["id"], other.to_string());
        assert_eq!(found["items"][0]["score"], 0.75);
    }
    let found = app.get(&format!("/v1/tracks/{one}/matches")).await.json();
    insta::assert_json_snapshot!("matches", shown(found));
    let other = app.get(&format!("/v1/tracks/{one}/matches?purpose=mix")).await.json();
    assert_eq!(other, serde_json::json!({ "items": [] }));
}

#[tokio::test]
async fn a_list_of_matches_needs_a_track_and_a_purpose_that_exist() {
    let app = App::start().await;
    let id = app.track(b"x").await;
    let unknown = "/v1/tracks/0000000000000000000000/matches";
    assert_eq!(app.get(unknown).await.code(), "not_found");
    let code =
        async |query: &str| app.get(&format!("/v1/tracks/{id}/matches?{query}")).await.code();
    assert_eq!(code("purpose=people").await, "malformed_query");
    assert_eq!(code("limit=0").await, "invalid_field");
}

#[tokio::test]
async fn a_comparison_adds_up() {
    let app = App::start().await;
    let (a, b) = (app.analyzed(b"one", 440.0).await, app.analyzed(b"two", 660.0).await);
    for purpose in ["mix", "alike", "mood"] {
        let found = app.get(&format!("/v1/compare?a={a}&b={b}&purpose={purpose}")).await.json();
        assert_eq!(found["purpose"], purpose);
        let parts = found["parts"].as_array().unwrap();
        assert!(!parts.is_empty());
        let sum: f64 = parts.iter().map(|part| part["contribution"].as_f64().unwrap()).sum();
        let evidence = found["evidence"].as_f64().unwrap();
        assert!((sum - evidence).abs() < 1e-9, "{purpose}: {sum} and {evidence}");
        let gate = found["gate"].as_f64().unwrap();
        let score = gate / (1.0 + (-evidence).exp());
        assert!((found["score"].as_f64().unwrap() - score).abs() < 1e-9, "{purpose}: {found}");

        let back = app.get(&format!("/v1/compare?a={b}&b={a}&purpose={purpose}")).await.json();
        assert_eq!(back["score"], found["score"]);
    }
}

#[tokio::test]
async fn a_track_is_itself() {
    let app = App::start().await;
    let a = app.analyzed(b"one", 440.0).await;
    let found = app.get(&format!("/v1/compare?a={a}&b={a}")).await.json();
    assert_eq!((&found["score"], &found["identical"]), (&1.0.into(), &true.into()));
    assert_eq!(found["purpose"], "alike");
    assert_eq!(found["reason"], "The same recording by every measure.");
}

#[tokio::test]
async fn only_analysed_tracks_are_compared() {
    let app = App::start().await;
    let a = app.analyzed(b"one", 440.0).await;
    let b = app.track(b"two").await;
    assert_eq!(app.get(&format!("/v1/compare?a={a}&b={b}")).await.code(), "track_not_analyzed");
    let unknown = "0000000000000000000000";
    assert_eq!(app.get(&format!("/v1/compare?a={a}&b={unknown}")).await.code(), "not_found");
    assert_eq!(app.get(&format!("/v1/compare?a={a}")).await.code(), "malformed_query");
    assert_eq!(app.get(&format!("/v1/compare?a={a}&b=x")).await.code(), "malformed_query");
}

#[tokio::test]
async fn a_mix_comes_with_advice() {
    let app = App::start().await;
    let (a, b) = (app.analyzed(b"one", 440.0).await, app.analyzed(b"two", 466.16).await);
    let found = app.get(&format!("/v1/compare?a={a}&b={b}&purpose=mix")).await.json();
    let mix = &found["mix"];
    assert_eq!(mix["tempo"]["relation"], "1:1", "{mix}");
    assert_eq!(mix["tempo"]["in_reach"], true);
    assert!((mix["tempo"]["b_ratio"].as_f64().unwrap() - 1.0).abs() < 0.01, "{mix}");
    assert!(mix["sentence"].as_str().unwrap().ends_with('.'));
    // What is not known says why.
    for group in ["tempo", "key_lock", "varispeed"] {
        assert_ne!(mix[group].is_null(), mix[format!("{group}_reason")].is_null(), "{mix}");
    }
    let other = app.get(&format!("/v1/compare?a={a}&b={b}")).await.json();
    assert_eq!(other["mix"], serde_json::Value::Null);

    // The same advice in the list, made when it is read: the stored match knows nothing of it.
    app.matched(a, a, 0.5).await;
    app.matched_for(b, a, 0.75, "mix").await;
    let list = app.get(&format!("/v1/tracks/{a}/matches?purpose=mix")).await.json();
    assert_eq!(&list["items"][0]["mix"], mix);
}

#[tokio::test]
async fn weights_can_be_given() {
    let app = App::start().await;
    let (a, b) = (app.analyzed(b"one", 440.0).await, app.analyzed(b"two", 660.0).await);
    let found = app.get(&format!("/v1/compare?a={a}&b={b}&weights=timbre:3,energy:1")).await.json();
    let weights: Vec<_> = found["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["facet"].as_str().unwrap(), part["weight"].as_f64().unwrap()))
        .collect();
    assert_eq!(weights, [("timbre", 0.75), ("energy", 0.25)]);
    for (weights, code) in [
        ("loudness:1", "unknown_facet"),
        ("tempo:-1", "negative_weight"),
        ("tempo:NaN", "weight_not_finite"),
        ("tempo:inf", "weight_not_finite"),
        ("tempo:0,key:0", "no_weight"),
        ("tempo:1,tempo:2", "invalid_field"),
        ("tempo", "invalid_field"),
        ("", "invalid_field"),
    ] {
        let answer = app.get(&format!("/v1/compare?a={a}&b={b}&weights={weights}")).await;
        assert_eq!(answer.code(), code, "{weights}");
    }
}
