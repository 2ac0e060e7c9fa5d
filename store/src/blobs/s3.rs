//! Blobs in a bucket of any S3-compatible store.
//!
//! Only what every such store understands is used: no conditional writes, no trailing checksums, path style.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::backend::copy_verified;
use super::s3_staging::{S3Staged, S3Staging};
use super::{BlobReader, ByteRange, Sha256};
use crate::{Error, Result, S3Config};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A store that sends nothing for this long is away.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// One part of 8 MiB at 70 kB/s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_mins(2);
const N_ATTEMPTS: u32 = 3;

#[derive(Debug)]
pub(super) struct S3 {
    pub(super) client: Client,
    /// Signs what clients send; it sends nothing itself.
    pub(super) public_client: Client,
    pub(super) bucket: String,
    prefix: String,
    scratch: Option<PathBuf>,
}

/// Wraps what the client reports.
pub(super) fn failed<E>(operation: &'static str) -> impl FnOnce(E) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| Error::ObjectStore { operation, source: Box::new(error) }
}

impl S3 {
    pub(super) fn open(config: &S3Config) -> Result<Self> {
        let public_endpoint = config.public_endpoint.as_ref().unwrap_or(&config.endpoint);
        for (key, endpoint) in
            [("blobs.endpoint", &config.endpoint), ("blobs.public_endpoint", public_endpoint)]
        {
            if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
                let rule = "must begin with http:// or https://".into();
                return Err(Error::Config { key, rule });
            }
        }
        if config.bucket.is_empty() {
            return Err(Error::Config { key: "blobs.bucket", rule: "must not be empty".into() });
        }
        let mut prefix = config.prefix.trim_matches('/').to_owned();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        Ok(Self {
            client: client(config, &config.endpoint),
            public_client: client(config, public_endpoint),
            bucket: config.bucket.clone(),
            prefix,
            scratch: config.scratch.clone(),
        })
    }

    pub(super) async fn ping(&self) -> Result<()> {
        self.client
            .head_bucket()
            .bucket(&self.bucket)
            .send()
            .await
            .map(|_| ())
            .map_err(failed("look at the bucket"))
    }

    pub(super) fn stage(this: &Arc<Self>) -> S3Staging {
        S3Staging::new(
            Arc::clone(this),
            format!("{}{}", this.staging_prefix(), uuid::Uuid::now_v7()),
        )
    }

    /// Gives an upload its name inside the store, unless a whole blob has it already.
    pub(super) async fn commit(
        &self,
        sha256: &Sha256,
        n_bytes: u64,
        staged: S3Staged,
    ) -> Result<()> {
        // Stores have been seen to end a multipart upload or a copy short without an error. What is short is written over
        // and never deleted: another upload of the same bytes may have been promised the name meanwhile.
        let mut n_found = self.n_bytes(sha256).await?;
        for _ in 0..N_ATTEMPTS {
            if n_found == Some(n_bytes) {
                staged.discard().await;
                return Ok(());
            }
            self.name(sha256, &staged).await?;
            n_found = self.n_bytes(sha256).await?;
        }
        let text = format!("the blob has {n_found:?} of {n_bytes} bytes");
        Err(Error::ObjectStore { operation: "keep a whole blob", source: text.into() })
    }

    /// Puts or copies an upload to the name of its content, as a whole.
    async fn name(&self, sha256: &Sha256, staged: &S3Staged) -> Result<()> {
        match staged {
            S3Staged::Small(bytes) => {
                self.client
                    .put_object()
                    .bucket(&self.bucket)
                    .key(self.key(sha256))
                    .body(ByteStream::from(bytes.clone()))
                    .send()
                    .await
                    .map_err(failed("put a blob"))?;
            }
            S3Staged::Object(object) => {
                // Bucket and key are ASCII without anything to escape, but for what the operator chose as prefix.
                let source = format!("{}/{}", self.bucket, object.key());
                self.client
                    .copy_object()
                    .bucket(&self.bucket)
                    .key(self.key(sha256))
                    .copy_source(percent_encoded(&source))
                    .send()
                    .await
                    .map_err(failed("copy a blob"))?;
            }
        }
        Ok(())
    }

    pub(super) async fn open_blob(
        &self,
        sha256: &Sha256,
        range: Option<ByteRange>,
    ) -> Result<Option<BlobReader>> {
        // The length first: stores differ in what they answer to a range that begins beyond the end.
        let Some(n_bytes_total) = self.n_bytes(sha256).await? else { return Ok(None) };
        let whole = ByteRange { start: 0, end: n_bytes_total };
        let asked = range.map_or(Ok(whole), |range| range.within(n_bytes_total))?;
        let header = range.is_some().then(|| format!("bytes={}-{}", asked.start, asked.end - 1));
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(self.key(sha256))
            .set_range(header)
            .send()
            .await;
        match answer {
            Ok(object) => Ok(Some(BlobReader::new(
                n_bytes_total,
                asked.n_bytes(),
                object.body.into_async_read(),
            ))),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), GetObjectError::NoSuchKey(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(failed("get a blob")(error)),
        }
    }

    pub(super) async fn fetch_to_file(&self, sha256: &Sha256) -> Result<std::fs::File> {
        let disk = |source| Error::Disk { operation: "make a temporary file", source };
        let reader = self.open_blob(sha256, None).await?.ok_or(Error::BlobMissing(*sha256))?;
        let file = match &self.scratch {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        };
        let mut file = tokio::fs::File::from_std(file.map_err(disk)?);
        copy_verified(reader, sha256, &mut file).await?;
        tokio::io::AsyncSeekExt::rewind(&mut file).await.map_err(disk)?;
        Ok(file.into_std().await)
    }

    pub(super) async fn n_bytes(&self, sha256: &Sha256) -> Result<Option<u64>> {
        let answer =
            self.client.head_object().bucket(&self.bucket).key(self.key(sha256)).send().await;
        match answer {
            Ok(head) => {
                let n_bytes = head.content_length().and_then(|n| u64::try_from(n).ok());
                n_bytes.map(Some).ok_or_else(|| Error::ObjectStore {
                    operation: "tell a blob's length",
                    source: "the answer has no length".into(),
                })
            }
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), HeadObjectError::NotFound(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(failed("look for a blob")(error)),
        }
    }

    pub(super) async fn delete(&self, sha256: &Sha256) -> Result<()> {
        self.delete_key(&self.key(sha256)).await
    }

    pub(super) async fn delete_key(&self, key: &str) -> Result<()> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
            .map(|_| ())
            .map_err(failed("delete an object"))
    }

    /// Removes what uploads that ended with their process left behind: whole objects and parts of them.
    pub(super) async fn sweep_staging(&self, older_than: OffsetDateTime) -> Result<u64> {
        self.sweep_prefix(&self.staging_prefix(), older_than).await
    }

    /// Removes objects and parts of objects under `prefix` that are older.
    pub(super) async fn sweep_prefix(
        &self,
        prefix: &str,
        older_than: OffsetDateTime,
    ) -> Result<u64> {
        let limit = older_than.unix_timestamp();
        let mut n_removed = 0;
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for object in page.map_err(failed("list uploads"))?.contents() {
                if let (Some(key), Some(modified)) = (object.key(), object.last_modified())
                    && modified.secs() < limit
                {
                    self.delete_key(key).await?;
                    n_removed += 1;
                }
            }
        }
        Ok(n_removed + self.sweep_parts(prefix, limit).await?)
    }

    async fn sweep_parts(&self, prefix: &str, limit: i64) -> Result<u64> {
        let mut n_removed = 0;
        let (mut key_marker, mut id_marker) = (None, None);
        loop {
            let page = self
                .client
                .list_multipart_uploads()
                .bucket(&self.bucket)
                .prefix(prefix)
                .set_key_marker(key_marker)
                .set_upload_id_marker(id_marker)
                .send()
                .await;
            let page = match page {
                Ok(page) => page,
                // Such a store cleans up by its own rules.
                Err(error) if error.code() == Some("NotImplemented") => return Ok(n_removed),
                Err(error) => return Err(failed("list parts of uploads")(error)),
            };
            for upload in page.uploads() {
                let old = upload.initiated().is_some_and(|begun| begun.secs() < limit);
                if let (true, Some(key), Some(id)) = (old, upload.key(), upload.upload_id())
                    && key.starts_with(prefix)
                {
                    self.abort(key, id).await;
                    n_removed += 1;
                }
            }
            if page.is_truncated() != Some(true) {
                return Ok(n_removed);
            }
            key_marker = page.next_key_marker().map(str::to_owned);
            id_marker = page.next_upload_id_marker().map(str::to_owned);
        }
    }

    /// Drops the parts of an upload. Best effort: some stores do not know how, and the sweep comes again.
    pub(super) async fn abort(&self, key: &str, upload_id: &str) {
        let answer = self
            .client
            .abort_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload_id)
            .send()
            .await;
        if let Err(error) = answer {
            tracing::debug!(%error, "parts of an upload could not be dropped: {error}");
        }
    }

    /// Where pieces of uploads lie.
    pub(super) fn uploads_prefix(&self) -> String {
        format!("{}uploads/", self.prefix)
    }

    fn staging_prefix(&self) -> String {
        format!("{}staging/", self.prefix)
    }

    fn key(&self, sha256: &Sha256) -> String {
        let name = sha256.to_string();
        format!("{}blobs/{}/{}/{name}", self.prefix, &name[0..2], &name[2..4])
    }
}

fn client(config: &S3Config, endpoint: &str) -> Client {
    // The same TLS library as the database client: a second one would double the build and the attack surface.
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let settings = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(endpoint)
        .region(Region::new(config.region.clone()))
        .credentials_provider(Credentials::new(
            config.access_key.expose_secret(),
            config.secret_key.expose_secret(),
            None,
            None,
            "config",
        ))
        .force_path_style(config.path_style)
        // The newer defaults send trailing checksums, which stores other than Amazon's reject.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(N_ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(READ_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        )
        .build();
    Client::from_conf(settings)
}

/// Escapes all but what RFC 3986 calls unreserved, and the slash.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            use std::fmt::Write;
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_copy_source_may_not_hold() {
        assert_eq!(percent_encoded("b/x y/é+1"), "b/x%20y/%C3%A9%2B1");
    }
}
