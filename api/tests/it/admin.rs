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
    a_role_is_changed_and_holds_from_the_next_request_on,
    there_is_always_an_administrator,
    a_reset_password_is_good_once_and_ends_all_sessions,
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

async fn a_role_is_changed_and_holds_from_the_next_request_on(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let ana = world.user("ana", Role::User).await;
    let session = world.login("ana", PASSWORD).await.access;
    let path = format!("/v1/admin/users/{}", ana.id);
    let set = async |body: Value| world.send(Method::PATCH, &path, Some(&admin), Some(body)).await;
    assert_eq!(world.get(&path, &session).await.code(), "admin_needed");
    let changed = set(json!({ "role": "admin", "quota": { "n_tracks": 5 } })).await.json();
    assert_eq!(
        (&changed["user"]["role"], &changed["quota"]["tracks"]["limit"]),
        (&json!("admin"), &json!(5))
    );
    assert_eq!(world.get(&path, &session).await.json(), changed);
    assert_eq!(set(json!({ "role": "user" })).await.json()["quota"]["tracks"]["limit"], 5);
    assert_eq!(world.get(&path, &session).await.code(), "admin_needed");
    for bad in [json!({ "role": "operator" }), json!({ "is_admin": true })] {
        assert_eq!(set(bad.clone()).await.code(), "invalid_field", "{bad}");
    }
    let nobody = "/v1/admin/users/0000000000000000000000";
    assert_eq!(world.get(nobody, &admin).await.code(), "not_found");
    let body = Some(json!({ "role": "admin" }));
    assert_eq!(world.send(Method::PATCH, nobody, Some(&admin), body).await.code(), "not_found");
}

/// Everybody who is one takes it from everybody, at once: whoever is left over is the operator, of whom nobody can.
async fn there_is_always_an_administrator(database: DatabaseKind) {
    let world = World::new(database).await;
    let operator = world.test.owner;
    let mut admins = vec![(operator, world.token(&[Scope::Admin]).await)];
    for login in ["ana", "ben"] {
        let user = world.user(login, Role::Admin).await;
        admins.push((user.id, token(world.store(), user.id, &[Scope::Admin]).await));
    }
    let mut requests = Vec::new();
    for (_, by) in &admins {
        for (id, _) in &admins {
            let path = format!("/v1/admin/users/{id}");
            let body = Some(json!({ "role": "user" }));
            requests.push(crate::world::request(Method::PATCH, &path, Some(by), body));
            requests.push(crate::world::request(Method::DELETE, &path, Some(by), None));
        }
    }
    let answers = requests.into_iter().map(|request| crate::world::send(&world.router, request));
    let answers = futures::future::join_all(answers).await;
    assert!(answers.iter().all(|answer| !answer.status.is_server_error()));
    let n_kept = answers
        .iter()
        .filter(|it| !it.status.is_success() && it.code() == "operator_stays")
        .count();
    assert!(n_kept >= 2, "{n_kept}");
    let left = store::users::get(world.store(), operator).await.unwrap().unwrap();
    assert_eq!((left.role, left.is_operator), (Role::Admin, true));
    assert_eq!(world.get("/v1/admin/users", &admins[0].1).await.status, 200);
}

async fn a_reset_password_is_good_once_and_ends_all_sessions(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let ana = world.user("ana", Role::User).await;
    let session = world.login("ana", PASSWORD).await;
    let path = format!("/v1/admin/users/{}/password", ana.id);
    let reset = async |path: &str| world.send(Method::POST, path, Some(&admin), None).await;
    let answer = reset(&path).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    let password = answer.json()["one_time_password"].as_str().unwrap().to_owned();
    assert_eq!(world.try_token(&session.access).await, "unauthorized");
    let refresh = json!({ "refresh_token": session.refresh });
    assert_eq!(world.post("/v1/auth/refresh", refresh).await.code(), "refresh_refused");
    let old = json!({ "login": "ana", "password": PASSWORD });
    assert_eq!(world.post("/v1/auth/login", old).await.code(), "login_failed");
    let again = world.login("ana", &password).await;
    assert_eq!(world.try_token(&again.access).await, "password_change_required");

    let silent = json!({ "name": "a platform's user" });
    let silent =
        world.send(Method::POST, "/v1/admin/users", Some(&admin), Some(silent)).await.json();
    let path = format!("/v1/admin/users/{}/password", silent["user"]["id"].as_str().unwrap());
    assert_eq!(reset(&path).await.code(), "no_login");
    assert_eq!(reset("/v1/admin/users/0000000000000000000000/password").await.code(), "not_found");
}
