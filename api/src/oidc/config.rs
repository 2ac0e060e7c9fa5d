//! Settings of an issuer.

use serde::{Deserialize, Deserializer, de};

use super::algorithm::Algorithm;

/// An issuer whose tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Its name for itself, letter by letter as in `iss`; an address.
    pub issuer: String,
    /// What its tokens for us name in `aud`.
    pub audience: String,
    /// Where its keys are; unless given, where `issuer` says under `/.well-known/openid-configuration`.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// How its tokens may be signed.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// The claim that names the user, for ever and no other.
    #[serde(default = "user_claim")]
    pub user_claim: String,
    /// For whom its tokens may have been made (`azp`); empty: for anybody, if they are for us alone.
    #[serde(default)]
    pub authorized_parties: Vec<String>,
    /// Whether users are made when they are first seen.
    #[serde(default = "create_users")]
    pub create_users: bool,
}

fn algorithms() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDsa]
}

fn user_claim() -> String {
    "sub".to_owned()
}

fn create_users() -> bool {
    true
}

impl Config {
    /// The rule that it breaks.
    fn fault(&self) -> Option<&'static str> {
        let is_address = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        if !is_address(&self.issuer) || !self.jwks_url.as_deref().is_none_or(is_address) {
            return Some("issuer and jwks_url must be addresses");
        }
        if self.audience.is_empty() || self.user_claim.is_empty() {
            return Some("audience and user_claim must not be empty");
        }
        self.algorithms.is_empty().then_some("algorithms must not be empty")
    }
}

/// Issuers, each once.
pub(crate) fn several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Config>, D::Error> {
    let issuers = Vec::<Config>::deserialize(deserializer)?;
    if let Some(fault) = issuers.iter().find_map(Config::fault) {
        return Err(de::Error::custom(fault));
    }
    for (n, issuer) in issuers.iter().enumerate() {
        if issuers[..n].iter().any(|other| other.issuer == issuer.issuer) {
            return Err(de::Error::custom("an issuer is there twice"));
        }
    }
    Ok(issuers)
}

#[cfg(test)]
mod tests {
    use crate::Config;

    #[test]
    fn an_issuer_has_to_be_meant() {
        let read = |oidc: &str| {
            let config = serde_json::from_str::<Config>(&format!(r#"{{"oidc": [{oidc}]}}"#));
            config.map(|config| config.oidc).map_err(|error| error.to_string())
        };
        let good = r#"{"issuer": "https://id.example.org", "audience": "consort"}"#;
        let issuer = &read(good).unwrap()[0];
        assert_eq!((issuer.user_claim.as_str(), issuer.create_users), ("sub", true));
        for bad in [
            r#"{"issuer": "https://id.example.org"}"#,
            r#"{"issuer": "id.example.org", "audience": "consort"}"#,
            r#"{"issuer": "https://id.example.org", "audience": ""}"#,
            r#"{"issuer": "https://id.example.org", "audience": "a", "jwks_url": "/etc/keys"}"#,
            r#"{"issuer": "https://id.example.org", "audience": "a", "algorithms": []}"#,
            r#"{"issuer": "https://id.example.org", "audience": "a", "algorithms": ["HS256"]}"#,
            r#"{"issuer": "https://id.example.org", "audience": "a", "algorithms": ["none"]}"#,
            r#"{"issuer": "https://id.example.org", "audience": "a", "admin_claim": "x"}"#,
            &format!("{good}, {good}"),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
