//! How many requests one caller may send.
//!
//! Each address is limited before it is known who asks, and each token of a program or user after that. Logins and registrations have a
//! limit of their own, because whoever guesses passwords needs many of them. What a caller has left stands in `RateLimit` and
//! `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). Each process counts for itself.

mod config;
mod limiter;
mod table;

use std::net::IpAddr;

use axum::extract::{self, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::auth::PASSWORD_PATHS;
use crate::error::Error;
use crate::identity::{Credential, Identity, Peer};
use crate::metrics;
use crate::state::State;

pub use config::{Config, Rate};
use limiter::{Limiter, Standing};

/// What asks whether the service is well must always be answered.
pub(crate) const FREE_PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The limits of this process; `None` is none.
#[derive(Debug)]
pub(crate) struct Limits {
    token: Option<Limiter>,
    address: Option<Limiter>,
    login: Option<Limiter>,
}

impl Limits {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            token: Limiter::new("token", config.token),
            address: Limiter::new("address", config.address),
            login: Limiter::new("login", config.login),
        }
    }
}

/// Counts a request for its address, before anything is asked of the database. Within the process there is no address.
pub(crate) async fn by_address(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let peer = request.extensions().get::<Peer>().filter(|_| !FREE_PATHS.contains(&path));
    let Some(Peer(peer)) = peer else { return next.run(request).await };
    let caller = of_address(state.config.proxies.client(peer.ip(), request.headers()));
    let login = state.limits.login.as_ref().filter(|_| PASSWORD_PATHS.contains(&path));
    limited([login, state.limits.address.as_ref()], caller, request, next).await
}

/// Counts a request for whoever turned out to send it.
pub(crate) async fn by_caller(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let Some(identity) = request.extensions().get::<Identity>() else {
        return next.run(request).await;
    };
    let caller = match identity.credential {
        Credential::Token { id, .. } => id.as_u128(),
        Credential::Session { .. } | Credential::Foreign => identity.user_id.as_u128(),
    };
    limited([None, state.limits.token.as_ref()], caller, request, next).await
}

async fn limited(
    limits: [Option<&Limiter>; 2],
    caller: u128,
    request: Request,
    next: Next,
) -> Response {
    let mut standings = Vec::with_capacity(limits.len());
    for limit in limits.into_iter().flatten() {
        match limit.count(caller) {
            Ok(standing) => standings.push(standing),
            Err(standing) => {
                metrics::rate_limited(standing.name);
                tracing::debug!("refused a request above the limit for each {}", standing.name);
                let mut response =
                    Error::RateLimited { limit: standing.name, wait_s: standing.reset_s }
                        .into_response();
                standings.push(standing);
                tell(response.headers_mut(), &standings);
                return response;
            }
        }
    }
    let mut response = next.run(request).await;
    tell(response.headers_mut(), &standings);
    response
}

/// Adds how a caller stands to what is there already: several lines are one list (RFC 8941, section 3.1).
fn tell(headers: &mut HeaderMap, standings: &[Standing]) {
    for Standing { name, n_burst, window_s, n_left, reset_s } in standings {
        for (header, value) in [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={n_burst};w={window_s}")),
            (RATE_LIMIT, format!("\"{name}\";r={n_left};t={reset_s}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(header, value);
            }
        }
    }
}

/// IPv4 as it is; of IPv6 the first half, because whoever has one address there has 2^64 of them.
fn of_address(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_version_6_counts_by_its_network() {
        let key = |text: &str| of_address(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
    }
}
