//! Tokens of another issuer, whose keys a host on loopback publishes.

mod forged;
mod provider;
mod trust;
