//! `consort admin`, and what the first start says.

use std::process::Output;

use serde_json::{Value, json};

use crate::service::{Service, Shape, consort};

async fn admin(shape: &Shape, arguments: &[&str]) -> Output {
    consort(&shape.variables).arg("admin").args(arguments).output().await.unwrap()
}

/// What a command that must succeed prints.
async fn printed(shape: &Shape, arguments: &[&str]) -> String {
    let output = admin(shape, arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Comes in; the status and the body.
async fn login(service: &Service, login: &str, password: &str) -> (u16, Value) {
    let request = service.http.post(format!("{}/v1/auth/login", service.base));
    let answer =
        request.json(&json!({ "login": login, "password": password })).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn the_first_start_tells_a_password_once_and_not_in_the_log() {
    let shape = Shape::embedded().with("LOG__FORMAT", "json").with("LOG__FILTER", "trace");
    let (mut service, told, log) = Service::listened_to(&shape).await;
    let prefix = "log in as admin with the one-time password ";
    let password = told.strip_prefix(prefix).unwrap().split(' ').next().unwrap();
    assert!(!log.contains(password), "{log}");
    let (status, session) = login(&service, "admin", password).await;
    assert_eq!((status, &session["must_change_password"]), (200, &json!(true)));
    service.process.kill().await.unwrap();

    let service = Service::start(&shape, &["--no-worker"]).await;
    assert_eq!(login(&service, "admin", password).await.0, 200);
    // Whoever missed it makes another.
    let another = printed(&shape, &["user", "password", "admin"]).await;
    assert_eq!(login(&service, "admin", password).await.0, 401);
    assert_eq!(login(&service, "admin", &another).await.0, 200);
}

#[tokio::test]
async fn users_and_tokens_are_managed_on_the_machine() {
    for shape in [Shape::embedded(), Shape::production().await] {
        let service = Service::start(&shape, &["--no-worker"]).await;
        let password = printed(&shape, &["user", "create", "Ana", "--role", "admin"]).await;
        assert_eq!(login(&service, "ana", &password).await.0, 200);
        assert!(!admin(&shape, &["user", "create", "ana"]).await.status.success());
        let listed = printed(&shape, &["user", "list"]).await;
        assert!(
            listed.lines().any(|line| line.contains("ana") && line.ends_with("admin")),
            "{listed}"
        );
        printed(&shape, &["user", "role", "ana", "user"]).await;

        let secret = printed(
            &shape,
            &["token", "create", "--name", "speech", "--scope", "tracks:read", "--user", "ana"],
        )
        .await;
        let tracks =
            || service.http.get(format!("{}/v1/tracks", service.base)).bearer_auth(&secret);
        assert_eq!(tracks().send().await.unwrap().status(), 200);
        let listed = printed(&shape, &["token", "list"]).await;
        let row = listed.lines().find(|line| line.contains("speech")).unwrap();
        assert!(row.contains("tracks:read") && !listed.contains(&secret), "{listed}");
        printed(&shape, &["token", "revoke", row.split(' ').next().unwrap()]).await;
        assert_eq!(tracks().send().await.unwrap().status(), 401);

        let quota = printed(&shape, &["user", "quota", "ana", "--tracks", "2"]).await;
        let row = quota.lines().find(|line| line.starts_with("tracks")).unwrap();
        assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["tracks", "0", "2"]);
        assert!(
            !admin(&shape, &["user", "quota", "ana", "--bytes", "many"]).await.status.success()
        );

        printed(&shape, &["user", "delete", "ana"]).await;
        assert_eq!(login(&service, "ana", &password).await.0, 401);
        for refused in [
            &["user", "delete", "admin"][..],
            &["user", "role", "admin", "user"],
            &["user", "password", "ana"],
            &["user", "create", "a b"],
            &["token", "revoke", "0000000000000000000000"],
        ] {
            assert!(!admin(&shape, refused).await.status.success(), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn jobs_maintenance_and_the_audit_log_are_managed_on_the_machine() {
    for shape in [Shape::embedded(), Shape::production().await] {
        let service = Service::start(&shape, &["--no-worker"]).await;
        assert_eq!(printed(&shape, &["maintenance", "status"]).await, "off");
        let on = printed(&shape, &["maintenance", "on", "--reason", "a disk"]).await;
        assert!(on.starts_with("on since ") && on.ends_with(": a disk"), "{on}");
        // The service obeys the other process, and so does the command line.
        let secret = refused(&shape, &["token"]).await;
        assert!(secret.contains("in maintenance"), "{secret}");
        let ready = service.http.get(format!("{}/readyz", service.base)).send().await.unwrap();
        assert_eq!(ready.json::<Value>().await.unwrap()["maintenance"], true);
        assert!(printed(&shape, &["maintenance", "off"]).await.starts_with("off since "));

        let token = printed(&shape, &["token"]).await;
        let form = reqwest::multipart::Form::new()
            .part("file", reqwest::multipart::Part::bytes(b"no sound".to_vec()).file_name("a"));
        let upload = service.http.post(format!("{}/v1/tracks", service.base)).bearer_auth(&token);
        let uploaded: Value = upload.multipart(form).send().await.unwrap().json().await.unwrap();
        let id = uploaded["job"]["id"].as_str().unwrap();
        let listed = printed(&shape, &["jobs", "list", "--state", "queued"]).await;
        assert!(listed.lines().any(|line| line.starts_with(id)), "{listed}");
        assert!(!admin(&shape, &["job", "retry", id]).await.status.success());
        assert_eq!(printed(&shape, &["job", "cancel", id]).await, "it is cancelled");
        let shown = printed(&shape, &["job", "show", id]).await;
        assert!(shown.contains("cancelled") && shown.contains("analyze_track"), "{shown}");
        let retried = printed(&shape, &["job", "retry", "--state", "dead"]).await;
        assert_eq!(retried, "0 jobs wait for a worker again");

        let told = printed(&shape, &["audit", "list", "--action", "job.cancelled"]).await;
        assert!(
            told.lines().any(|line| line.contains("command_line") && line.contains(id)),
            "{told}"
        );
        let head = printed(&shape, &["audit", "verify"]).await;
        assert_eq!(printed(&shape, &["audit", "verify", "--anchor", &head]).await, head);
        let (seq, _) = head.split_once(':').unwrap();
        let other = format!("{seq}:{}", "0".repeat(64));
        assert!(!admin(&shape, &["audit", "verify", "--anchor", &other]).await.status.success());
        let exported = printed(&shape, &["audit", "export"]).await;
        let lines: Vec<Value> =
            exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), seq.parse::<usize>().unwrap());
        assert!(lines.iter().zip(1..).all(|(line, seq)| line["seq"] == seq));
        assert!(!exported.contains(&token));
    }
}

/// What a command that must fail says.
async fn refused(shape: &Shape, arguments: &[&str]) -> String {
    let output = admin(shape, arguments).await;
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}
