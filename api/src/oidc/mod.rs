//! Tokens of other issuers: OpenID providers that the operator has named.
//!
//! A token is taken for its user's if one of the issuer's published keys has signed it, for us, for now. Nothing that the token says chooses how it is
//! verified: the algorithms and the address of the keys are the operator's, and a header that names keys or addresses of its own is not followed.

mod algorithm;
mod claims;
mod config;
mod issuers;
mod jwk;
mod keys;
mod token;

pub use algorithm::Algorithm;
pub use config::Config;

pub(crate) use config::several;
pub(crate) use issuers::Issuers;
