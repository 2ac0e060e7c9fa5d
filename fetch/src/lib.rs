//! Bytes from addresses, over HTTP: the only crate that opens a connection because of what somebody else wrote.
//!
//! There are two kinds of addresses. What a **user** names ([`Client::get`]) may be anything, first of all an attempt to make this host speak to its
//! neighbours: it goes nowhere but to public addresses (or those that the operator has named), and the address that was looked at is the one that is
//! connected to. What the **operator** has configured ([`document()`]) may be anywhere, also on a private network.
//!
//! What is absent on purpose: proxies, cookies, credentials, `Referer`, decompression, kept connections, a second look-up of a name, and redirects that
//! anybody but [`Client::get`] follows. Nothing that came is ever part of an error.

mod address;
mod config;
mod connect;
mod document;
mod error;
mod exchange;
mod get;
mod names;
mod rules;
mod tls;

pub use address::is_public;
pub use config::Config;
pub use document::document;
pub use error::{Error, Result};
pub use get::{Answer, Client};
pub use names::Names;
pub use rules::{Refusal, Rules};
