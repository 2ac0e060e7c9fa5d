//! Keys as issuers publish them (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::algorithm::{Algorithm, Material};

/// Keys of an issuer that are read.
const MAX_KEYS: usize = 100;
/// Bytes of the modulus of RSA: 2048 to 8192 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// A key that signs tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Its name.
    pub(super) kid: Option<String>,
    /// The algorithm that it is for, if it says so.
    alg: Option<Algorithm>,
    /// The key.
    material: Material,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a set that sign tokens. What is something else is passed over, as the standard wants; `None` if it is no set.
pub(super) fn read(json: &[u8]) -> Option<Vec<Key>> {
    let set: Set = serde_json::from_slice(json).ok()?;
    Some(set.keys.into_iter().take(MAX_KEYS).filter_map(key).collect())
}

fn key(value: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if jwk.usage.is_some_and(|usage| usage != "sig") {
        return None;
    }
    if jwk.key_ops.is_some_and(|operations| !operations.iter().any(|it| it == "verify")) {
        return None;
    }
    let alg = match jwk.alg.as_deref() {
        None => None,
        Some(name) => Some(Algorithm::named(name)?),
    };
    let (x, y) = (bytes(jwk.x), bytes(jwk.y));
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => rsa(bytes(jwk.n)?, bytes(jwk.e)?)?,
        ("EC", Some("P-256")) => Material::P256(point(&x?, &y?, 32)?),
        ("EC", Some("P-384")) => Material::P384(point(&x?, &y?, 48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(x.filter(|x| x.len() == 32)?),
        _ => return None,
    };
    let is_for_it = alg.is_none_or(|alg| alg.fits(&material));
    is_for_it.then_some(Key { kid: jwk.kid, alg, material })
}

fn bytes(text: Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

fn rsa(n: Vec<u8>, e: Vec<u8>) -> Option<Material> {
    // Some write a zero before.
    let without_zeros =
        |bytes: Vec<u8>| -> Vec<u8> { bytes.into_iter().skip_while(|byte| *byte == 0).collect() };
    let (n, e) = (without_zeros(n), without_zeros(e));
    (RSA_BYTES.contains(&n.len()) && !e.is_empty()).then_some(Material::Rsa { n, e })
}

fn point(x: &[u8], y: &[u8], n_bytes: usize) -> Option<Vec<u8>> {
    let fits = x.len() == n_bytes && y.len() == n_bytes;
    fits.then(|| [&[4], x, y].concat())
}

impl Key {
    /// Whether it may have signed a token with this header.
    pub(super) fn may_have_signed(&self, alg: Algorithm, kid: Option<&str>) -> bool {
        let is_named = kid.is_none_or(|kid| self.kid.as_deref() == Some(kid));
        is_named && self.alg.is_none_or(|own| own == alg) && alg.fits(&self.material)
    }

    /// Whether it has signed.
    pub(super) fn has_signed(&self, alg: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        alg.verifies(&self.material, message, signature)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_keys_that_sign_are_read() {
        let text = |n: usize| URL_SAFE_NO_PAD.encode(vec![7; n]);
        let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": text(32), "kid": "a" });
        let with = |name: &str, value: Value| {
            let mut key = ed.clone();
            key[name] = value;
            key
        };
        let n_read = |key: Value| {
            read(json!({ "keys": [key] }).to_string().as_bytes()).map_or(9, |keys| keys.len())
        };
        for good in [
            ed.clone(),
            with("use", json!("sig")),
            with("key_ops", json!(["verify"])),
            with("alg", json!("EdDSA")),
            json!({ "kty": "RSA", "n": text(256), "e": "AQAB" }),
            json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([&[0][..], &[7; 256]].concat()), "e": "AQAB" }),
            json!({ "kty": "EC", "crv": "P-256", "x": text(32), "y": text(32) }),
            json!({ "kty": "EC", "crv": "P-384", "x": text(48), "y": text(48) }),
        ] {
            assert_eq!(n_read(good.clone()), 1, "{good}");
        }
        for other in [
            with("use", json!("enc")),
            with("key_ops", json!(["encrypt"])),
            with("alg", json!("HS256")),
            with("alg", json!("RS256")),
            with("crv", json!("Ed448")),
            with("x", json!(text(31))),
            with("x", json!("=!")),
            json!({ "kty": "oct", "k": text(32) }),
            json!({ "kty": "RSA", "n": text(128), "e": "AQAB" }),
            json!({ "kty": "RSA", "n": text(256) }),
            json!({ "kty": "EC", "crv": "secp256k1", "x": text(32), "y": text(32) }),
            json!({ "kty": "EC", "crv": "P-256", "x": text(32) }),
            json!({ "kty": "EC", "crv": "P-256", "x": text(48), "y": text(48) }),
            json!({}),
            json!(7),
        ] {
            assert_eq!(n_read(other.clone()), 0, "{other}");
        }
        for none in ["", "[]", "{}", r#"{"keys": {}}"#, "<html>"] {
            assert_eq!(read(none.as_bytes()), None, "{none}");
        }
        let many = json!({ "keys": vec![ed; 200] }).to_string();
        assert_eq!(read(many.as_bytes()).unwrap().len(), MAX_KEYS);
    }
}
