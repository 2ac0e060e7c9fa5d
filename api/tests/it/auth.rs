//! Coming in, going on, leaving.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, Request};
use futures::channel::mpsc;
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::tracks::{self, ListQuery};
use store::{Role, Scope, users};
use tower::ServiceExt;

use crate::app::Answer;
use crate::form::{BOUNDARY, Form};
use crate::world::{PASSWORD, Session, World, request, send};

on_both_databases! {
    whoever_registers_comes_in_as_a_plain_user,
    registration_is_closed_unless_told,
    an_unknown_name_and_a_wrong_password_are_answered_alike,
    a_refresh_token_is_good_once_and_its_reuse_ends_the_session,
    of_two_refreshes_at_once_one_goes_on_and_both_end,
    what_left_is_out_in_every_process,
    an_access_token_ends_and_a_session_too,
    a_new_key_signs_after_a_day_and_the_old_one_is_good_on,
    a_one_time_password_allows_nothing_but_to_change_it,
    a_changed_password_ends_all_other_sessions,
    a_deleted_user_is_out_by_every_door,
    fields_that_nobody_asked_for_are_refused,
    a_token_that_ends_during_an_upload_lets_it_end_well,
    a_user_who_is_deleted_during_an_upload_leaves_nothing,
    a_program_has_no_session,
}

const MINUTE: Duration = Duration::from_mins(1);

fn credentials(login: &str, password: &str) -> Value {
    json!({ "login": login, "password": password })
}

async fn refresh(world: &World, session: &Session) -> Answer {
    world.post("/v1/auth/refresh", json!({ "refresh_token": session.refresh })).await
}

async fn change(world: &World, token: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    world.send(Method::PUT, "/v1/auth/password", Some(token), Some(body)).await
}

async fn whoever_registers_comes_in_as_a_plain_user(database: DatabaseKind) {
    let world = World::open(database).await;
    let body = json!({ "login": "Ana", "password": PASSWORD, "name": " Ana Lima " });
    let answer = world.post("/v1/auth/register", body.clone()).await;
    assert_eq!(answer.status, 201);
    let user = answer.json();
    assert_eq!((&user["login"], &user["name"]), (&json!("ana"), &json!("Ana Lima")));
    assert_eq!(user["role"], "user");
    assert_eq!(world.post("/v1/auth/register", body).await.code(), "login_taken");
    for (login, password) in
        [("", PASSWORD), ("a b", PASSWORD), ("ben", "short"), ("ben", "aaaaaaaaaaaaaaaa")]
    {
        let answer = world.post("/v1/auth/register", credentials(login, password)).await;
        assert_eq!(answer.code(), "invalid_field", "{login} {password}");
    }

    let answer = world.post("/v1/auth/login", credentials("ANA", PASSWORD)).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["must_change_password"], false);
    assert_eq!(
        (&answer.json()["token_type"], &answer.json()["expires_in_s"]),
        (&json!("Bearer"), &json!(600))
    );
    let session = Session::of(&answer);
    let me = world.get("/v1/auth/me", &session.access).await.json();
    assert_eq!((&me["user"], &me["credential"]), (&user, &json!("session")));
    assert!(!me["scopes"].as_array().unwrap().contains(&json!("admin")));
    assert_eq!(world.try_token(&session.access).await, "ok");
    assert_eq!(world.get("/v1/admin/users", &session.access).await.code(), "admin_needed");
}

async fn registration_is_closed_unless_told(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    // Whether somebody has the name is not told either.
    for login in ["ana", "ben"] {
        let answer = world.post("/v1/auth/register", credentials(login, PASSWORD)).await;
        assert_eq!(answer.code(), "registration_closed");
    }
}

async fn an_unknown_name_and_a_wrong_password_are_answered_alike(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let wrong = world.post("/v1/auth/login", credentials("ana", "correct horse batterz")).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (401, "login_failed"));
    for login in ["ben", "", "a b", "operator", "ana'--", &"x".repeat(5000)] {
        let unknown = world.post("/v1/auth/login", credentials(login, PASSWORD)).await;
        assert_eq!((&unknown.body, &unknown.headers), (&wrong.body, &wrong.headers), "{login}");
    }
}

async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let first = world.login("ana", PASSWORD).await;
    let other = world.login("ana", PASSWORD).await;
    world.advance(MINUTE);
    let second = Session::of(&refresh(&world, &first).await);
    assert_ne!((&first.refresh, &first.access), (&second.refresh, &second.access));
    for session in [&first, &second] {
        assert_eq!(world.try_token(&session.access).await, "ok");
    }
    // Somebody has a copy of the first.
    assert_eq!(refresh(&world, &first).await.code(), "refresh_refused");
    assert_eq!(refresh(&world, &second).await.code(), "refresh_refused");
    for session in [&first, &second] {
        assert_eq!(world.try_token(&session.access).await, "unauthorized");
    }
    assert_eq!(world.try_token(&other.access).await, "ok");

    // Without the secret of the session nobody can end it.
    let mut forged = other.clone();
    forged.refresh.replace_range(30..31, if &forged.refresh[30..31] == "a" { "b" } else { "a" });
    for token in [forged.refresh.as_str(), "", "csr_", &other.access] {
        let body = json!({ "refresh_token": token });
        assert_eq!(world.post("/v1/auth/refresh", body).await.code(), "refresh_refused");
    }
    assert_eq!(world.try_token(&other.access).await, "ok");
    assert_eq!(refresh(&world, &other).await.status, 200);
}

async fn of_two_refreshes_at_once_one_goes_on_and_both_end(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let session = world.login("ana", PASSWORD).await;
    let (a, b) = tokio::join!(refresh(&world, &session), refresh(&world, &session));
    let n_refused = [&a, &b].iter().filter(|answer| answer.status == 401).count();
    assert!(n_refused >= 1);
    for answer in [&a, &b].into_iter().filter(|answer| answer.status == 200) {
        assert_eq!(world.try_token(&Session::of(answer).access).await, "unauthorized");
    }
}

async fn what_left_is_out_in_every_process(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let session = world.login("ana", PASSWORD).await;
    let other = world.login("ana", PASSWORD).await;
    let second = world.second_process().await;
    let there = async |session: &Session| {
        let request = request(Method::GET, "/v1/auth/me", Some(&session.access), None);
        send(&second, request).await.status.as_u16()
    };
    assert_eq!(there(&session).await, 200);
    let logout = request(Method::POST, "/v1/auth/logout", Some(&session.access), None);
    assert_eq!(send(&second, logout).await.status, 204);
    assert_eq!(world.try_token(&session.access).await, "unauthorized");
    assert_eq!(there(&session).await, 401);
    assert_eq!(refresh(&world, &session).await.code(), "refresh_refused");
    assert_eq!(there(&other).await, 200);
}

async fn an_access_token_ends_and_a_session_too(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let mut session = world.login("ana", PASSWORD).await;
    world.advance(Duration::from_secs(594));
    assert_eq!(world.try_token(&session.access).await, "ok");
    world.advance(Duration::from_secs(6));
    let answer = world.get("/v1/tracks", &session.access).await;
    assert_eq!(answer.code(), "unauthorized");
    assert!(answer.header("www-authenticate").contains("invalid_token"));
    for _ in 0..29 {
        session = Session::of(&refresh(&world, &session).await);
        world.advance(Duration::from_hours(24));
    }
    let session = Session::of(&refresh(&world, &session).await);
    world.advance(Duration::from_hours(24));
    assert_eq!(refresh(&world, &session).await.code(), "refresh_refused");
}

async fn a_new_key_signs_after_a_day_and_the_old_one_is_good_on(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let kid = |session: &Session| session.access.split('.').next().unwrap().to_owned();
    let first = world.login("ana", PASSWORD).await;
    world.advance(Duration::from_mins(24 * 60 - 5));
    let last = world.login("ana", PASSWORD).await;
    assert_eq!(kid(&first), kid(&last));
    world.advance(5 * MINUTE);
    let new = world.login("ana", PASSWORD).await;
    assert_ne!(kid(&last), kid(&new));
    for session in [&last, &new] {
        assert_eq!(world.try_token(&session.access).await, "ok");
    }
    world.advance(5 * MINUTE);
    assert_eq!(world.try_token(&last.access).await, "unauthorized");
    assert_eq!(world.try_token(&new.access).await, "ok");
}

async fn a_one_time_password_allows_nothing_but_to_change_it(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    let body = json!({ "name": "Ana", "login": "ana", "role": "admin" });
    let created =
        world.send(Method::POST, "/v1/admin/users", Some(&admin), Some(body)).await.json();
    let one_time = created["one_time_password"].as_str().unwrap();
    let answer = world.post("/v1/auth/login", credentials("ana", one_time)).await;
    assert_eq!(answer.json()["must_change_password"], true);
    let session = Session::of(&answer);
    for path in ["/v1/tracks", "/v1/admin/users", "/v1/profiles/me", "/v1/events"] {
        assert_eq!(
            world.get(path, &session.access).await.code(),
            "password_change_required",
            "{path}"
        );
    }
    let me = world.get("/v1/auth/me", &session.access).await.json();
    assert_eq!((&me["scopes"], &me["must_change_password"]), (&json!([]), &json!(true)));

    for (current, new, code) in [
        (one_time, one_time, "invalid_field"),
        (one_time, "short", "invalid_field"),
        (PASSWORD, "another horse battery", "wrong_password"),
    ] {
        assert_eq!(change(&world, &session.access, current, new).await.code(), code);
    }
    assert_eq!(change(&world, &session.access, one_time, PASSWORD).await.status, 204);
    // The same session goes on, with all that its user may do.
    assert_eq!(world.get("/v1/admin/users", &session.access).await.status, 200);
    let answer = world.post("/v1/auth/login", credentials("ana", one_time)).await;
    assert_eq!(answer.code(), "login_failed");
    assert_eq!(refresh(&world, &session).await.json()["must_change_password"], false);
}

async fn a_changed_password_ends_all_other_sessions(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    world.user("ben", Role::User).await;
    let (mine, other) = (world.login("ana", PASSWORD).await, world.login("ana", PASSWORD).await);
    let of_ben = world.login("ben", PASSWORD).await;
    let answer = change(&world, &mine.access, PASSWORD, "another horse battery").await;
    assert_eq!(answer.status, 204);
    assert_eq!(world.try_token(&mine.access).await, "ok");
    assert_eq!(world.try_token(&of_ben.access).await, "ok");
    assert_eq!(world.try_token(&other.access).await, "unauthorized");
    assert_eq!(refresh(&world, &other).await.code(), "refresh_refused");
    world.login("ana", "another horse battery").await;
}

async fn a_deleted_user_is_out_by_every_door(database: DatabaseKind) {
    let world = World::new(database).await;
    let user = world.user("ana", Role::Admin).await;
    let session = world.login("ana", PASSWORD).await;
    let program = crate::app::token(world.store(), user.id, &[Scope::Admin]).await;
    assert!(users::delete(world.store(), user.id).await.unwrap());
    for token in [&session.access, &program] {
        assert_eq!(world.try_token(token).await, "unauthorized");
    }
    assert_eq!(refresh(&world, &session).await.code(), "refresh_refused");
    let answer = world.post("/v1/auth/login", credentials("ana", PASSWORD)).await;
    assert_eq!(answer.code(), "login_failed");
}

/// Every column of the tables of identity, as fields that a client might try.
const COLUMNS: [&str; 22] = [
    "id",
    "role",
    "is_admin",
    "created_at_us",
    "user_id",
    "password_hash",
    "is_one_time",
    "changed_at_us",
    "family_sha256",
    "refresh_sha256",
    "refreshed_at_us",
    "expires_at_us",
    "public_key",
    "issuer",
    "subject",
    "owner_id",
    "sha256",
    "scopes",
    "last_used_at_us",
    "quota",
    "session_id",
    "must_change_password",
];

async fn fields_that_nobody_asked_for_are_refused(database: DatabaseKind) {
    let world = World::open(database).await;
    world.user("ana", Role::User).await;
    let admin = world.token(&[Scope::Admin]).await;
    let session = world.login("ana", PASSWORD).await;
    let password = json!({ "current_password": PASSWORD, "new_password": "another horse battery" });
    let name = json!({ "name": "x", "scopes": ["tracks:read"] });
    for (method, path, token, body) in [
        (Method::POST, "/v1/auth/register", None, credentials("ben", PASSWORD)),
        (Method::POST, "/v1/auth/login", None, credentials("ana", PASSWORD)),
        (Method::POST, "/v1/auth/refresh", None, json!({ "refresh_token": session.refresh })),
        (Method::PUT, "/v1/auth/password", Some(&session.access), password),
        (Method::POST, "/v1/admin/users", Some(&admin), json!({ "name": "x" })),
        (Method::POST, "/v1/admin/tokens", Some(&admin), name),
    ] {
        for column in COLUMNS {
            // The fields of those that administrators fill in.
            if (path, column) == ("/v1/admin/users", "role")
                || path == "/v1/admin/tokens" && ["scopes", "user_id"].contains(&column)
            {
                continue;
            }
            let mut body = body.clone();
            body[column] = json!("admin");
            let token = token.map(String::as_str);
            let answer = world.send(method.clone(), path, token, Some(body)).await;
            assert_eq!(answer.code(), "invalid_field", "{path} {column}");
        }
    }
    // Nothing of it took effect.
    assert_eq!(users::list(world.store(), None, 10).await.unwrap().items.len(), 2);
    assert_eq!(refresh(&world, &session).await.status, 200);
    world.login("ana", PASSWORD).await;
}

/// Sends half of an upload, does something, and sends the rest; the status of the answer.
async fn upload_around(
    world: &World,
    session: &Session,
    meanwhile: impl Future<Output = ()>,
) -> u16 {
    let (sender, receiver) = mpsc::unbounded::<Result<Bytes, std::io::Error>>();
    let upload = Request::builder()
        .method(Method::POST)
        .uri("/v1/tracks")
        .header("authorization", format!("Bearer {}", session.access))
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
        .body(Body::from_stream(receiver))
        .unwrap();
    let bytes = Form::new().file("a.wav", "audio/wav", b"begun in time").into_bytes();
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    sender.unbounded_send(Ok(Bytes::copy_from_slice(first))).unwrap();
    let answer = tokio::spawn(world.router.clone().oneshot(upload));
    // The handler has begun once it has taken what was sent.
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    while !sender.is_empty() {
        tick.tick().await;
    }
    meanwhile.await;
    assert_eq!(world.try_token(&session.access).await, "unauthorized");
    sender.unbounded_send(Ok(Bytes::copy_from_slice(rest))).unwrap();
    drop(sender);
    answer.await.unwrap().unwrap().status().as_u16()
}

async fn a_token_that_ends_during_an_upload_lets_it_end_well(database: DatabaseKind) {
    let world = World::new(database).await;
    world.user("ana", Role::User).await;
    let session = world.login("ana", PASSWORD).await;
    assert_eq!(upload_around(&world, &session, async { world.advance(11 * MINUTE) }).await, 202);
    let session = world.login("ana", PASSWORD).await;
    let logout = async {
        let path = "/v1/auth/logout";
        let answer = world.send(Method::POST, path, Some(&session.access), None).await;
        assert_eq!(answer.status, 204);
    };
    // The same bytes: the track is there.
    assert_eq!(upload_around(&world, &session, logout).await, 200);
}

async fn a_user_who_is_deleted_during_an_upload_leaves_nothing(database: DatabaseKind) {
    let world = World::new(database).await;
    let user = world.user("ana", Role::User).await;
    let session = world.login("ana", PASSWORD).await;
    let delete = async { assert!(users::delete(world.store(), user.id).await.unwrap()) };
    assert_eq!(upload_around(&world, &session, delete).await, 401);
    let first = ListQuery { after: None, limit: 9, state: None };
    assert!(tracks::list(world.store(), user.id, first).await.unwrap().items.is_empty());
}

async fn a_program_has_no_session(database: DatabaseKind) {
    let world = World::new(database).await;
    let token = world.token(&[Scope::Admin]).await;
    let logout = world.send(Method::POST, "/v1/auth/logout", Some(&token), None).await;
    assert_eq!(logout.code(), "session_needed");
    let answer = change(&world, &token, PASSWORD, "another horse battery").await;
    assert_eq!(answer.code(), "session_needed");
    let me = world.get("/v1/auth/me", &token).await.json();
    assert_eq!((&me["credential"], &me["scopes"]), (&json!("token"), &json!(["admin"])));
}
