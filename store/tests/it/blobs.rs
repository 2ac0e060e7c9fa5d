//! The blob suite on a folder and on an S3 server in this process, and what only they can show.

use store::testing::S3Server;
use store::{Blobs, BlobsConfig, Error, Sha256};

use crate::blob_suite::{self, blob_suite};

macro_rules! on_a_folder {
    ($($name:ident,)+) => {
        mod local {
            $(
                #[tokio::test]
                async fn $name() {
                    let (_folder, blobs) = super::local_blobs().await;
                    super::blob_suite::$name(blobs).await;
                }
            )+
        }
    };
}
macro_rules! on_a_bucket {
    ($($name:ident,)+) => {
        mod s3 {
            $(
                #[tokio::test]
                async fn $name() {
                    let (_server, blobs) = super::s3_blobs().await;
                    super::blob_suite::$name(blobs).await;
                }
            )+
        }
    };
}
blob_suite!(on_a_folder);
blob_suite!(on_a_bucket);

async fn local_blobs() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let config = BlobsConfig::Local { path: folder.path().into() };
    (folder, Blobs::open_backend(&config).await.unwrap())
}

async fn s3_blobs() -> (S3Server, Blobs) {
    let server = S3Server::start().await;
    let blobs = Blobs::open_backend(&BlobsConfig::S3(server.config())).await.unwrap();
    (server, blobs)
}

async fn put(blobs: &Blobs, bytes: &[u8]) -> Sha256 {
    let mut staging = blobs.stage(1 << 30).await.unwrap();
    staging.write(bytes).await.unwrap();
    let staged = staging.finish().await.unwrap();
    let sha256 = staged.sha256;
    blobs.commit(staged).await.unwrap();
    sha256
}

fn path_of(sha256: &Sha256) -> String {
    let name = sha256.to_string();
    format!("blobs/{}/{}/{name}", &name[..2], &name[2..4])
}

fn files_under(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files_under(&path) } else { 1 }
        })
        .sum()
}

#[tokio::test]
async fn notices_bytes_that_have_changed() {
    let (folder, local) = local_blobs().await;
    let (server, s3) = s3_blobs().await;
    for (blobs, root) in [(local, folder.path().to_owned()), (s3, server.bucket_folder())] {
        let sha256 = put(&blobs, b"a recording").await;
        std::fs::write(root.join(path_of(&sha256)), b"a Recording").unwrap();
        let error = blobs.verify(&sha256).await.unwrap_err();
        let actual = Sha256::of(b"a Recording");
        assert!(
            matches!(error, Error::BlobCorrupt { expected, actual: a } if expected == sha256 && a == actual)
        );
    }
}

#[tokio::test]
async fn a_fetched_file_is_checked() {
    let (server, blobs) = s3_blobs().await;
    let sha256 = put(&blobs, b"a recording").await;
    std::fs::write(server.bucket_folder().join(path_of(&sha256)), b"a short").unwrap();
    let error = blobs.fetch_to_file(&sha256).await.unwrap_err();
    assert!(matches!(error, Error::BlobCorrupt { .. }));
}

#[tokio::test]
async fn an_upload_again_mends_what_is_short() {
    let (folder, local) = local_blobs().await;
    let (server, s3) = s3_blobs().await;
    // In one part, and in several.
    for n_bytes in [11, 9 << 20] {
        let content = vec![7; n_bytes];
        for (blobs, root) in [(&local, folder.path().to_owned()), (&s3, server.bucket_folder())] {
            let sha256 = put(blobs, &content).await;
            std::fs::write(root.join(path_of(&sha256)), b"").unwrap();
            assert_eq!(put(blobs, &content).await, sha256);
            blobs.verify(&sha256).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_aborted_upload_leaves_no_file_in_the_folder() {
    let (folder, blobs) = local_blobs().await;
    let mut staging = blobs.stage(1 << 30).await.unwrap();
    staging.write(&vec![1; 1 << 20]).await.unwrap();
    assert_eq!(files_under(folder.path()), 1);
    drop(staging);
    assert_eq!(files_under(folder.path()), 0);
}

#[tokio::test]
async fn prefixes_keep_installations_apart() {
    let server = S3Server::start().await;
    let open = |prefix: &str| {
        let config = store::S3Config { prefix: prefix.into(), ..server.config() };
        async move { Blobs::open_backend(&BlobsConfig::S3(config)).await.unwrap() }
    };
    let (a, b) = (open("a").await, open("/b/c/").await);
    let sha256 = put(&a, &vec![7; 9 << 20]).await;
    assert!(a.exists(&sha256).await.unwrap());
    assert!(!b.exists(&sha256).await.unwrap());
    assert!(server.bucket_folder().join("a").join(path_of(&sha256)).exists());
    put(&b, &vec![7; 9 << 20]).await;
    assert!(server.bucket_folder().join("b/c").join(path_of(&sha256)).exists());
}

#[tokio::test]
async fn a_store_that_is_away_is_a_transient_error() {
    let (server, blobs) = s3_blobs().await;
    let sha256 = put(&blobs, b"a recording").await;
    drop(server);
    let error = blobs.n_bytes(&sha256).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}
