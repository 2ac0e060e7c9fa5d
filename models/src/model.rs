//! A manifest and its network.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::network::{Network, RunError};
use crate::{Kind, Likeness, Manifest, Refusal};

/// A model that was loaded and fits its manifest.
#[derive(Debug)]
pub struct Model {
    manifest: Manifest,
    network: Network,
    card: Card,
}

/// What identifies a model in reports. Results are comparable where all of it is equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Name in the manifest.
    pub name: String,
    /// Version in the manifest.
    pub version: String,
    /// What the numbers are.
    pub kind: Kind,
    /// SHA-256 of the manifest, 64 lower-case hexadecimal digits.
    pub manifest_sha256: String,
    /// SHA-256 of the ONNX file, likewise.
    pub onnx_sha256: String,
    /// What makes an embedding take part in matching, from the manifest.
    pub matching: Option<Likeness>,
}

impl Model {
    /// Loads a model from the bytes of its two files. [`Model::check`] says whether it also runs.
    ///
    /// # Errors
    ///
    /// [`Refusal`] with a stable code.
    pub fn load(manifest: &[u8], onnx: Vec<u8>) -> Result<Self, Refusal> {
        let manifest_sha256 = hex_sha256(manifest);
        let manifest = Manifest::from_toml(manifest)?;
        let card = Card {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            kind: manifest.output.kind,
            manifest_sha256,
            onnx_sha256: hex_sha256(&onnx),
            matching: manifest.matching,
        };
        let network = Network::load(onnx, &manifest)?;
        Ok(Self { manifest, network, card })
    }

    /// What the operator says about the model.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What identifies the model.
    pub fn card(&self) -> &Card {
        &self.card
    }

    pub(crate) fn run(&self, window: &[f32]) -> Result<Vec<f32>, RunError> {
        self.network.run(window)
    }
}

fn hex_sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("a string takes any text");
    }
    hex
}
