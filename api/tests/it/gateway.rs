//! A gateway that names who asks, over a real socket: what counts is where a connection comes from.

use api::{AuthConfig, Config, Proxies};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use store::Role;
use store::testing::DatabaseKind;

use crate::live::Live;

on_both_databases! {
    a_gateways_users_are_made_when_first_named,
    from_elsewhere_the_header_is_not_there,
    a_header_that_names_nobody_is_refused,
}

async fn start(database: DatabaseKind, trusted: &[&str]) -> Live {
    let auth = AuthConfig {
        trusted_header: Some("x-forwarded-user".parse().unwrap()),
        ..AuthConfig::default()
    };
    let trusted = trusted.iter().map(|it| it.parse().unwrap()).collect();
    let proxies = Proxies { trusted, ..Proxies::default() };
    Live::start(database, Config { auth, proxies, ..Config::default() }).await
}

fn me(server: &Live) -> RequestBuilder {
    server.get("/v1/auth/me")
}

async fn json(request: RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

async fn a_gateways_users_are_made_when_first_named(database: DatabaseKind) {
    let server = start(database, &["127.0.0.0/8"]).await;
    let as_ana = || me(&server).header("X-Forwarded-User", "ana@example.org");
    // At once, as the first page of an application would.
    let (first, again) = tokio::join!(json(as_ana()), json(as_ana()));
    assert_eq!(first["user"]["name"], "ana@example.org");
    assert_eq!((&first["user"]["login"], &first["user"]["role"]), (&Value::Null, &json!("user")));
    assert_eq!(first["credential"], "foreign");
    assert_eq!(first["user"]["id"], again["user"]["id"]);
    let ben = json(me(&server).header("x-forwarded-user", "ben")).await;
    assert_ne!(ben["user"]["id"], first["user"]["id"]);
    assert_eq!(store::users::list(&server.test.store, None, 9).await.unwrap().items.len(), 3);

    let id = ben["user"]["id"].as_str().unwrap().parse().unwrap();
    store::users::set_role(&server.test.store, id, Role::Admin).await.unwrap();
    let ben = json(me(&server).header("x-forwarded-user", "ben")).await;
    assert_eq!(ben["user"]["role"], "admin");

    // A token goes before the header, and a wrong one is not mended by it.
    let answer = as_ana().bearer_auth("wrong").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    server.stop().await;
}

async fn from_elsewhere_the_header_is_not_there(database: DatabaseKind) {
    let server = start(database, &["10.0.0.0/8", "::1/128"]).await;
    let nobody = json(me(&server).header("x-request-id", "same")).await;
    assert_eq!(nobody["code"], "unauthorized");
    let request = me(&server).header("x-request-id", "same").header("x-forwarded-user", "operator");
    let spoofed = request.header("x-forwarded-for", "10.0.0.1").header("forwarded", "for=10.0.0.1");
    assert_eq!(json(spoofed).await, nobody);
    server.stop().await;
}

async fn a_header_that_names_nobody_is_refused(database: DatabaseKind) {
    let server = start(database, &["127.0.0.1/32"]).await;
    let long = "x".repeat(256);
    for name in ["", " ", "a\tb", long.as_str()] {
        let answer = json(me(&server).header("x-forwarded-user", name)).await;
        assert_eq!(answer["code"], "unauthorized", "{name:?}");
    }
    let twice = me(&server).header("x-forwarded-user", "a").header("x-forwarded-user", "b");
    assert_eq!(json(twice).await["code"], "unauthorized");
    server.stop().await;
}
