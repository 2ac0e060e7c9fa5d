//! What concerns all users.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::{Role, Scope, tokens};

use crate::app::{Answer, token};
use crate::world::{PASSWORD, World};

on_both_databases! {
    tokens_are_made_listed_and_revoked,
    tokens_end_after_a_year_unless_told,
    a_use_is_written_down_once_a_minute,
    users_are_made_listed_and_deleted,
    the_scope_admin_without_the_role_opens_nothing_of_others,
}

async fn made(world: &World, by: &str, body: Value) -> Answer {
    world.send(Method::POST, "/v1/admin/tokens", Some(by), Some(body)).await
}

async fn tokens_are_made_listed_and_revoked(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("root", Role::Admin).await;
    let admin = world.login("root", PASSWORD).await.access;
    let user = world.user("ana", Role::User).await;
    let body = json!({ "name": "speech", "scopes": ["tracks:read", "jobs:read", "jobs:read"], "user_id": user.id });
    let answer = made(&world, &admin, body).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (201, "no-store"));
    let created = answer.json();
    assert_eq!(created["token"]["scopes"], json!(["tracks:read", "jobs:read"]));
    let secret = created["secret"].as_str().unwrap();
    let page = world.get("/v1/admin/tokens?limit=1", &admin).await.json();
    assert_eq!(page["items"], json!([created["token"]]));
    assert_eq!(page["next"], Value::Null);
    assert!(!page.to_string().contains(secret));

    let me = world.get("/v1/auth/me", secret).await.json();
    assert_eq!(me["user"]["login"], "ana");
    assert_eq!(world.get("/v1/runs", secret).await.code(), "missing_scope");
    assert_eq!(world.get("/v1/admin/tokens", secret).await.code(), "missing_scope");

    let path = format!("/v1/admin/tokens/{}", created["token"]["id"].as_str().unwrap());
    let revoke = async || world.send(Method::DELETE, &path, Some(&admin), None).await;
    assert_eq!(revoke().await.status, 204);
    assert_eq!(world.try_token(secret).await, "unauthorized");
    assert_eq!(revoke().await.code(), "not_found");

    for bad in [
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": " ", "scopes": ["admin"] }),
        json!({ "name": "x", "scopes": ["everything"] }),
        json!({ "name": "x", "scopes": ["admin"], "expires_in_days": 0 }),
        json!({ "name": "x", "scopes": ["admin"], "expires_in_days": 3651 }),
        json!({ "name": "x", "scopes": ["admin"], "expires_in_days": null }),
        json!({ "name": "x", "scopes": ["admin"], "user_id": "0000000000000000000000" }),
        json!({ "scopes": ["admin"] }),
    ] {
        assert_eq!(made(&world, &admin, bad.clone()).await.code(), "invalid_field", "{bad}");
    }
}

async fn tokens_end_after_a_year_unless_told(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let secret = async |body: Value| {
        let answer = made(&world, &admin, body).await;
        answer.json()["secret"].as_str().unwrap().to_owned()
    };
    let year = secret(json!({ "name": "year", "scopes": ["tracks:read"] })).await;
    let day =
        secret(json!({ "name": "day", "scopes": ["tracks:read"], "expires_in_days": 1 })).await;
    let both = async || (world.try_token(&year).await, world.try_token(&day).await);
    assert_eq!(both().await, ("ok".into(), "ok".into()));
    world.advance(Duration::from_hours(24));
    assert_eq!(both().await, ("ok".into(), "unauthorized".into()));
    world.advance(Duration::from_secs(364 * 24 * 3600 - 1));
    assert_eq!(world.try_token(&year).await, "ok");
    world.advance(Duration::from_secs(1));
    assert_eq!(world.try_token(&year).await, "unauthorized");
}

async fn a_use_is_written_down_once_a_minute(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let used = world.token(&[Scope::TracksRead]).await;
    let last_use = async || {
        let page = tokens::list(world.store(), None, 10).await.unwrap();
        page.items.iter().find(|token| token.scopes == [Scope::TracksRead]).unwrap().last_used_at
    };
    assert_eq!(last_use().await, None);
    let begin = world.store().now();
    // It is written beside the request: wait for it.
    let until = async |expected| {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while last_use().await != Some(expected) {
            tick.tick().await;
        }
    };
    for _ in 0..20 {
        assert_eq!(world.try_token(&used).await, "ok");
    }
    until(begin).await;
    world.advance(Duration::from_secs(59));
    assert_eq!(world.try_token(&used).await, "ok");
    assert_eq!(last_use().await, Some(begin));
    world.advance(Duration::from_secs(1));
    let listed = world.get("/v1/admin/tokens", &admin).await.json();
    assert!(listed["items"][0]["last_used_at"].is_string(), "{listed}");
    assert_eq!(world.try_token(&used).await, "ok");
    until(begin + Duration::from_mins(1)).await;
}

async fn users_are_made_listed_and_deleted(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let make = async |body: Value| {
        world.send(Method::POST, "/v1/admin/users", Some(&admin), Some(body)).await
    };
    let ana = make(json!({ "name": "Ana", "login": "ana" })).await;
    assert_eq!((ana.status.as_u16(), ana.header("cache-control")), (201, "no-store"));
    let ana = ana.json();
    let silent = make(json!({ "name": "a platform's user" })).await.json();
    assert_eq!(
        (&silent["one_time_password"], &silent["user"]["login"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(make(json!({ "name": "Another", "login": "ANA" })).await.code(), "login_taken");
    for bad in [
        json!({ "name": "" }),
        json!({ "name": "x", "login": "a b" }),
        json!({ "name": "x", "role": "operator" }),
    ] {
        assert_eq!(make(bad.clone()).await.code(), "invalid_field", "{bad}");
    }

    let page = world.get("/v1/admin/users?limit=2", &admin).await.json();
    assert_eq!(page["items"], json!([silent["user"], ana["user"]]));
    let next = page["next"].as_str().unwrap();
    let rest = world.get(&format!("/v1/admin/users?after={next}"), &admin).await.json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let operator = &rest["items"][0];
    assert_eq!((&operator["role"], &rest["next"]), (&json!("admin"), &Value::Null));

    let delete = async |id: &Value| {
        let path = format!("/v1/admin/users/{}", id.as_str().unwrap());
        world.send(Method::DELETE, &path, Some(&admin), None).await
    };
    assert_eq!(delete(&ana["user"]["id"]).await.status, 204);
    assert_eq!(delete(&ana["user"]["id"]).await.code(), "not_found");
    assert_eq!(delete(&operator["id"]).await.code(), "operator_stays");
    assert_eq!(world.try_token(&admin).await, "ok");
}

async fn the_scope_admin_without_the_role_opens_nothing_of_others(database: DatabaseKind) {
    let world = World::new(database).await;
    let user = world.user("ana", Role::User).await;
    let program = token(world.store(), user.id, &[Scope::Admin]).await;
    assert_eq!(world.try_token(&program).await, "ok");
    for path in ["/v1/admin/users", "/v1/admin/tokens"] {
        assert_eq!(world.get(path, &program).await.code(), "admin_needed");
    }
    // From the next request on.
    store::users::set_role(world.store(), user.id, Role::Admin).await.unwrap();
    assert_eq!(world.get("/v1/admin/users", &program).await.status, 200);
    store::users::set_role(world.store(), user.id, Role::User).await.unwrap();
    assert_eq!(world.get("/v1/admin/users", &program).await.code(), "admin_needed");
}
