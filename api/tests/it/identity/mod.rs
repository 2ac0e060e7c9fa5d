//! Who may do what: every operation, with every kind of caller.

mod alike;
mod matrix;
mod operation;
mod policy;
mod things;

use axum::body::Body;
use axum::http::Method;
use store::testing::DatabaseKind;

use crate::app::App;
use crate::world::request;

on_both_databases! {
    paths_that_do_not_exist_are_kept_from_strangers_too,
}

async fn paths_that_do_not_exist_are_kept_from_strangers_too(database: DatabaseKind) {
    let app = App::on(database).await;
    for path in ["/v1", "/v1/", "/v1/nothing", "/v1/tracks/x/y/z", "/v1/tracks/"] {
        let answer = app.send(request(Method::GET, path, None, None)).await;
        assert_eq!(answer.code(), "unauthorized", "{path}");
        assert_eq!(app.get(path).await.code(), "not_found", "{path}");
    }
    let answer = app.send(request(Method::PUT, "/v1/tracks", None, None)).await;
    assert_eq!(answer.code(), "unauthorized");
    let answer = app.send(app.request("PUT", "/v1/tracks").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "method_not_allowed");
    let mut allowed: Vec<_> = answer.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}
