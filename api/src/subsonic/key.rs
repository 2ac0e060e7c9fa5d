//! The extension `apiKeyAuthentication`: a token of a program in the parameter `apiKey`.
//!
//! Nothing else counts here, neither `Authorization` nor the word of a gateway: players know no other way, and one is easier to watch than
//! three.

use super::failure::Failure;
use super::parameters::Parameters;
use crate::error::Result;
use crate::identity::{Identity, of_program};
use crate::state::State;

/// Parameters of the two older ways to come in, which we do not have: they need the password itself.
const OF_PASSWORDS: [&str; 4] = ["u", "p", "t", "s"];

/// Whose key it is.
pub(super) async fn identity(state: &State, parameters: &Parameters) -> Result<Identity, Failure> {
    let has = |name: &&str| parameters.get(name).is_some();
    let has_other = OF_PASSWORDS.iter().any(has);
    let mut keys = parameters.all("apiKey");
    match (keys.next(), keys.next()) {
        (None, _) if has(&"t") || has(&"s") => {
            Err(Failure::refused(41, "token authentication is not supported, use apiKey"))
        }
        (None, _) if has(&"p") => {
            Err(Failure::refused(42, "passwords are not supported here, use apiKey"))
        }
        (None, _) => Err(Failure::missing("apiKey")),
        (Some(key), None) if !has_other => {
            let identity = of_program(state, key).await?;
            identity
                .ok_or_else(|| Failure::refused(44, "the API key is unknown, expired or revoked"))
        }
        _ => Err(Failure::refused(43, "there are several ways to log in, give apiKey alone")),
    }
}
