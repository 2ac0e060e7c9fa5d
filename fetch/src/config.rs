//! Settings of imports.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

/// What may be imported from where, and how long that may take.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether recordings may be imported at all.
    pub enabled: bool,
    /// Hosts that recordings may be imported from, or `.example.org` for all below that; empty: every public host.
    pub hosts: Vec<String>,
    /// Networks that are not public and may be imported from all the same.
    #[serde(deserialize_with = "networks")]
    pub networks: Vec<IpNet>,
    /// Whether `http:` will do, which anybody on the way can read and change.
    pub allow_http: bool,
    /// Ports that may be asked.
    #[serde(deserialize_with = "ports")]
    pub ports: Vec<u16>,
    /// Redirects that are followed, each of them checked like the first address.
    pub max_redirects: u32,
    /// How long finding and reaching a host may take.
    pub connect_timeout_s: u64,
    /// How long a host may say nothing.
    pub idle_timeout_s: u64,
    /// How long all of it may take.
    pub total_timeout_s: u64,
    /// Imports that a worker runs at once, beside its other jobs.
    pub max_at_once: usize,
    /// Imports of a user that may wait or run.
    pub max_waiting: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enabled: false,
            hosts: Vec::new(),
            networks: Vec::new(),
            allow_http: false,
            ports: vec![80, 443],
            max_redirects: 3,
            connect_timeout_s: 10,
            idle_timeout_s: 30,
            total_timeout_s: 3600,
            max_at_once: 2,
            max_waiting: 100,
        }
    }
}

impl Config {
    /// The first setting that is outside of its range: its key, value and rule.
    ///
    /// # Errors
    ///
    /// If there is one.
    pub fn validate(&self) -> Result<(), (&'static str, u64, &'static str)> {
        let seconds = [
            ("imports.connect_timeout_s", self.connect_timeout_s, 3600),
            ("imports.idle_timeout_s", self.idle_timeout_s, 3600),
            ("imports.total_timeout_s", self.total_timeout_s, 86_400),
        ];
        for (key, value, most) in seconds {
            if !(1..=most).contains(&value) {
                return Err((key, value, "at least 1, at most an hour (in all: a day)"));
            }
        }
        let counts = [
            ("imports.max_at_once", self.max_at_once as u64),
            ("imports.max_waiting", self.max_waiting),
            ("imports.ports", self.ports.len() as u64),
        ];
        for (key, value) in counts {
            if !(1..=100_000).contains(&value) {
                return Err((key, value, "1..=100000"));
            }
        }
        if self.max_redirects > 10 {
            return Err(("imports.max_redirects", u64::from(self.max_redirects), "0..=10"));
        }
        Ok(())
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.connect_timeout_s)
    }

    pub(crate) fn idle_timeout(&self) -> Duration {
        Duration::from_secs(self.idle_timeout_s)
    }

    pub(crate) fn total_timeout(&self) -> Duration {
        Duration::from_secs(self.total_timeout_s)
    }
}

/// Addresses, or networks such as `10.0.0.0/8`.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let network = |text: &String| {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse().ok().or_else(address)
    };
    let is_none = |text| de::Error::custom(format!("{text} is neither an address nor a network"));
    texts.iter().map(|text| network(text).ok_or_else(|| is_none(text))).collect()
}

/// Numbers, which come as texts from variables.
fn ports<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u16>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Port {
        Number(u16),
        Text(String),
    }
    let ports = Vec::<Port>::deserialize(deserializer)?;
    let number = |port| match port {
        Port::Number(port) => Ok(port),
        Port::Text(text) => text.parse().map_err(|_| de::Error::custom("must be ports")),
    };
    ports.into_iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_off_and_valid() {
        assert!(!Config::default().enabled);
        assert_eq!(Config::default().validate(), Ok(()));
        assert!(Config { max_redirects: 11, ..Config::default() }.validate().is_err());
        assert!(Config { idle_timeout_s: 0, ..Config::default() }.validate().is_err());
        assert!(Config { ports: Vec::new(), ..Config::default() }.validate().is_err());
    }

    #[test]
    fn reads_networks_and_ports_as_they_are_written() {
        let read = |text: &str| serde_json::from_str::<Config>(text);
        let config =
            read(r#"{"networks": ["10.0.0.0/8", "::1"], "ports": [443, "8443"]}"#).unwrap();
        assert_eq!(config.networks, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        assert_eq!(config.ports, [443, 8443]);
        for bad in [
            r#"{"networks": ["nas"]}"#,
            r#"{"ports": [65536]}"#,
            r#"{"ports": ["x"]}"#,
            r#"{"host": []}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
