//! The blob suite on an S3 server that was started elsewhere: `cargo xtask s3-conformance`.

#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]

#[path = "../it/blob_suite.rs"]
mod blob_suite;

use blob_suite::blob_suite;
use store::{Blobs, BlobsConfig, S3Config};

macro_rules! on_the_server {
    ($($name:ident,)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                blob_suite::$name(blobs(stringify!($name)).await).await;
            }
        )+
    };
}
blob_suite!(on_the_server);

async fn blobs(test: &str) -> Blobs {
    let config = S3Config {
        endpoint: variable("ENDPOINT"),
        region: variable("REGION"),
        bucket: variable("BUCKET"),
        access_key: variable("ACCESS_KEY").into(),
        secret_key: variable("SECRET_KEY").into(),
        path_style: true,
        // Tests run side by side, and runs follow each other.
        prefix: format!("{test}-{}", uuid::Uuid::now_v7()),
        scratch: None,
        public_endpoint: None,
    };
    Blobs::open_backend(&BlobsConfig::S3(config)).await.unwrap()
}

fn variable(name: &str) -> String {
    let name = format!("CONSORT_TEST_S3_{name}");
    #[expect(
        clippy::disallowed_methods,
        reason = "`cargo xtask s3-conformance` tells where the server is"
    )]
    let value = std::env::var(&name);
    value.unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask s3-conformance`"))
}

/// The server in our own tests cannot list unfinished uploads: only a real one can show that they go.
#[tokio::test]
async fn sweeps_parts_of_an_upload_whose_process_died() {
    let blobs = blobs("sweeps_parts").await;
    let mut staging = blobs.stage(u64::MAX).await.unwrap();
    staging.write(&vec![1; 17 << 20]).await.unwrap();
    // As a killed process would: without a word to the server.
    std::mem::forget(staging);
    let now = store::Clock::System.now();
    assert_eq!(blobs.sweep_staging(now - time::Duration::hours(1)).await.unwrap(), 0);
    let later = now + time::Duration::hours(1);
    assert_eq!(blobs.sweep_staging(later).await.unwrap(), 1);
    assert_eq!(blobs.sweep_staging(later).await.unwrap(), 0);
}
