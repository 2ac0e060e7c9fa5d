//! What is written into the audit log, by requests.

use std::collections::BTreeSet;
use std::time::Duration;

use api::{AuthConfig, Config, Registration};
use axum::http::Method;
use serde_json::{Value, json};
use store::audit::{self, Action};
use store::jobs;
use store::testing::{BlobKind, DatabaseKind};
use store::users::NewLogin;
use store::{Role, Scope, foreign_identities, logins};

use crate::app::Answer;
use crate::live::Live;
use crate::world::{PASSWORD, Session, World};

on_both_databases! {
    each_action_is_one_entry_and_no_secret_is_in_any,
    entries_name_the_request_and_where_it_came_from,
    entries_are_listed_and_verified_over_http,
}

const OTHER_PASSWORD: &str = "canary battery horse";

/// The API, and the entries that have been looked at.
struct Watched {
    world: World,
    seen: Vec<audit::Entry>,
}

impl Watched {
    /// The actions that were written down since the last time, each with `-` before it if it was refused.
    async fn told(&mut self) -> Vec<String> {
        let last = self.seen.last().map_or(0, |entry| entry.seq);
        let new = audit::oldest_first(self.world.store(), last, 1000).await.unwrap();
        let told = new.iter().map(|entry| {
            let sign = if entry.outcome == audit::Outcome::Refused { "-" } else { "" };
            format!("{sign}{}", entry.action)
        });
        let told = told.collect();
        self.seen.extend(new);
        told
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
        self.world.send(method, path, Some(token), body).await
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::POST, path, token, Some(body)).await
    }
}

async fn each_action_is_one_entry_and_no_secret_is_in_any(database: DatabaseKind) {
    let auth = AuthConfig { registration: Registration::Open, ..AuthConfig::default() };
    let config = Config { auth, ..Config::default() };
    let world = World::shaped(database, BlobKind::Local, config).await;
    let mut it = Watched { world, seen: Vec::new() };
    let root = it.world.user("canary-root", Role::Admin).await;
    assert_eq!(it.told().await, ["user.created", "user.created"]);
    let mut secrets = vec![PASSWORD.to_owned(), OTHER_PASSWORD.to_owned(), "canary".to_owned()];

    // Coming in and leaving.
    let first = it.world.login("canary-root", PASSWORD).await;
    assert_eq!(it.told().await, ["login.succeeded", "key.published"]);
    let admin = it.world.login("canary-root", PASSWORD).await.access;
    assert_eq!(it.told().await, ["login.succeeded"]);
    let entry = it.seen.last().unwrap();
    assert_eq!((entry.actor_id, entry.subject_id), (Some(root.id), Some(root.id.into())));
    for login in ["canary-root", "canary-nobody", "canary a password in the wrong field"] {
        let body = json!({ "login": login, "password": "canary-wrong" });
        assert_eq!(it.world.post("/v1/auth/login", body).await.code(), "login_failed");
        assert_eq!(it.told().await, ["-login.failed"]);
        let is_known = login == "canary-root";
        assert_eq!(it.seen.last().unwrap().subject_id.is_some(), is_known);
    }
    let account = json!({ "login": "canary-ana", "password": PASSWORD, "name": "canary-name" });
    assert_eq!(it.world.post("/v1/auth/register", account.clone()).await.status, 201);
    assert_eq!(it.told().await, ["user.created"]);
    assert_eq!(it.seen.last().unwrap().actor_kind, audit::ActorKind::Anonymous);
    assert_eq!(it.world.post("/v1/auth/register", account).await.code(), "login_taken");
    let ana = it.world.login("canary-ana", PASSWORD).await;
    assert_eq!(it.told().await, ["login.succeeded"]);
    let refresh = json!({ "refresh_token": ana.refresh });
    let next = Session::of(&it.world.post("/v1/auth/refresh", refresh.clone()).await);
    assert_eq!(it.told().await, [""; 0]);
    assert_eq!(it.world.post("/v1/auth/refresh", refresh).await.code(), "refresh_refused");
    assert_eq!(it.told().await, ["session.reused"]);
    let ana = it.world.login("canary-ana", PASSWORD).await;
    it.told().await;
    let change = async |it: &Watched, current: &str| {
        let body = json!({ "current_password": current, "new_password": OTHER_PASSWORD });
        it.send(Method::PUT, "/v1/auth/password", &ana.access, Some(body)).await
    };
    assert_eq!(change(&it, "canary-wrong").await.code(), "wrong_password");
    assert_eq!(it.told().await, ["-password.refused"]);
    assert_eq!(change(&it, PASSWORD).await.status, 204);
    assert_eq!(it.told().await, ["password.changed"]);
    it.post("/v1/auth/logout", &ana.access, json!({})).await;
    assert_eq!(it.told().await, ["session.ended"]);

    // Users and tokens.
    let made = it
        .post("/v1/admin/users", &admin, json!({ "name": "canary-ben", "login": "canary-ben" }))
        .await
        .json();
    assert_eq!(it.told().await, ["user.created"]);
    secrets.push(made["one_time_password"].as_str().unwrap().to_owned());
    let ben = format!("/v1/admin/users/{}", made["user"]["id"].as_str().unwrap());
    let set =
        async |it: &Watched, body: Value| it.send(Method::PATCH, &ben, &admin, Some(body)).await;
    assert_eq!(set(&it, json!({ "role": "admin" })).await.status, 200);
    assert_eq!(it.told().await, ["user.role_changed"]);
    assert_eq!(set(&it, json!({ "role": "admin" })).await.status, 200);
    assert_eq!(it.told().await, [""; 0]);
    assert_eq!(set(&it, json!({ "quota": { "n_tracks": 7, "n_bytes": null } })).await.status, 200);
    assert_eq!(it.told().await, ["user.quota_changed"]);
    assert_eq!(it.seen.last().unwrap().details, json!({ "n_bytes": null, "n_tracks": 7 }));
    let reset = it.post(&format!("{ben}/password"), &admin, json!({})).await.json();
    assert_eq!(it.told().await, ["password.reset"]);
    secrets.push(reset["one_time_password"].as_str().unwrap().to_owned());
    let body = json!({ "name": "canary-program", "scopes": ["tracks:write", "jobs:read"] });
    let token = it.post("/v1/admin/tokens", &admin, body).await.json();
    assert_eq!(it.told().await, ["token.issued"]);
    let secret = token["secret"].as_str().unwrap().to_owned();
    let of_ana = crate::app::token(it.world.store(), root.id, &[Scope::Admin]).await;
    it.told().await;

    // What may not be done.
    assert_eq!(
        it.send(Method::GET, "/v1/admin/users", &secret, None).await.code(),
        "missing_scope"
    );
    assert_eq!(it.told().await, ["-admin.refused"]);
    let expected = json!({ "method": "GET", "route": "/v1/admin/users", "code": "missing_scope", "n_left_out": 0 });
    assert_eq!(it.seen.last().unwrap().details, expected);
    it.send(Method::GET, "/v1/admin/tokens", &secret, None).await;
    assert_eq!(it.told().await, [""; 0]);
    it.world.advance(Duration::from_secs(10));
    let operator = format!("/v1/admin/users/{}", it.world.test.owner);
    let demote = Some(json!({ "role": "user" }));
    assert_eq!(it.send(Method::PATCH, &operator, &admin, demote).await.code(), "operator_stays");
    assert_eq!(it.told().await, ["-admin.refused"]);
    let revoke = format!("/v1/admin/tokens/{}", token["token"]["id"].as_str().unwrap());
    assert_eq!(it.send(Method::DELETE, &revoke, &admin, None).await.status, 204);
    assert_eq!(it.told().await, ["token.revoked"]);

    // What users do to what is theirs.
    let of_operator = it.world.token(&[Scope::Admin]).await;
    it.told().await;
    let job = it.world.test.upload(b"one").await.job.unwrap().id;
    assert_eq!(it.told().await, [""; 0]);
    let lease = jobs::claim(it.world.store(), "w").await.unwrap().unwrap();
    jobs::fail(it.world.store(), &lease, "bad_media", "canary-detail").await.unwrap();
    let path = format!("/v1/admin/jobs/{job}");
    assert_eq!(it.post(&format!("{path}/retry"), &admin, json!({})).await.status, 202);
    assert_eq!(it.told().await, ["job.retried"]);
    assert_eq!(it.post(&format!("{path}/cancel"), &admin, json!({})).await.status, 200);
    assert_eq!(it.told().await, ["job.cancelled"]);
    assert_eq!(it.post(&format!("{path}/retry"), &admin, json!({})).await.code(), "job_not_failed");
    let run = it.post("/v1/runs", &of_operator, json!({})).await.json();
    assert_eq!(it.told().await, ["run.started"]);
    let run = format!("/v1/runs/{}/cancel", run["id"].as_str().unwrap());
    for _ in 0..2 {
        it.post(&run, &of_operator, json!({})).await;
    }
    assert_eq!(it.told().await, ["run.cancelled"]);
    let track = format!("/v1/tracks/{}", lease.job.track_id.unwrap());
    assert_eq!(it.send(Method::DELETE, &track, &of_operator, None).await.status, 204);
    assert_eq!(it.told().await, ["track.deleted"]);
    assert_eq!(it.seen.last().unwrap().actor_kind, audit::ActorKind::Token);

    // The service.
    let maintenance = async |it: &Watched, body: Value| {
        it.send(Method::PUT, "/v1/admin/maintenance", &admin, Some(body)).await.status
    };
    assert_eq!(maintenance(&it, json!({ "enabled": true, "reason": "a disk" })).await, 200);
    assert_eq!(it.told().await, ["maintenance.on"]);
    for _ in 0..2 {
        assert_eq!(maintenance(&it, json!({ "enabled": false })).await, 200);
    }
    assert_eq!(it.told().await, ["maintenance.off"]);
    assert_eq!(it.send(Method::DELETE, &ben, &admin, None).await.status, 204);
    assert_eq!(it.told().await, ["user.deleted"]);
    foreign_identities::resolve(it.world.store(), "gateway", "canary-name", "canary-name")
        .await
        .unwrap();
    assert_eq!(it.told().await, ["user.introduced"]);
    let login = NewLogin {
        login: "canary-operator".parse().unwrap(),
        password_hash: api::hash_password(&PASSWORD.into()).unwrap(),
        is_one_time: true,
    };
    logins::add(it.world.store(), it.world.test.owner, login).await.unwrap();
    assert_eq!(it.told().await, ["login.given"]);

    let actions: BTreeSet<Action> = it.seen.iter().map(|entry| entry.action).collect();
    let missing: Vec<_> = Action::ALL.iter().filter(|action| !actions.contains(action)).collect();
    assert_eq!(missing, [&Action::AddressesForgotten], "that one is tried in the store");
    for session in [&first, &ana, &next] {
        secrets.extend([session.access.clone(), session.refresh.clone()]);
    }
    secrets.extend([secret, of_ana, of_operator, admin]);
    let text = format!("{:?}", it.seen);
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}");
    }
    let verified = audit::verify(it.world.store(), 0, 10_000).await.unwrap();
    assert_eq!((verified.fault, verified.n_entries), (None, it.seen.len() as u64));
}

async fn entries_name_the_request_and_where_it_came_from(database: DatabaseKind) {
    let server = Live::start(database, Config::default()).await;
    let body = json!({ "login": "nobody", "password": "wrong" });
    let request = server.post("/v1/auth/login").header("x-request-id", "the-request").json(&body);
    // Nobody between may say where it came from.
    let answer = request.header("x-forwarded-for", "192.0.2.1").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let entries = audit::oldest_first(&server.test.store, 0, 10).await.unwrap();
    let last = entries.last().unwrap();
    assert_eq!((last.action, last.actor_kind), (Action::LoginFailed, audit::ActorKind::Anonymous));
    assert_eq!(last.request_id.as_deref(), Some("the-request"));
    assert_eq!(last.address.as_deref(), Some("127.0.0.1"));
    server.stop().await;
}

async fn entries_are_listed_and_verified_over_http(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = world.token(&[Scope::Admin]).await;
    for name in ["one", "two"] {
        let body = json!({ "name": name });
        world.send(Method::POST, "/v1/admin/users", Some(&admin), Some(body)).await;
    }
    let page = world.get("/v1/admin/audit?limit=1&action=user.created", &admin).await.json();
    let entry = &page["items"][0];
    assert_eq!(
        (&entry["action"], &entry["seq"], &page["next"]),
        (&json!("user.created"), &json!(4), &json!("4"))
    );
    assert_eq!(entry["actor"]["user_id"], json!(world.test.owner));
    let rest = world.get("/v1/admin/audit?after=4", &admin).await.json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 3);
    assert_eq!(rest["next"], Value::Null);
    let path = format!(
        "/v1/admin/audit?actor={}&since=2026-01-02T03:04:05Z&before=2026-01-02T03:04:06Z",
        world.test.owner
    );
    assert_eq!(world.get(&path, &admin).await.json()["items"].as_array().unwrap().len(), 2);
    let subject = entry["subject_id"].as_str().unwrap();
    let of_one = world.get(&format!("/v1/admin/audit?subject={subject}"), &admin).await.json();
    assert_eq!(of_one["items"], json!([entry]));
    for bad in ["action=dance", "actor=x", "since=yesterday", "page=2"] {
        let answer = world.get(&format!("/v1/admin/audit?{bad}"), &admin).await;
        assert_eq!(answer.code(), "malformed_query", "{bad}");
    }

    let verified = world.get("/v1/admin/audit/verify?limit=3", &admin).await.json();
    assert_eq!(
        (&verified["is_intact"], &verified["n_entries"], &verified["next"]),
        (&json!(true), &json!(3), &json!(3))
    );
    let verified = world.get("/v1/admin/audit/verify?after=3", &admin).await.json();
    assert_eq!((&verified["n_entries"], &verified["next"]), (&json!(1), &Value::Null));
    assert_eq!(verified["last"]["sha256"], entry["sha256"]);
    let beyond = world.get("/v1/admin/audit/verify?after=9", &admin).await.json();
    assert_eq!(
        (&beyond["is_intact"], &beyond["fault"]["kind"]),
        (&json!(false), &json!("missing"))
    );
    for bad in ["limit=0", "limit=100001", "after=-1"] {
        let answer = world.get(&format!("/v1/admin/audit/verify?{bad}"), &admin).await;
        assert_eq!(answer.code(), "invalid_field", "{bad}");
    }
}
