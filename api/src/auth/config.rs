//! Settings of identity.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::HeaderName;
use ipnet::IpNet;
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
    /// A header in which a gateway names who asks; empty for none.
    #[serde(deserialize_with = "header_name")]
    pub trusted_header: Option<HeaderName>,
    /// Where that gateway's requests come from: addresses, or networks such as `10.0.0.0/8`.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
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
            trusted_proxies: Vec::new(),
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
        if self.trusted_header.is_some() && self.trusted_proxies.is_empty() {
            let key = "auth.trusted_proxies";
            return Err(InvalidConfig { key, value: 0, rule: "at least 1 with trusted_header" });
        }
        Ok(())
    }

    pub(crate) fn access_token(&self) -> Duration {
        Duration::from_secs(self.access_token_s)
    }

    pub(crate) fn session(&self) -> Duration {
        Duration::from_hours(24 * self.session_days)
    }

    /// Whether a request from this address may name who asks.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}

fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderName>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| de::Error::custom("must be the name of a header"))
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: &String| {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        address
            .or_else(|_| text.parse::<IpNet>().map(|network| network.trunc()))
            .map_err(|_| de::Error::custom(format!("{text:?} is neither an address nor a network")))
    };
    Vec::<String>::deserialize(deserializer)?.iter().map(network).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Config {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn trusts_nobody_unless_told() {
        let config = Config::default();
        assert_eq!(config.validate(), Ok(()));
        assert!(!config.trusts("127.0.0.1".parse().unwrap()));
        let half = read(r#"{"trusted_header": "x-forwarded-user"}"#);
        assert_eq!(half.validate().unwrap_err().key, "auth.trusted_proxies");
    }

    #[test]
    fn knows_addresses_and_networks_in_both_notations() {
        let config = read(r#"{"trusted_proxies": ["10.1.2.3/8", "::1", "192.0.2.7"]}"#);
        for (address, expected) in [
            ("10.255.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("11.0.0.1", false),
            ("::1", true),
            ("::2", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
        ] {
            assert_eq!(config.trusts(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        for bad in [
            r#"{"registration": "everybody"}"#,
            r#"{"trusted_header": "a b"}"#,
            r#"{"trusted_proxies": ["localhost"]}"#,
            r#"{"surprise": 1}"#,
        ] {
            assert!(serde_json::from_str::<Config>(bad).is_err(), "{bad}");
        }
        assert!(read(r#"{"access_token_s": 901}"#).validate().is_err());
        assert!(read(r#"{"session_days": 0}"#).validate().is_err());
    }
}
