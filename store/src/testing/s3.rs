//! An S3 server in this process.

use std::net::Ipv4Addr;
use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::whole_copies::WholeCopies;
use crate::S3Config;

const BUCKET: &str = "consort";
const ACCESS_KEY: &str = "test-access-key";
const SECRET_KEY: &str = "test-secret-key";

/// An S3 server on a loopback port, with one bucket. It stops, and its folder goes, when it is dropped.
#[derive(Debug)]
pub struct S3Server {
    folder: TempDir,
    endpoint: String,
    accepting: JoinHandle<()>,
}

impl S3Server {
    /// Starts the server inside the current runtime.
    ///
    /// # Panics
    ///
    /// When it cannot.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("cannot make a folder for the S3 server");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("cannot make a bucket");
        let files = FileSystem::new(folder.path()).expect("cannot open the S3 server's folder");
        let mut service = S3ServiceBuilder::new(WholeCopies(files));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = service.build();
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("no free loopback port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let accepting = tokio::spawn(async move {
            // Connections end with the task: a server that is gone answers nobody.
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    // A client that goes away is its own business.
                    Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(socket), service)
                        .await
                        .ok();
                });
            }
        });
        Self { folder, endpoint: format!("http://{address}"), accepting }
    }

    /// The settings of a client.
    pub fn config(&self) -> S3Config {
        S3Config {
            endpoint: self.endpoint.clone(),
            public_endpoint: None,
            region: "us-east-1".into(),
            bucket: BUCKET.into(),
            access_key: ACCESS_KEY.into(),
            secret_key: SECRET_KEY.into(),
            path_style: true,
            prefix: String::new(),
            scratch: None,
        }
    }

    /// The folder that holds the objects.
    pub fn bucket_folder(&self) -> std::path::PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Everything that the server keeps, unfinished uploads included.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
