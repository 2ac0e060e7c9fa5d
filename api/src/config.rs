//! Settings of the HTTP server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::proxies::Proxies;
use crate::{auth, cors, oidc, quota, rate_limit};

/// Settings of the HTTP server: where it listens, what it accepts, how long it waits.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Largest recording that is accepted, in bytes of the file itself.
    pub max_upload_bytes: u64,
    /// Connections served at once; further ones wait in the kernel's queue.
    pub max_connections: usize,
    /// Event streams held open at once; further ones are answered 503.
    pub max_event_streams: usize,
    /// How long a connection may take to send the head of a request, and may idle between two.
    pub header_timeout_s: u64,
    /// How long a client may take for each 4 KiB of a body.
    pub body_timeout_s: u64,
    /// How long a request other than an upload may take until its answer begins.
    pub request_timeout_s: u64,
    /// How long a client may leave an answer unread before it is cut off.
    pub write_timeout_s: u64,
    /// How long open requests may take to end once the server stops.
    pub shutdown_grace_s: u64,
    /// How often the event table is looked at while anybody listens.
    pub events_poll_ms: u64,
    /// How often a silent event stream sends a comment, so that proxies keep it open.
    pub events_keep_alive_s: u64,
    /// After how many days a person who was answered `later` is offered again.
    pub later_days: u64,
    /// Uploads in pieces that a user may have open at once.
    pub max_open_uploads: u64,
    /// How long a URL that puts a part of an upload into the object store is good for.
    pub upload_url_s: u64,
    /// What a user may keep.
    pub quota: quota::Config,
    /// Recordings that the service fetches from addresses.
    pub imports: fetch::Config,
    /// Who may come in, and for how long.
    pub auth: auth::Config,
    /// Issuers whose tokens are taken.
    #[serde(deserialize_with = "oidc::several")]
    pub oidc: Vec<oidc::Config>,
    /// Pages of other origins.
    pub cors: cors::Config,
    /// The proxies before the service.
    pub proxies: Proxies,
    /// How many requests are answered to one caller.
    pub rate_limit: rate_limit::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9000),
            max_upload_bytes: 4 << 30,
            max_connections: 4096,
            max_event_streams: 2048,
            header_timeout_s: 30,
            body_timeout_s: 30,
            request_timeout_s: 30,
            write_timeout_s: 30,
            shutdown_grace_s: 25,
            events_poll_ms: 200,
            events_keep_alive_s: 15,
            later_days: 30,
            max_open_uploads: 100,
            upload_url_s: 3600,
            quota: quota::Config::default(),
            imports: fetch::Config::default(),
            auth: auth::Config::default(),
            oidc: Vec::new(),
            cors: cors::Config::default(),
            proxies: Proxies::default(),
            rate_limit: rate_limit::Config::default(),
        }
    }
}

/// A setting outside its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} is {value}, must be {rule}")]
pub struct InvalidConfig {
    /// Name of the setting.
    pub key: &'static str,
    /// Its value.
    pub value: u64,
    /// What is allowed.
    pub rule: &'static str,
}

impl Config {
    /// Checks every setting that has a range.
    ///
    /// # Errors
    ///
    /// The first setting that is outside its range.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        self.auth.validate()?;
        self.rate_limit.validate()?;
        let wrong = |(key, value, rule)| InvalidConfig { key, value, rule };
        self.imports.validate().map_err(wrong)?;
        if self.auth.trusted_header.is_some() && self.proxies.trusted.is_empty() {
            let key = "proxies.trusted";
            return Err(InvalidConfig {
                key,
                value: 0,
                rule: "at least 1 with auth.trusted_header",
            });
        }
        let counts = [
            ("max_upload_bytes", self.max_upload_bytes),
            ("max_connections", self.max_connections as u64),
            ("max_event_streams", self.max_event_streams as u64),
            ("max_open_uploads", self.max_open_uploads),
        ];
        for (key, value) in counts {
            if value == 0 {
                return Err(InvalidConfig { key, value, rule: "at least 1" });
            }
        }
        let seconds = [
            ("header_timeout_s", self.header_timeout_s),
            ("body_timeout_s", self.body_timeout_s),
            ("request_timeout_s", self.request_timeout_s),
            ("write_timeout_s", self.write_timeout_s),
            ("events_keep_alive_s", self.events_keep_alive_s),
        ];
        for (key, value) in seconds {
            if !(1..=3600).contains(&value) {
                return Err(InvalidConfig { key, value, rule: "1..=3600 seconds" });
            }
        }
        if self.shutdown_grace_s > 3600 {
            let value = self.shutdown_grace_s;
            return Err(InvalidConfig { key: "shutdown_grace_s", value, rule: "0..=3600 seconds" });
        }
        if self.later_days > 3650 {
            let value = self.later_days;
            return Err(InvalidConfig { key: "later_days", value, rule: "0..=3650 days" });
        }
        if !(60..=604_800).contains(&self.upload_url_s) {
            let value = self.upload_url_s;
            return Err(InvalidConfig { key: "upload_url_s", value, rule: "60..=604800 seconds" });
        }
        if !(10..=60_000).contains(&self.events_poll_ms) {
            let value = self.events_poll_ms;
            let rule = "10..=60000 milliseconds";
            return Err(InvalidConfig { key: "events_poll_ms", value, rule });
        }
        Ok(())
    }

    /// [`Self::later_days`] in microseconds.
    pub(crate) fn later_us(&self) -> i64 {
        const US_PER_DAY: i64 = 86_400_000_000;
        i64::try_from(self.later_days).unwrap_or(i64::MAX).saturating_mul(US_PER_DAY)
    }

    pub(crate) fn header_timeout(&self) -> Duration {
        Duration::from_secs(self.header_timeout_s)
    }

    pub(crate) fn body_timeout(&self) -> Duration {
        Duration::from_secs(self.body_timeout_s)
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_s)
    }

    pub(crate) fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.write_timeout_s)
    }

    pub(crate) fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_s)
    }

    pub(crate) fn upload_url(&self) -> Duration {
        Duration::from_secs(self.upload_url_s)
    }

    pub(crate) fn events_poll(&self) -> Duration {
        Duration::from_millis(self.events_poll_ms)
    }

    pub(crate) fn events_keep_alive(&self) -> Duration {
        Duration::from_secs(self.events_keep_alive_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid() {
        assert_eq!(Config::default().validate(), Ok(()));
    }

    #[test]
    fn a_value_outside_its_range_is_named() {
        let config = Config { body_timeout_s: 0, ..Config::default() };
        let error = config.validate().unwrap_err();
        assert_eq!(error.to_string(), "body_timeout_s is 0, must be 1..=3600 seconds");
        let config = Config { max_upload_bytes: 0, ..Config::default() };
        assert_eq!(config.validate().unwrap_err().key, "max_upload_bytes");
        let config = Config { events_poll_ms: 1, ..Config::default() };
        assert_eq!(config.validate().unwrap_err().key, "events_poll_ms");
    }

    #[test]
    fn a_header_of_a_gateway_needs_a_gateway() {
        let half = r#"{"auth": {"trusted_header": "x-forwarded-user"}}"#;
        let half = serde_json::from_str::<Config>(half).unwrap();
        assert_eq!(half.validate().unwrap_err().key, "proxies.trusted");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = serde_json::from_str::<Config>(r#"{"listn": "127.0.0.1:1"}"#).unwrap_err();
        assert!(error.to_string().contains("listn"), "{error}");
    }
}
