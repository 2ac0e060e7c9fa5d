//! A gateway that names who asks, over a real socket: what counts is where a connection comes from.

use std::net::SocketAddr;

use api::{AuthConfig, Config};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use store::Role;
use store::testing::{BlobKind, DatabaseKind, TestStore};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

on_both_databases! {
    a_gateways_users_are_made_when_first_named,
    from_elsewhere_the_header_is_not_there,
    a_header_that_names_nobody_is_refused,
}

struct Server {
    test: TestStore,
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(database: DatabaseKind, trusted_proxies: &[&str]) -> Self {
        let test = TestStore::new(database, BlobKind::Local).await;
        let auth = AuthConfig {
            trusted_header: Some("x-forwarded-user".parse().unwrap()),
            trusted_proxies: trusted_proxies.iter().map(|it| it.parse().unwrap()).collect(),
            ..AuthConfig::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let config = Config { auth, ..Config::default() };
        let serving = api::serve(test.store.clone(), config, listener, shutdown.clone());
        Self { test, address, shutdown, task: tokio::spawn(serving) }
    }

    fn me(&self) -> RequestBuilder {
        let client = Client::builder().no_proxy().build().unwrap();
        client.get(format!("http://{}/v1/auth/me", self.address))
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }
}

async fn json(request: RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

async fn a_gateways_users_are_made_when_first_named(database: DatabaseKind) {
    let server = Server::start(database, &["127.0.0.0/8"]).await;
    let as_ana = || server.me().header("X-Forwarded-User", "ana@example.org");
    // At once, as the first page of an application would.
    let (first, again) = tokio::join!(json(as_ana()), json(as_ana()));
    assert_eq!(first["user"]["name"], "ana@example.org");
    assert_eq!((&first["user"]["login"], &first["user"]["role"]), (&Value::Null, &json!("user")));
    assert_eq!(first["credential"], "foreign");
    assert_eq!(first["user"]["id"], again["user"]["id"]);
    let ben = json(server.me().header("x-forwarded-user", "ben")).await;
    assert_ne!(ben["user"]["id"], first["user"]["id"]);
    assert_eq!(store::users::list(&server.test.store, None, 9).await.unwrap().items.len(), 3);

    let id = ben["user"]["id"].as_str().unwrap().parse().unwrap();
    store::users::set_role(&server.test.store, id, Role::Admin).await.unwrap();
    let ben = json(server.me().header("x-forwarded-user", "ben")).await;
    assert_eq!(ben["user"]["role"], "admin");

    // A token goes before the header, and a wrong one is not mended by it.
    let answer = as_ana().bearer_auth("wrong").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    server.stop().await;
}

async fn from_elsewhere_the_header_is_not_there(database: DatabaseKind) {
    let server = Server::start(database, &["10.0.0.0/8", "::1/128"]).await;
    let nobody = json(server.me().header("x-request-id", "same")).await;
    assert_eq!(nobody["code"], "unauthorized");
    let request = server.me().header("x-request-id", "same").header("x-forwarded-user", "operator");
    let spoofed = request.header("x-forwarded-for", "10.0.0.1").header("forwarded", "for=10.0.0.1");
    assert_eq!(json(spoofed).await, nobody);
    server.stop().await;
}

async fn a_header_that_names_nobody_is_refused(database: DatabaseKind) {
    let server = Server::start(database, &["127.0.0.1/32"]).await;
    let long = "x".repeat(256);
    for name in ["", " ", "a\tb", long.as_str()] {
        let answer = json(server.me().header("x-forwarded-user", name)).await;
        assert_eq!(answer["code"], "unauthorized", "{name:?}");
    }
    let twice = server.me().header("x-forwarded-user", "a").header("x-forwarded-user", "b");
    assert_eq!(json(twice).await["code"], "unauthorized");
    server.stop().await;
}
