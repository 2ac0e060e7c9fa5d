//! Pages of other origins: who is let in, and what a browser is told.

use api::{Config, CorsConfig};
use axum::body::Body;
use axum::http::{Method, Request};
use store::testing::DatabaseKind;

use crate::app::{Answer, App};

on_both_databases! {
    nobody_is_let_in_unless_configured,
    a_friend_is_let_in_and_told_what_it_may,
    anybody_else_is_not,
    an_options_request_that_asks_for_no_leave_is_a_request,
}

const FRIEND: &str = "https://music.example.org";

async fn app(database: DatabaseKind, origins: &[&str]) -> App {
    let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    App::over(database, Config { cors: CorsConfig { origins }, ..Config::default() }).await
}

async fn ask(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn preflight(app: &App, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization, content-type"),
    ];
    ask(app, Method::OPTIONS, "/v1/tracks/0000000000000000000000", &headers).await
}

/// Whether a list in a header holds a word.
fn holds(list: &str, word: &str) -> bool {
    list.split(',').any(|item| item.trim().eq_ignore_ascii_case(word))
}

async fn nobody_is_let_in_unless_configured(database: DatabaseKind) {
    let app = app(database, &[]).await;
    let token = format!("Bearer {}", app.token);
    for answer in [
        preflight(&app, FRIEND).await,
        ask(&app, Method::GET, "/v1/tracks", &[("origin", FRIEND), ("authorization", &token)])
            .await,
    ] {
        let told = |name: &&axum::http::HeaderName| name.as_str().starts_with("access-control-");
        assert_eq!(answer.headers.keys().find(told), None);
    }
}

async fn a_friend_is_let_in_and_told_what_it_may(database: DatabaseKind) {
    let app = app(database, &["http://localhost:5173", FRIEND]).await;
    let answer = preflight(&app, FRIEND).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
    assert!(holds(answer.header("access-control-allow-methods"), "PATCH"));
    for header in ["authorization", "content-type", "if-match", "idempotency-key", "upload-offset"]
    {
        assert!(holds(answer.header("access-control-allow-headers"), header), "{header}");
    }
    assert_eq!(answer.header("access-control-max-age"), "3600");
    assert_eq!(answer.header("access-control-allow-credentials"), "");

    // An answer to the request itself, and an error, which a page must be able to read as well.
    let token = format!("Bearer {}", app.token);
    for (path, status) in [("/v1/tracks", 200), ("/v1/tracks/0000000000000000000000", 404)] {
        let headers = [("origin", FRIEND), ("authorization", token.as_str())];
        let answer = ask(&app, Method::GET, path, &headers).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
        let exposed = answer.header("access-control-expose-headers");
        for header in ["etag", "location", "ratelimit", "retry-after", "x-request-id"] {
            assert!(holds(exposed, header), "{header}");
        }
        let vary = answer.headers.get_all("vary").iter();
        assert!(vary.into_iter().any(|value| holds(value.to_str().unwrap(), "origin")));
    }
    assert_eq!(ask(&app, Method::GET, "/v1/tracks", &[("origin", FRIEND)]).await.status, 401);
}

async fn anybody_else_is_not(database: DatabaseKind) {
    let app = app(database, &[FRIEND]).await;
    for origin in [
        "https://evil.example.org",
        "https://music.example.org.evil.example",
        "https://evil-music.example.org",
        "http://music.example.org",
        "https://music.example.org:8443",
        "https://MUSIC.example.org",
        "null",
        "*",
        "",
    ] {
        let answer = preflight(&app, origin).await;
        assert_eq!(answer.code(), "unauthorized", "{origin}");
        for answer in [answer, ask(&app, Method::GET, "/healthz", &[("origin", origin)]).await] {
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
            assert_eq!(answer.header("access-control-expose-headers"), "", "{origin}");
            let vary = answer.headers.get_all("vary").iter();
            assert!(vary.into_iter().any(|value| holds(value.to_str().unwrap(), "origin")));
        }
    }
}

async fn an_options_request_that_asks_for_no_leave_is_a_request(database: DatabaseKind) {
    let app = app(database, &[FRIEND]).await;
    let token = format!("Bearer {}", app.token);
    let headers = [("origin", FRIEND), ("authorization", token.as_str())];
    let answer = ask(&app, Method::OPTIONS, "/v1/tracks", &headers).await;
    assert_eq!(answer.code(), "method_not_allowed");
    assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
}
