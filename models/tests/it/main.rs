//! Models of `fixtures/models`: those that work, those that stumble, those that are refused.
#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]

mod extracting;
mod refusing;

use models::{Model, Refusal};

/// The bytes of a file of `fixtures/models`.
fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixtures::path(&format!("models/{name}"))).unwrap()
}

fn load(name: &str) -> Result<Model, Refusal> {
    Model::load(&bytes(&format!("{name}.toml")), bytes(&format!("{name}.onnx")))
}
