//! Bearer tokens of programs. Only their SHA-256 is stored: a stolen database opens no door.

mod authenticate;
mod issue;
mod list;
mod scope;
mod touch;

pub use authenticate::{Identity, authenticate};
pub use issue::{NewToken, issue};
pub use list::{Token, list, revoke};
pub use scope::Scope;
pub use touch::{USE_INTERVAL, touch};

/// What the secret of a token begins with.
const PREFIX: &str = "cst_";
