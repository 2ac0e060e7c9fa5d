//! The bucket: one that exists, or an S3 server in this process.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use clap::Args;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A bucket and the keys to it.
#[derive(Debug, Clone, Args)]
pub struct Bucket {
    /// An S3-compatible server; without it, one is started in this process.
    #[arg(long = "s3-endpoint", value_name = "URL", default_value = "")]
    endpoint: String,
    /// Its region.
    #[arg(long = "s3-region", default_value = "us-east-1")]
    region: String,
    /// A bucket that exists.
    #[arg(long = "s3-bucket", default_value = "consort")]
    name: String,
    /// Access key id.
    #[arg(long = "s3-access-key", default_value = "bench-access-key")]
    access_key: String,
    /// Secret access key.
    #[arg(long = "s3-secret-key", default_value = "bench-secret-key")]
    secret_key: String,
}

impl Bucket {
    /// This bucket, if there is one to talk to.
    pub fn given(&self) -> Option<Self> {
        (!self.endpoint.is_empty()).then(|| self.clone())
    }

    /// The settings as variables.
    pub(super) fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("CONSORT__STORE__BLOBS__KIND", "s3".to_owned()),
            ("CONSORT__STORE__BLOBS__ENDPOINT", self.endpoint.clone()),
            ("CONSORT__STORE__BLOBS__REGION", self.region.clone()),
            ("CONSORT__STORE__BLOBS__BUCKET", self.name.clone()),
            ("CONSORT__STORE__BLOBS__ACCESS_KEY", self.access_key.clone()),
            ("CONSORT__STORE__BLOBS__SECRET_KEY", self.secret_key.clone()),
        ]
    }
}

/// An S3 server over a temporary folder, on a thread pool of its own; it stops when it is dropped.
pub struct OwnServer {
    _runtime: Runtime,
    _folder: TempDir,
    address: SocketAddr,
}

impl OwnServer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When it cannot.
    pub fn start() -> Result<Self> {
        let bucket = Self::bucket_at(String::new());
        let folder = tempfile::tempdir().context("cannot make a folder for the S3 server")?;
        std::fs::create_dir(folder.path().join(&bucket.name))?;
        let files = FileSystem::new(folder.path())
            .map_err(|error| anyhow::anyhow!("cannot open the S3 server's folder: {error:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(bucket.access_key, bucket.secret_key));
        let service = service.build();
        let runtime = Runtime::new()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let connection = service.clone();
                tokio::spawn(async move {
                    let builder = Builder::new(TokioExecutor::new());
                    // The server that is measured reports what went wrong; here is nothing to add.
                    builder.serve_connection(TokioIo::new(socket), connection).await.ok();
                });
            }
        });
        Ok(Self { _runtime: runtime, _folder: folder, address })
    }

    /// The bucket of this server.
    pub fn bucket(&self) -> Bucket {
        Self::bucket_at(format!("http://{}", self.address))
    }

    fn bucket_at(endpoint: String) -> Bucket {
        Bucket {
            endpoint,
            region: "us-east-1".to_owned(),
            name: "consort".to_owned(),
            access_key: "bench-access-key".to_owned(),
            secret_key: "bench-secret-key".to_owned(),
        }
    }
}
