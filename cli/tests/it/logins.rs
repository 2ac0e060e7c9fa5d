//! More logins at once than a process looks at: of a process of its own, because the bound is one for all of it.

use futures::future::join_all;
use reqwest::Response;
use serde_json::{Value, json};

use crate::service::{Service, Shape};

async fn login(service: &Service) -> Response {
    let body = json!({ "login": "nobody", "password": "correct horse battery" });
    let request = service.http.post(format!("{}/v1/auth/login", service.base));
    request.json(&body).send().await.unwrap()
}

/// 64 are looked at or wait; of 200 at once some are told to come again before anything is computed for them, and the rest as if they were alone.
#[tokio::test]
async fn of_200_logins_at_once_some_are_told_to_come_again() {
    let shape = Shape::embedded().with("API__RATE_LIMIT__LOGIN__PER_MIN", "0");
    let service = Service::start(&shape, &["--no-worker"]).await;
    let (mut n_refused, mut n_answered) = (0, 0);
    for answer in join_all((0..200).map(|_| login(&service))).await {
        let status = answer.status().as_u16();
        let retry = answer.headers().get("retry-after").cloned();
        let code = answer.json::<Value>().await.unwrap()["code"].clone();
        if status == 503 {
            let retry = retry.unwrap();
            assert_eq!((code, retry.to_str().unwrap()), (json!("too_many_logins"), "2"));
            n_refused += 1;
        } else {
            assert_eq!((status, code), (401, json!("login_failed")));
            n_answered += 1;
        }
    }
    assert!(n_refused >= 1 && n_answered >= 64, "{n_refused} refused, {n_answered} answered");
    assert_eq!(login(&service).await.status(), 401);
}
