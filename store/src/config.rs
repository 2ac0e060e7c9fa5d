//! Settings of the store.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use crate::{Error, Result};

/// Settings of the store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where rows live.
    pub database: DatabaseConfig,
    /// Where recordings live.
    pub blobs: BlobsConfig,
    /// How jobs are tried.
    #[serde(default)]
    pub queue: QueueConfig,
}

/// Where rows live.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`. Secret, because it may hold a password.
    pub url: SecretString,
    /// Connections that one process opens at most.
    #[serde(default = "DatabaseConfig::default_max_connections")]
    pub max_connections: u32,
}

impl DatabaseConfig {
    fn default_max_connections() -> u32 {
        10
    }
}

/// Where recordings live.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BlobsConfig {
    /// A folder of this machine.
    Local {
        /// The folder; made when missing.
        path: PathBuf,
    },
    /// A bucket of any S3-compatible store.
    S3(S3Config),
}

/// A bucket of any S3-compatible store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// `http://` or `https://`, host and port.
    pub endpoint: String,
    /// Where clients reach it, if that is another address than `endpoint`: what URLs of parts of uploads begin with.
    #[serde(default)]
    pub public_endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The bucket; it must exist.
    pub bucket: String,
    /// Access key id.
    pub access_key: SecretString,
    /// Secret access key.
    pub secret_key: SecretString,
    /// Name the bucket in the path and not in the host name; right for nearly every store but Amazon's.
    #[serde(default = "S3Config::default_path_style")]
    pub path_style: bool,
    /// Put before every key, so that several installations can share a bucket.
    #[serde(default)]
    pub prefix: String,
    /// Folder for the temporary file that a recording is fetched to; the system's when absent. It needs room for
    /// the largest recording times the number of jobs at once.
    #[serde(default)]
    pub scratch: Option<PathBuf>,
}

impl S3Config {
    fn default_path_style() -> bool {
        true
    }
}

/// How jobs are tried.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueConfig {
    /// A running job that is not renewed for this long is given to another worker.
    pub lease_s: u64,
    /// How often an idle worker looks for work.
    pub poll_ms: u64,
    /// Unexplained deaths of the analysis child before a job is dead.
    pub max_crashes: u32,
    /// Lost leases (the worker itself died or hung) before a job is dead.
    pub max_lost: u32,
    /// Retries after failures of input and output before a job is dead.
    pub max_retries: u32,
    /// Delay before the first retry.
    pub backoff_first_s: f64,
    /// Each delay is this many times the one before.
    pub backoff_factor: f64,
    /// Longest delay.
    pub backoff_max_s: f64,
    /// Messages that are done are removed after this long.
    pub message_keep_s: u64,
    /// Events of low priority, which tell how far something has come, are removed after this long.
    pub step_keep_s: u64,
    /// Uploads that were not finished are removed after this long; so long one in pieces may take.
    pub staging_keep_s: u64,
    /// Addresses in the audit log are forgotten after so many days.
    pub address_keep_days: u64,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            lease_s: 15,
            poll_ms: 250,
            max_crashes: 3,
            max_lost: 10,
            max_retries: 12,
            backoff_first_s: 2.0,
            backoff_factor: 2.0,
            backoff_max_s: 900.0,
            message_keep_s: 3600,
            step_keep_s: 24 * 3600,
            staging_keep_s: 24 * 3600,
            address_keep_days: 90,
        }
    }
}

impl QueueConfig {
    /// Refuses settings that would stop the queue or make it spin.
    pub(crate) fn check(&self) -> Result<()> {
        let rule = |key, holds, rule: &str| {
            if holds { Ok(()) } else { Err(Error::Config { key, rule: rule.into() }) }
        };
        rule("queue.lease_s", self.lease_s >= 1, "must be at least 1")?;
        rule("queue.poll_ms", (10..=60_000).contains(&self.poll_ms), "must be 10 to 60000")?;
        rule("queue.max_crashes", self.max_crashes >= 1, "must be at least 1")?;
        rule("queue.max_lost", self.max_lost >= 1, "must be at least 1")?;
        rule("queue.max_retries", self.max_retries >= 1, "must be at least 1")?;
        rule("queue.backoff_first_s", self.backoff_first_s > 0.0, "must be above 0")?;
        rule("queue.backoff_factor", self.backoff_factor >= 1.0, "must be at least 1")?;
        rule(
            "queue.backoff_max_s",
            self.backoff_max_s >= self.backoff_first_s && self.backoff_max_s.is_finite(),
            "must be at least queue.backoff_first_s",
        )
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn s3() -> Value {
        json!({
            "database": { "url": "postgres://u:hunter2@h/d" },
            "blobs": {
                "kind": "s3", "endpoint": "http://h", "region": "r", "bucket": "b",
                "access_key": "hunter3", "secret_key": "hunter4",
            },
        })
    }

    #[test]
    fn reads_both_kinds_with_defaults() {
        let config: Config = serde_json::from_value(s3()).unwrap();
        assert!(
            matches!(&config.blobs, BlobsConfig::S3(s3) if s3.path_style && s3.prefix.is_empty())
        );
        assert_eq!((config.queue.lease_s, config.queue.max_crashes), (15, 3));
        let mut local = s3();
        local["blobs"] = json!({ "kind": "local", "path": "blobs" });
        let config: Config = serde_json::from_value(local).unwrap();
        assert!(matches!(config.blobs, BlobsConfig::Local { .. }));
    }

    #[test]
    fn refuses_unknown_keys_by_name() {
        for pointer in ["", "/database", "/blobs", "/queue"] {
            let mut config = s3();
            config["queue"] = json!({});
            config.pointer_mut(pointer).unwrap()["surprise"] = json!(1);
            let error = serde_json::from_value::<Config>(config).unwrap_err().to_string();
            assert!(error.contains("surprise"), "{pointer}: {error}");
        }
    }

    #[test]
    fn shows_no_secret() {
        let config: Config = serde_json::from_value(s3()).unwrap();
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
