//! Which addresses are fetched from, as far as their text tells.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::address::is_public;
use crate::config::Config;

/// Longest address.
const MAX_BYTES: usize = 2048;

/// Ends of names that no public host has (RFC 6761, 6762, 7686, 8375, and the one of ICANN for private use).
const NEAR: [&str; 5] = ["localhost", "local", "internal", "home.arpa", "onion"];

/// Why an address is not fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No address.
    #[error("it must be an address of at most {} bytes, without spaces and backslashes", MAX_BYTES)]
    Malformed,
    /// Another scheme.
    #[error("it must begin with https:")]
    Scheme,
    /// A name or password in it.
    #[error("it must not hold a name or a password")]
    Credentials,
    /// A host that is not public, as its name or number shows, or not among those that are allowed.
    #[error("its host must be a public one that is allowed here")]
    Host,
    /// A port that is not asked.
    #[error("its port is not allowed here")]
    Port,
}

impl Refusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "url_malformed",
            Self::Scheme => "url_scheme",
            Self::Credentials => "url_credentials",
            Self::Host => "url_host",
            Self::Port => "url_port",
        }
    }
}

/// Which addresses are fetched from.
#[derive(Debug, Clone)]
pub struct Rules {
    hosts: Vec<String>,
    networks: Vec<IpNet>,
    allow_http: bool,
    ports: Vec<u16>,
}

impl Rules {
    /// The rules that are configured.
    pub fn new(config: &Config) -> Self {
        let plain = |host: &String| host.trim_end_matches('.').to_ascii_lowercase();
        Self {
            hosts: config.hosts.iter().map(plain).collect(),
            networks: config.networks.clone(),
            allow_http: config.allow_http,
            ports: config.ports.clone(),
        }
    }

    /// The address that a text is, by the reading of browsers (WHATWG): the one that is fetched from, too.
    ///
    /// # Errors
    ///
    /// The first rule that it breaks.
    pub fn check(&self, text: &str) -> Result<Url, Refusal> {
        // All of these are passed over or turned into something else by the reading of browsers: then a reader saw another address than we do.
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if text.len() > MAX_BYTES || text.chars().any(is_odd) {
            return Err(Refusal::Malformed);
        }
        let url = Url::parse(text).map_err(|_| Refusal::Malformed)?;
        if self.is_of_another_scheme(&url) {
            return Err(Refusal::Scheme);
        }
        // `https://@host` has credentials, empty ones.
        let authority = text.split_once("//").map_or(text, |(_, rest)| rest);
        if authority.split(['/', '?', '#']).next().is_some_and(|it| it.contains('@')) {
            return Err(Refusal::Credentials);
        }
        self.check_url(&url)?;
        Ok(url)
    }

    /// The same of an address that was read before.
    pub(crate) fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        if url.as_str().len() > MAX_BYTES {
            return Err(Refusal::Malformed);
        }
        if self.is_of_another_scheme(url) {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let is_allowed = match url.host() {
            None => false,
            Some(Host::Ipv4(address)) => self.allows(address.into(), url),
            Some(Host::Ipv6(address)) => self.allows(address.into(), url),
            Some(Host::Domain(name)) => self.allows_name(name),
        };
        if !is_allowed {
            return Err(Refusal::Host);
        }
        let port = url.port_or_known_default();
        if port.is_some_and(|port| self.ports.contains(&port)) {
            Ok(())
        } else {
            Err(Refusal::Port)
        }
    }

    /// Whether an address of a host is one to connect to.
    pub(crate) fn leads_to(&self, address: IpAddr) -> bool {
        is_public(address) || self.networks.iter().any(|it| it.contains(&address.to_canonical()))
    }

    fn is_of_another_scheme(&self, url: &Url) -> bool {
        !(url.scheme() == "https" || self.allow_http && url.scheme() == "http")
    }

    /// A host that is a number.
    fn allows(&self, address: IpAddr, url: &Url) -> bool {
        let is_listed = self.hosts.is_empty() || self.is_listed(url.host_str().unwrap_or_default());
        self.leads_to(address) && is_listed
    }

    /// A host that has a name. Where it leads is looked at when it is asked for.
    fn allows_name(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        if !self.hosts.is_empty() {
            return self.is_listed(name);
        }
        let is_near = |end: &&str| name.strip_suffix(*end).is_some_and(|it| it.ends_with('.'));
        name.contains('.') && !NEAR.iter().any(is_near)
    }

    fn is_listed(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| match host.strip_prefix('.') {
            Some(domain) => name.strip_suffix(domain).is_some_and(|it| it.ends_with('.')),
            None => name == host,
        })
    }
}
