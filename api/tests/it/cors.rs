//! Pages of other origins: who is let in, and what a browser is told.

use std::collections::BTreeSet;

use api::{Config, CorsConfig};
use axum::body::Body;
use axum::http::{HeaderName, Method, Request};
use store::testing::DatabaseKind;

use crate::app::{Answer, App};

on_both_databases! {
    nobody_is_let_in_unless_configured,
    a_friend_is_let_in_and_told_what_it_may,
    leave_is_given_for_whatever_the_document_names,
    pages_may_read_each_header_that_is_answered_to_them_and_no_other,
    anybody_else_is_not,
    an_options_request_that_asks_for_no_leave_is_a_request,
}

const FRIEND: &str = "https://music.example.org";
/// Headers of answers that are for the browser itself, or that any page may read (Fetch Standard, section 2.2.2, "CORS-safelisted response-header name").
const NOT_FOR_PAGES: [&str; 8] = [
    "cache-control",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "referrer-policy",
    "vary",
    "x-content-type-options",
];

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
        let told = |name: &&HeaderName| name.as_str().starts_with("access-control-");
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

async fn leave_is_given_for_whatever_the_document_names(database: DatabaseKind) {
    let app = app(database, &[FRIEND]).await;
    let leave = preflight(&app, FRIEND).await;
    let may = |list: &str, word: &str| holds(leave.header(list), word);
    let document = api::openapi();
    let mut missing = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for (method, operation) in item.as_object().unwrap() {
            if !may("access-control-allow-methods", method) {
                missing.insert(method.clone());
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "header") {
                let name = parameter["name"].as_str().unwrap();
                // Any page may say what it accepts.
                if name != "Accept" && !may("access-control-allow-headers", name) {
                    missing.insert(name.to_owned());
                }
            }
            for response in operation["responses"].as_object().unwrap().values() {
                for name in response["headers"].as_object().into_iter().flat_map(|it| it.keys()) {
                    if !may("access-control-expose-headers", name) {
                        missing.insert(name.clone());
                    }
                }
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

async fn pages_may_read_each_header_that_is_answered_to_them_and_no_other(database: DatabaseKind) {
    let app = app(database, &[FRIEND]).await;
    let id = app.track(b"abc").await;
    let of_track = |rest: &str| format!("/v1/tracks/{id}{rest}");
    let asking = |method: &str, path: &str| app.request(method, path).header("origin", FRIEND);
    let tus = |method: &str, path: &str| asking(method, path).header("tus-resumable", "1.0.0");
    let begin = || {
        tus("POST", "/v1/uploads/tus")
            .header("upload-length", 3)
            .header("upload-metadata", "filename YS53YXY=")
    };
    let upload = app.send(begin().body(Body::empty()).unwrap()).await;
    let run = || {
        asking("POST", "/v1/runs")
            .header("content-type", "application/json")
            .header("idempotency-key", "once")
            .body(Body::from("{}"))
    };
    let requests = [
        asking("GET", &of_track("")).body(Body::empty()),
        asking("GET", &of_track("/report")).body(Body::empty()),
        asking("GET", &of_track("/audio")).header("range", "bytes=0-1").body(Body::empty()),
        asking("GET", &of_track("/audio")).header("range", "bytes=9-").body(Body::empty()),
        asking("PUT", "/v1/tracks").body(Body::empty()),
        tus("OPTIONS", "/v1/uploads/tus").body(Body::empty()),
        tus("HEAD", upload.header("location")).body(Body::empty()),
        begin().header("content-type", "application/offset+octet-stream").body(Body::from("abc")),
        run(),
        run(),
        Request::builder().uri("/v1/tracks").header("origin", FRIEND).body(Body::empty()),
    ];
    let (mut hidden, mut seen, mut exposed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for request in requests {
        let answer = app.send(request.unwrap()).await;
        let list = answer.header("access-control-expose-headers");
        exposed.extend(list.split(',').map(|name| name.trim().to_owned()));
        for name in answer.headers.keys().map(HeaderName::as_str) {
            let is_for_pages =
                !NOT_FOR_PAGES.contains(&name) && !name.starts_with("access-control-");
            if is_for_pages && !holds(list, name) {
                hidden.insert(name.to_owned());
            }
            seen.insert(name.to_owned());
        }
    }
    assert_eq!(hidden, BTreeSet::new());
    assert_eq!(exposed.difference(&seen).collect::<Vec<_>>(), Vec::<&String>::new());
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
