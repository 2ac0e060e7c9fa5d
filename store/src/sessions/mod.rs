//! Sessions: from coming in with a password until logging out.
//!
//! A session has one refresh token at a time: its id, a part that stays and a part that changes with each use. Whoever shows the part that
//! stays beside an old one that changes has a copy of a token that was used before; as nobody can tell which of the two holders is the
//! thief, the session ends for both (RFC 9700, section 4.14.2).

mod authenticate;
mod close;
mod open;
mod refresh;
mod ticket;

pub use authenticate::{SignedIn, authenticate};
pub use close::close;
pub use open::{Opened, open};
pub use refresh::{Refreshed, refresh};
