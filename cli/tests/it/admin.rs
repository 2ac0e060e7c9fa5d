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
