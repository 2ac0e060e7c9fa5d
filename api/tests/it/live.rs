//! A server on a loopback port over a store of either database.

use std::net::SocketAddr;

use api::Config;
use reqwest::{Client, RequestBuilder};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::logs::Log;

/// The server and its store.
pub(crate) struct Live {
    pub(crate) test: TestStore,
    pub(crate) address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Live {
    pub(crate) async fn start(database: DatabaseKind, config: Config) -> Self {
        Log::of_all_tests();
        let test = TestStore::new(database, BlobKind::Local).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let serving = api::serve(test.store.clone(), config, listener, shutdown.clone());
        Self { test, address, shutdown, task: tokio::spawn(serving) }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        client().get(format!("http://{}{path}", self.address))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        client().post(format!("http://{}{path}", self.address))
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap().unwrap();
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}
