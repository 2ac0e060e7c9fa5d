//! Error bodies, their table and their documentation.

use api::CODES;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use store::testing::DatabaseKind;

use crate::app::App;
use crate::shown::shown;

on_both_databases! {
    an_error_is_a_problem_of_rfc_9457,
    the_type_of_an_error_explains_it,
    a_page_lists_every_code_for_programs_and_for_people,
    a_database_that_is_away_is_503_without_its_text,
}

async fn an_error_is_a_problem_of_rfc_9457(database: DatabaseKind) {
    let app = App::on(database).await;
    let answer = app.get("/v1/tracks/0000000000000000000000").await;
    assert_eq!(answer.code(), "not_found");
    insta::assert_json_snapshot!("not_found", shown(answer.json()));
    let answer = app.send(Request::builder().uri("/v1/tracks").body(Body::empty()).unwrap()).await;
    insta::assert_json_snapshot!("unauthorized", shown(answer.json()));
}

async fn the_type_of_an_error_explains_it(database: DatabaseKind) {
    let app = App::on(database).await;
    for code in CODES {
        let path = format!("/problems/{}", code.code);
        let answer = app.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.starts_with(&format!("{} ({})\n", code.code, code.status)), "{text}");
        assert!(text.contains(code.meaning));
    }
    let answer = app.send(Request::builder().uri("/problems/x").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "not_found");
}

async fn a_page_lists_every_code_for_programs_and_for_people(database: DatabaseKind) {
    let app = App::on(database).await;
    let open = async |accept: &str| {
        let request = Request::builder().uri("/problems").header("accept", accept);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let answer = open("*/*").await;
    assert_eq!((answer.status.as_u16(), answer.header("vary")), (200, "accept"));
    let listed: Vec<Value> = answer.json()["items"].as_array().unwrap().clone();
    let expected = CODES.iter().map(|it| {
        json!({
            "code": it.code,
            "status": it.status,
            "title": it.title,
            "meaning": it.meaning,
            "type": format!("/problems/{}", it.code),
        })
    });
    assert_eq!(listed, expected.collect::<Vec<_>>());

    let answer = open("text/html,application/xhtml+xml,*/*;q=0.8").await;
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let page = String::from_utf8(answer.body.to_vec()).unwrap();
    for code in CODES {
        let row = format!("<a href=\"/problems/{0}\">{0}</a><td>{1}<td>", code.code, code.status);
        assert!(page.contains(&row), "{row}");
    }
    // What is served to browsers may run and load nothing.
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(!page.contains("<script"));
}

#[test]
fn the_document_lists_every_code_as_the_table_has_it() {
    let page = include_str!("../../../docs/http-api.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> = CODES
        .iter()
        .map(|code| {
            format!("| `{}` | {} | {} | {} |", code.code, code.status, code.title, code.meaning)
        })
        .collect();
    let listed: Vec<&str> = rows
        .into_iter()
        .filter(|row| CODES.iter().any(|code| row.starts_with(&format!("| `{}` |", code.code))))
        .collect();
    assert_eq!(listed, expected, "docs/http-api.md should hold:\n{}", expected.join("\n"));
}

async fn a_database_that_is_away_is_503_without_its_text(database: DatabaseKind) {
    let app = App::on(database).await;
    app.store.close().await;
    let answer = app.get("/v1/tracks").await;
    assert_eq!(answer.code(), "unavailable");
    assert_eq!(answer.header("retry-after"), "2");
    let detail = "the request could not be answered; the log has the cause";
    assert_eq!(answer.json()["detail"], json!(detail));
}
