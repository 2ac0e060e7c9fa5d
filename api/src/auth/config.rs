//! Settings of identity.

use std::time::Duration;

use axum::http::HeaderName;
use serde::{Deserialize, Deserializer, de};

use crate::config::InvalidConfig;

/// Longest time that an access token is good for: what was signed cannot be unsigned.
pub(crate) const MAX_ACCESS_TOKEN_S: u64 = 900;

/// Who may come in, and for how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who may make an account.
    pub registration: Registration,
    /// How long an access token is good for.
    pub access_token_s: u64,
    /// How long somebody who came in may go on without the password.
    pub session_days: u64,
    /// A header in which a gateway, which is one of the trusted proxies, names who asks; empty for none.
    #[serde(deserialize_with = "header_name")]
    pub trusted_header: Option<HeaderName>,
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Administrators only.
    Closed,
    /// Whoever reaches the service.
    Open,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            registration: Registration::Closed,
            access_token_s: 600,
            session_days: 30,
            trusted_header: None,
        }
    }
}

impl Config {
    pub(crate) fn validate(&self) -> Result<(), InvalidConfig> {
        if !(60..=MAX_ACCESS_TOKEN_S).contains(&self.access_token_s) {
            let (key, value) = ("auth.access_token_s", self.access_token_s);
            return Err(InvalidConfig { key, value, rule: "60..=900 seconds" });
        }
        if !(1..=365).contains(&self.session_days) {
            let (key, value) = ("auth.session_days", self.session_days);
            return Err(InvalidConfig { key, value, rule: "1..=365 days" });
        }
        Ok(())
    }

    pub(crate) fn access_token(&self) -> Duration {
        Duration::from_secs(self.access_token_s)
    }

    pub(crate) fn session(&self) -> Duration {
        Duration::from_hours(24 * self.session_days)
    }
}

fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderName>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| de::Error::custom("must be the name of a header"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Config {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        for bad in [
            r#"{"registration": "everybody"}"#,
            r#"{"trusted_header": "a b"}"#,
            r#"{"surprise": 1}"#,
        ] {
            assert!(serde_json::from_str::<Config>(bad).is_err(), "{bad}");
        }
        assert!(read(r#"{"access_token_s": 901}"#).validate().is_err());
        assert!(read(r#"{"session_days": 0}"#).validate().is_err());
    }
}
