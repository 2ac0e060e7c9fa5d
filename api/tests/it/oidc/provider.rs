//! An OpenID provider: keys, tokens, and a host that publishes the keys.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use api::{Config, OidcConfig};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
};
use serde_json::{Value, json};
use store::testing::{BlobKind, DatabaseKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::world::World;

/// What tokens for us name.
pub(crate) const AUDIENCE: &str = "consort";

/// A pair of keys.
pub(crate) enum Pair {
    Rsa(rsa::KeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
}

impl Pair {
    /// Made elsewhere, because `ring` makes none.
    pub(crate) fn rsa() -> Self {
        Self::Rsa(rsa::KeyPair::from_der(include_bytes!("rsa.der")).unwrap(), &RSA_PKCS1_SHA256)
    }

    pub(crate) fn pss() -> Self {
        Self::Rsa(rsa::KeyPair::from_der(include_bytes!("rsa.der")).unwrap(), &RSA_PSS_SHA256)
    }

    pub(crate) fn p256() -> Self {
        Self::ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")
    }

    pub(crate) fn p384() -> Self {
        Self::ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")
    }

    fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &'static str) -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap(), curve)
    }

    pub(crate) fn ed() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(pair, _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The public half, as it is published.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair, _) => {
                let public = rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "kid": kid, "use": "sig", "n": text(&public.n), "e": text(&public.e) })
            }
            Self::Ec(pair, curve) => {
                let (x, y) =
                    pair.public_key().as_ref()[1..].split_at(pair.public_key().as_ref().len() / 2);
                json!({ "kty": "EC", "crv": curve, "kid": kid, "x": text(x), "y": text(y) })
            }
            Self::Ed(pair) => {
                let x = text(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x })
            }
        }
    }

    /// The bytes of the public half.
    pub(crate) fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair, _) => pair.public().as_ref().to_vec(),
            Self::Ec(pair, _) => pair.public_key().as_ref().to_vec(),
            Self::Ed(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    pub(crate) fn signed(&self, header: &Value, claims: &Value) -> String {
        self.signed_text(&header.to_string(), &claims.to_string())
    }

    /// What is no JSON, or not one reading of it, can be signed too.
    pub(crate) fn signed_text(&self, header: &str, claims: &str) -> String {
        let input =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }
}

#[derive(Default)]
struct Said {
    documents: HashMap<String, Value>,
    n_asked: usize,
    is_down: bool,
}

/// The host.
pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    said: Arc<Mutex<Said>>,
    _task: AbortOnDropHandle<()>,
}

impl Provider {
    /// A host that publishes these keys.
    pub(crate) async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let said = Arc::<Mutex<Said>>::default();
        let told = Arc::clone(&said);
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 4096];
                let n_read = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..n_read]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default();
                let answer = {
                    let mut said = told.lock().unwrap();
                    said.n_asked += 1;
                    let document = said.documents.get(path).filter(|_| !said.is_down);
                    let (status, body) = match document {
                        Some(document) => (200, document.to_string()),
                        None => (503, String::new()),
                    };
                    let n_bytes = body.len();
                    format!("HTTP/1.1 {status} X\r\ncontent-length: {n_bytes}\r\n\r\n{body}")
                };
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let provider = Self { address, said, _task: AbortOnDropHandle::new(task) };
        let found = json!({ "issuer": provider.issuer(), "jwks_uri": format!("{}/keys", provider.issuer()) });
        provider.say("/.well-known/openid-configuration", found);
        provider.publish(keys);
        provider
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn say(&self, path: &str, document: Value) {
        self.said.lock().unwrap().documents.insert(path.to_owned(), document);
    }

    pub(crate) fn publish(&self, keys: &[Value]) {
        self.say("/keys", json!({ "keys": keys }));
    }

    pub(crate) fn fail(&self, is_down: bool) {
        self.said.lock().unwrap().is_down = is_down;
    }

    pub(crate) fn n_asked(&self) -> usize {
        self.said.lock().unwrap().n_asked
    }

    /// Settings that trust it.
    pub(crate) fn config(&self) -> OidcConfig {
        serde_json::from_value(json!({
            "issuer": self.issuer(),
            "audience": AUDIENCE,
            "jwks_url": format!("{}/keys", self.issuer()),
            "algorithms": ["RS256", "PS256", "ES256", "EdDSA"],
        }))
        .unwrap()
    }

    /// An API that trusts it.
    pub(crate) async fn world(&self, database: DatabaseKind) -> World {
        world(database, self.config()).await
    }

    /// Claims that are good now.
    pub(crate) fn claims(&self, world: &World) -> Value {
        let now = world.store().now().unix_timestamp();
        json!({
            "iss": self.issuer(), "aud": AUDIENCE, "sub": "8a1f", "name": "Ana", "azp": "an app",
            "iat": now, "nbf": now, "exp": now + 600, "scope": "openid admin", "roles": ["admin"],
        })
    }
}

pub(crate) async fn world(database: DatabaseKind, issuer: OidcConfig) -> World {
    let config = Config { oidc: vec![issuer], ..Config::default() };
    World::shaped(database, BlobKind::Local, config).await
}
