//! The issuers whose tokens are taken.

use store::Store;
use store::foreign_identities::{self, Foreigner};

use super::claims;
use super::config::Config;
use super::keys::Keys;
use super::token::Token;
use crate::error::Result;

/// The issuers whose tokens are taken.
#[derive(Debug)]
pub(crate) struct Issuers(Vec<Issuer>);

#[derive(Debug)]
struct Issuer {
    config: Config,
    keys: Keys,
}

impl Issuers {
    pub(crate) fn new(configs: &[Config]) -> Self {
        let issuer = |config: &Config| Issuer { config: config.clone(), keys: Keys::default() };
        Self(configs.iter().map(issuer).collect())
    }

    /// The user whom a token speaks for, made at first sight if the operator wants that.
    pub(crate) async fn user(&self, store: &Store, token: &str) -> Result<Option<Foreigner>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let Some(token) = Token::read(token) else { return Ok(None) };
        let named = token.claims.get("iss").and_then(|issuer| issuer.as_str());
        let Some(issuer) = self.0.iter().find(|it| Some(it.config.issuer.as_str()) == named) else {
            return Ok(None);
        };
        let config = &issuer.config;
        // What is not for us or not for now is refused before anybody is asked for keys.
        let Some(subject) = claims::subject(&token.claims, config, store.now()) else {
            return Ok(None);
        };
        if !config.algorithms.contains(&token.alg) || !issuer.has_signed(store, &token).await {
            return Ok(None);
        }
        if config.create_users {
            let (id, name) = (&subject.id, &subject.name);
            return Ok(Some(foreign_identities::resolve(store, &config.issuer, id, name).await?));
        }
        Ok(foreign_identities::find(store, &config.issuer, &subject.id).await?)
    }
}

impl Issuer {
    async fn has_signed(&self, store: &Store, token: &Token<'_>) -> bool {
        let (alg, kid) = (token.alg, token.kid.as_deref());
        let held = self.keys.with(&self.config, store, |key| key.may_have_signed(alg, kid)).await;
        let Some(held) = held else { return false };
        let mut keys = held.keys.iter().filter(|key| key.may_have_signed(alg, kid));
        let (Some(key), rest) = (keys.next(), keys) else { return false };
        let has_signed = |it: &super::jwk::Key| it.has_signed(alg, token.message, &token.signature);
        // Without the name of a key there must be no choice.
        let mut rest = rest.peekable();
        if kid.is_none() && rest.peek().is_some() {
            return false;
        }
        has_signed(key) || rest.any(has_signed)
    }
}
