//! The jobs of all users.

use axum::http::Method;
use serde_json::{Value, json};
use store::testing::DatabaseKind;
use store::{JobId, Role, Scope, jobs};

use crate::app::{Answer, token};
use crate::world::World;

on_both_databases! {
    dead_letters_are_listed_with_their_reason_and_queued_again,
    many_are_queued_again_by_filter,
    anybodys_job_is_cancelled,
    they_are_listed_by_page_and_filter,
}

/// Uploads as the operator and fails; the job.
async fn failed(world: &World, bytes: &[u8], code: &str) -> JobId {
    let id = world.test.upload(bytes).await.job.unwrap().id;
    let lease = jobs::claim(world.store(), "w").await.unwrap().unwrap();
    assert_eq!(lease.job.id, id);
    assert!(jobs::fail(world.store(), &lease, code, "it says why").await.unwrap());
    id
}

/// Uploads as the operator and crashes until it is given up; the job.
async fn dead(world: &World, bytes: &[u8]) -> JobId {
    let id = world.test.upload(bytes).await.job.unwrap().id;
    for _ in 0..3 {
        let lease = jobs::claim(world.store(), "w").await.unwrap().unwrap();
        assert!(jobs::crash(world.store(), &lease, "signal 11").await.unwrap());
        world.advance(std::time::Duration::from_secs(10));
    }
    id
}

/// An administrator who is not the operator.
async fn admin(world: &World) -> String {
    let user = world.user("root", Role::Admin).await;
    token(world.store(), user.id, &[Scope::Admin]).await
}

async fn post(world: &World, path: &str, by: &str) -> Answer {
    world.send(Method::POST, path, Some(by), None).await
}

async fn dead_letters_are_listed_with_their_reason_and_queued_again(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = admin(&world).await;
    let id = dead(&world, b"one").await;
    let page = world.get("/v1/admin/jobs?state=dead", &admin).await.json();
    let letter = &page["items"][0];
    assert_eq!(letter["user_id"], json!(world.test.owner));
    assert_eq!(letter["job"]["id"], json!(id));
    assert_eq!(letter["job"]["attempts"], 3);
    assert_eq!(letter["job"]["error"], json!({ "code": "crashed", "detail": "signal 11" }));

    let path = format!("/v1/admin/jobs/{id}");
    let answer = post(&world, &format!("{path}/retry"), &admin).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["job"]["state"]), (202, &json!("queued")));
    let shown = world.get(&path, &admin).await.json();
    assert_eq!(shown["job"], answer.json());
    assert_eq!(
        (&shown["job"]["job"]["attempts"], &shown["job"]["job"]["error"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(shown["rounds"][0]["attempts"], 3);
    assert_eq!(shown["rounds"][0]["error"]["code"], "crashed");
    assert_eq!(post(&world, &format!("{path}/retry"), &admin).await.code(), "job_not_failed");
    let lease = jobs::claim(world.store(), "w").await.unwrap().unwrap();
    assert!(jobs::fail(world.store(), &lease, "bad_media", "").await.unwrap());
    // The same bytes again after a death: another job does it.
    let old = dead(&world, b"two").await;
    world.test.upload(b"two").await;
    let answer = post(&world, &format!("/v1/admin/jobs/{old}/retry"), &admin).await;
    assert_eq!(answer.code(), "retry_pointless");
    for nothing in ["0000000000000000000000", "x"] {
        for path in ["", "/retry", "/cancel"] {
            let method = if path.is_empty() { Method::GET } else { Method::POST };
            let path = format!("/v1/admin/jobs/{nothing}{path}");
            assert_eq!(
                world.send(method, &path, Some(&admin), None).await.code(),
                "not_found",
                "{path}"
            );
        }
    }
}

async fn many_are_queued_again_by_filter(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = admin(&world).await;
    for i in 0..3_u8 {
        failed(&world, &[i], "resource_limit").await;
        failed(&world, &[i, i], "bad_media").await;
    }
    let retry = async |body: Value| {
        world.send(Method::POST, "/v1/admin/jobs/retry", Some(&admin), Some(body)).await
    };
    // Nothing is dead.
    assert_eq!(retry(json!({})).await.json(), json!({ "n_queued": 0, "has_more": false }));
    let some =
        json!({ "state": "failed", "code": "resource_limit", "kind": "analyze_track", "limit": 2 });
    assert_eq!(retry(some.clone()).await.json(), json!({ "n_queued": 2, "has_more": true }));
    assert_eq!(retry(some).await.json(), json!({ "n_queued": 1, "has_more": false }));
    let nobody = json!({ "state": "failed", "user_id": "0000000000000000000000" });
    assert_eq!(retry(nobody).await.json()["n_queued"], 0);
    let later = json!({ "state": "failed", "since": "2030-01-01T00:00:00Z" });
    assert_eq!(retry(later).await.json()["n_queued"], 0);
    let rest =
        json!({ "state": "failed", "before": "2030-01-01T00:00:00Z", "user_id": world.test.owner });
    assert_eq!(retry(rest).await.json()["n_queued"], 3);
    for bad in [
        json!({ "state": "queued" }),
        json!({ "limit": 0 }),
        json!({ "limit": 1001 }),
        json!({ "owner": "x" }),
        json!({ "since": "now" }),
    ] {
        assert_eq!(retry(bad.clone()).await.code(), "invalid_field", "{bad}");
    }
}

async fn anybodys_job_is_cancelled(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = admin(&world).await;
    let queued = world.test.upload(b"one").await.job.unwrap().id;
    // Not by the path of owners.
    assert_eq!(
        post(&world, &format!("/v1/jobs/{queued}/cancel"), &admin).await.code(),
        "not_found"
    );
    let path = format!("/v1/admin/jobs/{queued}/cancel");
    for _ in 0..2 {
        let answer = post(&world, &path, &admin).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["job"]["state"]),
            (200, &json!("cancelled"))
        );
    }
    world.test.upload(b"two").await;
    let lease = jobs::claim(world.store(), "w").await.unwrap().unwrap();
    let path = format!("/v1/admin/jobs/{}/cancel", lease.job.id);
    assert_eq!(post(&world, &path, &admin).await.status, 202);
    assert!(jobs::fail(world.store(), &lease, "bad_media", "").await.unwrap());
    assert_eq!(post(&world, &path, &admin).await.code(), "job_finished");
}

async fn they_are_listed_by_page_and_filter(database: DatabaseKind) {
    let world = World::new(database).await;
    let admin = admin(&world).await;
    let old = failed(&world, b"one", "bad_media").await;
    world.advance(std::time::Duration::from_secs(5));
    let new = world.test.upload(b"two").await.job.unwrap().id;
    let found = async |query: &str| {
        let page = world.get(&format!("/v1/admin/jobs?{query}"), &admin).await.json();
        let items = page["items"].as_array().unwrap().iter();
        items.map(|it| it["job"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (old, new) = (old.to_string(), new.to_string());
    assert_eq!(found("").await, [&*new, &*old]);
    assert_eq!(found("state=failed&code=bad_media&kind=analyze_track").await, [&*old]);
    assert_eq!(found("since=2026-01-02T03:04:07Z").await, [&*new]);
    assert_eq!(found("before=2026-01-02T03:04:07Z").await, [&*old]);
    assert_eq!(found("user=0000000000000000000000").await, [""; 0]);
    let page = world.get("/v1/admin/jobs?limit=1", &admin).await.json();
    assert_eq!(page["next"], json!(new));
    assert_eq!(found(&format!("limit=1&after={new}")).await, [old]);
    for bad in ["state=sleepy", "user=x", "since=now", "owner=x"] {
        assert_eq!(
            world.get(&format!("/v1/admin/jobs?{bad}"), &admin).await.code(),
            "malformed_query"
        );
    }
    assert_eq!(world.get("/v1/admin/jobs?limit=201", &admin).await.code(), "invalid_field");
}
