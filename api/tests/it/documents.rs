//! The OpenAPI document and the page that shows it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::app::{Answer, App};

async fn open(app: &App, path: &str) -> Answer {
    app.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_document_is_served_as_it_is_built() {
    let app = App::start().await;
    let answer = open(&app, "/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json(), api::openapi());
    assert_eq!(answer.json()["openapi"].as_str().unwrap()[..3], *"3.1");
}

/// Whoever changes the API sees here what changes for its users.
#[test]
fn the_document_is_as_reviewed() {
    insta::assert_json_snapshot!("openapi", api::openapi());
}

#[test]
fn every_reference_points_to_something() {
    let document = api::openapi();
    let mut n_references = 0;
    visit(&document, &mut |target| {
        let path = target.strip_prefix('#').unwrap();
        assert!(document.pointer(path).is_some(), "{target}");
        n_references += 1;
    });
    assert!(n_references > 50, "{n_references}");
}

fn visit(value: &Value, check: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                check(target);
            }
            fields.values().for_each(|value| visit(value, check));
        }
        Value::Array(items) => items.iter().for_each(|value| visit(value, check)),
        _ => {}
    }
}

/// What a file of the page is, by its name.
fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("javascript"),
        "css" => Some("css"),
        _ => None,
    }
}

#[tokio::test]
async fn the_page_works_offline() {
    let app = App::start().await;
    let redirect = open(&app, "/docs").await;
    assert_eq!((redirect.status, redirect.header("location")), (StatusCode::SEE_OTHER, "/docs/"));
    let page = open(&app, "/docs/").await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let sources: Vec<&str> = html.split(['"', '\'']).filter(|word| kind(word).is_some()).collect();
    assert!(sources.len() >= 4, "{html}");
    for source in sources {
        assert!(!source.contains("//"), "{source}");
        let path = format!("/docs/{}", source.trim_start_matches("./"));
        let file = open(&app, &path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        let kind = kind(source).unwrap();
        assert!(
            file.header("content-type").contains(kind),
            "{path}: {}",
            file.header("content-type")
        );
    }
    let start = open(&app, "/docs/swagger-initializer.js").await;
    let start = String::from_utf8(start.body.to_vec()).unwrap();
    assert!(start.contains("/openapi.json"), "{start}");
    // Inline scripts would not run under the policy.
    assert_eq!(html.matches("<script").count(), html.matches("<script src=").count());
}
