//! Access tokens: JSON Web Tokens of one form only, after RFC 9068.
//!
//! A token says how it is to be verified, which is what most attacks on such tokens live on. Here nothing depends on it: the algorithm is
//! Ed25519 (RFC 8037), whatever the header says, a header or a claim that is not exactly of the form below is refused, and the key
//! is one of ours by its id.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::{KeyId, SessionId, UserId};
use time::{Duration, OffsetDateTime};

/// How far the clocks of two hosts may differ.
const CLOCK_SKEW: Duration = Duration::minutes(1);

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: Algorithm,
    kid: KeyId,
    typ: Type,
}

#[derive(Debug, Serialize, Deserialize)]
enum Algorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
}

#[derive(Debug, Serialize, Deserialize)]
enum Type {
    #[serde(rename = "at+jwt")]
    AccessToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Issuer {
    #[serde(rename = "consort")]
    Consort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Audience {
    #[serde(rename = "consort-api")]
    Api,
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    iss: Issuer,
    aud: Audience,
    pub(super) sub: UserId,
    pub(super) sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

impl Claims {
    pub(super) fn new(
        sub: UserId,
        sid: SessionId,
        now: OffsetDateTime,
        lifetime: std::time::Duration,
    ) -> Self {
        let iat = now.unix_timestamp();
        let lifetime_s = i64::try_from(lifetime.as_secs()).unwrap_or(0);
        let (iss, aud) = (Issuer::Consort, Audience::Api);
        Self { iss, aud, sub, sid, iat, nbf: iat, exp: iat.saturating_add(lifetime_s) }
    }
}

fn encoded(part: &impl Serialize) -> String {
    let json = serde_json::to_vec(part).expect("strings and numbers are JSON");
    URL_SAFE_NO_PAD.encode(json)
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The token that says `claims`.
pub(super) fn sign(pair: &Ed25519KeyPair, kid: KeyId, claims: &Claims) -> String {
    let header = Header { alg: Algorithm::EdDsa, kid, typ: Type::AccessToken };
    let input = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// The key that a token of our form names. Nothing is verified yet.
pub(super) fn key_id(token: &str) -> Option<KeyId> {
    let (header, _) = token.split_once('.')?;
    decoded::<Header>(header).map(|header| header.kid)
}

/// What a token says, if `public_key` signed it and it is good now.
pub(super) fn verify(token: &str, public_key: &[u8], now: OffsetDateTime) -> Option<Claims> {
    let (input, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    UnparsedPublicKey::new(&ED25519, public_key).verify(input.as_bytes(), &signature).ok()?;
    let (_, claims) = input.split_once('.')?;
    let claims: Claims = decoded(claims)?;
    let latest_beginning = (now + CLOCK_SKEW).unix_timestamp();
    (claims.nbf <= latest_beginning && now.unix_timestamp() < claims.exp).then_some(claims)
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::KeyPair;
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-04 05:06:07 UTC);

    fn pair() -> Ed25519KeyPair {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()
    }

    fn claims() -> Claims {
        let lifetime = std::time::Duration::from_mins(10);
        Claims::new(UserId::from_u128(1), SessionId::from_u128(2), NOW, lifetime)
    }

    fn header() -> Value {
        json!({ "alg": "EdDSA", "kid": KeyId::from_u128(3), "typ": "at+jwt" })
    }

    fn signed(pair: &Ed25519KeyPair, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encoded(header), encoded(claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    #[test]
    fn says_what_was_signed_while_it_is_good() {
        let pair = pair();
        let token = sign(&pair, KeyId::from_u128(3), &claims());
        assert_eq!(key_id(&token), Some(KeyId::from_u128(3)));
        let verify =
            |after_s| verify(&token, pair.public_key().as_ref(), NOW + Duration::seconds(after_s));
        assert_eq!(verify(0), Some(claims()));
        assert_eq!(verify(599), Some(claims()));
        assert_eq!(verify(600), None);
        assert_eq!(verify(-60), Some(claims()));
        assert_eq!(verify(-61), None);
    }

    #[test]
    fn another_key_or_another_text_is_nothing() {
        let (pair, other) = (pair(), pair());
        let token = sign(&pair, KeyId::from_u128(3), &claims());
        assert_eq!(verify(&token, other.public_key().as_ref(), NOW), None);
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(verify(&changed, pair.public_key().as_ref(), NOW), None, "{place}");
        }
    }

    #[test]
    fn a_claim_of_another_form_is_refused_though_it_is_signed() {
        let pair = pair();
        let good = serde_json::to_value(claims()).unwrap();
        let check = |claims: &Value| {
            let token = signed(&pair, &header(), claims);
            verify(&token, pair.public_key().as_ref(), NOW).is_some()
        };
        assert!(check(&good));
        for (name, value) in [
            ("exp", json!("never")),
            ("exp", json!(9.9e9)),
            ("exp", json!(null)),
            ("nbf", json!("2020-01-01")),
            ("nbf", json!([])),
            ("aud", json!(["consort-api"])),
            ("aud", json!("other")),
            ("iss", json!("Consort")),
            ("sub", json!("x")),
            ("sid", json!(7)),
            ("admin", json!(true)),
        ] {
            let mut claims = good.clone();
            claims[name] = value;
            assert!(!check(&claims), "{name}: {claims}");
        }
        for name in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().remove(name);
            assert!(!check(&claims), "without {name}");
        }
    }

    #[test]
    fn a_header_of_another_form_names_no_key() {
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("None")),
            ("alg", json!("HS256")),
            ("alg", json!("eddsa")),
            ("alg", json!(["EdDSA"])),
            ("typ", json!("JWT")),
            ("kid", json!("../../etc/passwd")),
            ("kid", json!("' or 1=1 --")),
            ("kid", json!(1)),
            ("jku", json!("http://127.0.0.1/keys")),
            ("jwk", json!({ "kty": "OKP" })),
            ("x5u", json!("http://127.0.0.1/")),
            ("crit", json!(["exp"])),
        ] {
            let mut changed = header();
            changed[name] = value;
            assert_eq!(key_id(&format!("{}.e30.", encoded(&changed))), None, "{changed}");
        }
    }
}
