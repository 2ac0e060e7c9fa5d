//! A gateway that has found out who asks, and says so in a header.
//!
//! Off unless configured. The header counts only when the connection comes from one of the trusted proxies: from anywhere else it is as
//! if it were not there. `Authorization` goes before it.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use store::foreign_identities;

use super::{Credential, Identity};
use crate::error::{Error, Result};
use crate::state::State;

/// What the word of the gateway is kept under.
const ISSUER: &str = "gateway";
/// Longer names are refused.
const MAX_NAME_BYTES: usize = 255;

/// The other end of the connection that a request came by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Whom the gateway names; the user is made when first named.
pub(super) async fn foreigner(
    state: &State,
    peer: Option<Peer>,
    headers: &HeaderMap,
) -> Result<Option<Identity>> {
    let name = &state.config.auth.trusted_header;
    let (Some(name), Some(Peer(address))) = (name, peer) else {
        return Ok(None);
    };
    if !headers.contains_key(name) || !state.config.proxies.trusts(address.ip()) {
        return Ok(None);
    }
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(refused()) };
    let subject = std::str::from_utf8(value.as_bytes()).map_err(|_| refused())?.trim();
    let is_name =
        (1..=MAX_NAME_BYTES).contains(&subject.len()) && !subject.chars().any(char::is_control);
    if !is_name {
        return Err(refused());
    }
    let found = foreign_identities::resolve(&state.store, ISSUER, subject, subject).await?;
    let (user_id, role) = (found.user_id, found.role);
    Ok(Some(Identity { user_id, role, credential: Credential::Foreign }))
}

fn refused() -> Error {
    Error::Unauthorized { is_token_given: true }
}
