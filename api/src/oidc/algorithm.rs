//! Algorithms of signatures (RFC 7518, RFC 8037): those with a public key only.

use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use serde::Deserialize;

/// How a token may be signed. There is none without a signature, and none with a secret that both sides know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the registry")]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// A public key, as its kind has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Material {
    /// Modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point.
    P256(Vec<u8>),
    /// An uncompressed point.
    P384(Vec<u8>),
    /// The 32 bytes of RFC 8032.
    Ed25519(Vec<u8>),
}

impl Algorithm {
    /// The algorithm with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }

    /// Whether this is an algorithm for keys of this kind.
    pub(super) fn fits(self, key: &Material) -> bool {
        match key {
            Material::Rsa { .. } => matches!(
                self,
                Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512
            ),
            Material::P256(_) => self == Self::ES256,
            Material::P384(_) => self == Self::ES384,
            Material::Ed25519(_) => self == Self::EdDsa,
        }
    }

    /// Whether `key` has signed `message`.
    pub(super) fn verifies(self, key: &Material, message: &[u8], signature: &[u8]) -> bool {
        if !self.fits(key) {
            return false;
        }
        let of_rsa = match self {
            Self::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::PS384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::PS512 => &signature::RSA_PSS_2048_8192_SHA512,
            Self::ES256 => return by(&signature::ECDSA_P256_SHA256_FIXED, key, message, signature),
            Self::ES384 => return by(&signature::ECDSA_P384_SHA384_FIXED, key, message, signature),
            Self::EdDsa => return by(&signature::ED25519, key, message, signature),
        };
        match key {
            Material::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(of_rsa, message, signature).is_ok()
            }
            Material::P256(_) | Material::P384(_) | Material::Ed25519(_) => false,
        }
    }
}

fn by(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &Material,
    message: &[u8],
    signature: &[u8],
) -> bool {
    match key {
        Material::P256(bytes) | Material::P384(bytes) | Material::Ed25519(bytes) => {
            UnparsedPublicKey::new(algorithm, bytes).verify(message, signature).is_ok()
        }
        Material::Rsa { .. } => false,
    }
}
