//! Where a request comes from, when proxies stand between.
//!
//! A proxy names the client in a header, and so can the client itself. What can be believed is what trusted proxies added: the list is read
//! from its end, and the first address that is not theirs is the client's.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies before the service, and what they say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proxies {
    /// Where their connections come from: addresses, or networks such as `10.0.0.0/8`.
    #[serde(deserialize_with = "networks")]
    pub trusted: Vec<IpNet>,
    /// The header in which they name whom they speak for. The other one is never looked at, for they pass it on as clients sent it.
    pub client_header: ClientHeader,
}

/// Where a request came by, nearest to the client first; `None` for what is no address.
type Hops = Vec<Option<IpAddr>>;

/// The header in which a proxy names its client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientHeader {
    /// `X-Forwarded-For`, a list of addresses.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Proxies {
    /// Whether connections from this address are those of a trusted proxy.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// The address of the client whose request came from `peer`.
    ///
    /// What is left of an entry that is no address (`unknown`, a made-up name) is not believed either: then it is the proxy that wrote it.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for hop in self.hops(headers).into_iter().rev() {
            let Some(address) = hop else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    /// What the header lists.
    fn hops(&self, headers: &HeaderMap) -> Hops {
        let (name, read): (HeaderName, fn(&str) -> Hops) = match self.client_header {
            ClientHeader::XForwardedFor => (X_FORWARDED_FOR, x_forwarded_for),
            ClientHeader::Forwarded => (header::FORWARDED, forwarded),
        };
        // Several lines are one list (RFC 9110, section 5.3).
        let values = headers.get_all(name);
        values.iter().flat_map(|value| value.to_str().map_or(vec![None], read)).collect()
    }
}

fn x_forwarded_for(value: &str) -> Hops {
    value.split(',').map(|hop| address(hop.trim())).collect()
}

/// RFC 7239, section 4: elements between commas, pairs between semicolons, values that may be quoted.
fn forwarded(value: &str) -> Hops {
    let for_of = |element: &str| {
        let pair = unquoted_split(element, ';').into_iter().find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
        })?;
        address(pair.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or(pair))
    };
    unquoted_split(value, ',').into_iter().map(for_of).collect()
}

/// Splits where `separator` stands outside of quotes.
fn unquoted_split(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let is_end = |character: char| {
        is_quoted ^= character == '"';
        character == separator && !is_quoted
    };
    text.split(is_end).collect()
}

/// An address with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
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
    use axum::http::HeaderValue;

    use super::*;

    fn read(json: &str) -> Proxies {
        serde_json::from_str(json).unwrap()
    }

    fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn trusts_nobody_unless_told() {
        let proxies = Proxies::default();
        assert!(!proxies.trusts("127.0.0.1".parse().unwrap()));
        let headers = headers("x-forwarded-for", &["192.0.2.1"]);
        let peer: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(proxies.client(peer, &headers), peer);
    }

    #[test]
    fn knows_addresses_and_networks_in_both_notations() {
        let proxies = read(r#"{"trusted": ["10.1.2.3/8", "::1", "192.0.2.7"]}"#);
        for (address, expected) in [
            ("10.255.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("11.0.0.1", false),
            ("::1", true),
            ("::2", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
        ] {
            assert_eq!(proxies.trusts(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        for bad in [
            r#"{"trusted": ["localhost"]}"#,
            r#"{"trusted": ["10.0.0.0/33"]}"#,
            r#"{"client_header": "x-real-ip"}"#,
            r#"{"surprise": 1}"#,
        ] {
            assert!(serde_json::from_str::<Proxies>(bad).is_err(), "{bad}");
        }
    }

    /// Values of RFC 7239 (sections 4, 6.1 and 7.1) and of proxies in use.
    #[test]
    fn the_client_is_the_last_that_no_proxy_of_ours_is() {
        let x = read(r#"{"trusted": ["10.0.0.0/8", "fd00::/8"]}"#);
        let f = read(r#"{"trusted": ["10.0.0.0/8", "fd00::/8"], "client_header": "forwarded"}"#);
        let check = |proxies: &Proxies, peer: &str, values: &[&str], expected: &str| {
            let name = match proxies.client_header {
                ClientHeader::XForwardedFor => "x-forwarded-for",
                ClientHeader::Forwarded => "forwarded",
            };
            let client = proxies.client(peer.parse().unwrap(), &headers(name, values));
            assert_eq!(client.to_string(), expected, "{peer} {values:?}");
        };
        check(&x, "10.0.0.1", &["203.0.113.195"], "203.0.113.195");
        check(&x, "::ffff:10.0.0.1", &["203.0.113.195"], "203.0.113.195");
        // What the client wrote itself stands before what the proxy added.
        check(&x, "10.0.0.1", &["1.1.1.1, 203.0.113.195"], "203.0.113.195");
        check(&x, "10.0.0.1", &["1.1.1.1", "203.0.113.195, 10.0.0.9"], "203.0.113.195");
        check(&x, "10.0.0.1", &["10.0.0.8,10.0.0.9"], "10.0.0.8");
        check(&x, "10.0.0.1", &["1.1.1.1, unknown, 10.0.0.9"], "10.0.0.9");
        check(&x, "10.0.0.1", &[], "10.0.0.1");
        check(&x, "10.0.0.1", &[""], "10.0.0.1");
        check(&x, "10.0.0.1", &["203.0.113.195:4711"], "203.0.113.195");
        check(&x, "10.0.0.1", &["[2001:db8:cafe::17]:4711"], "2001:db8:cafe::17");
        check(&x, "10.0.0.1", &["2001:db8:cafe::17"], "2001:db8:cafe::17");
        // Who is no proxy of ours says what it likes.
        check(&x, "203.0.113.1", &["198.51.100.1"], "203.0.113.1");
        check(&f, "fd00::1", &["for=192.0.2.43, for=\"[2001:db8:cafe::17]\""], "2001:db8:cafe::17");
        check(&f, "10.0.0.1", &["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17");
        check(&f, "10.0.0.1", &["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60");
        check(&f, "10.0.0.1", &["proto=\"a,b;for=1.1.1.1\";for=192.0.2.60"], "192.0.2.60");
        check(&f, "10.0.0.1", &["for=192.0.2.43, for=_hidden"], "10.0.0.1");
        check(&f, "10.0.0.1", &["for=\"_gazonk\""], "10.0.0.1");
    }

    #[test]
    fn the_header_that_is_not_configured_is_not_there() {
        let proxies = read(r#"{"trusted": ["10.0.0.0/8"]}"#);
        let forged = headers("forwarded", &["for=1.1.1.1"]);
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(proxies.client(peer, &forged), peer);
    }
}
