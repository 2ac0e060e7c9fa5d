//! `/v1/auth`: coming in with a name and a password, and leaving.

mod access_token;
mod answer;
mod config;
mod keys;
mod login;
mod logout;
mod me;
mod password;
mod passwords;
mod refresh;
mod register;

pub use config::{Config, Registration};
pub use passwords::{hash_password, one_time_password};

pub(crate) use keys::Keys;
pub(crate) use login::{__path_login, login};
pub(crate) use logout::{__path_logout, logout};
pub(crate) use me::{__path_me, me};
pub(crate) use password::{__path_change, change};
pub(crate) use passwords::hashed;
pub(crate) use refresh::{__path_refresh, refresh};
pub(crate) use register::{__path_register, register};

/// The paths under `/v1` that need no token: they are how one is got.
pub(crate) const OPEN_PATHS: [&str; 3] = [register::PATH, login::PATH, refresh::PATH];

/// Those of them that take a name and a password, which somebody may be guessing.
pub(crate) const PASSWORD_PATHS: [&str; 2] = [register::PATH, login::PATH];
