//! `models`: what the models that the operator brought said of the recording.

use crate::digits::rounded;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one model of the operator said of the recording; not ours to vouch for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelResult {
    /// Which model it was. Results are comparable where all of it is equal.
    #[serde(flatten)]
    pub card: ModelCard,
    /// Windows of the recording that the model heard.
    pub n_windows: Option<u64>,
    /// Named values, in the order of the manifest: for regression and classes.
    pub values: Vec<ModelValue>,
    /// Point of an embedding, 6 decimals.
    pub embedding: Vec<f64>,
    /// Why the above is `null` and empty.
    pub reason: Option<ModelReason>,
}

/// What identifies a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelCard {
    /// Name that the operator gave it.
    pub name: String,
    /// Version that the operator gave it.
    pub version: String,
    /// What its numbers are.
    pub kind: ModelKind,
    /// SHA-256 of its ONNX file, 64 lower-case hexadecimal digits.
    pub onnx_sha256: String,
    /// SHA-256 of its manifest, likewise.
    pub manifest_sha256: String,
    /// What makes an embedding take part in matching; `null` where it does not.
    pub matching: Option<ModelLikeness>,
}

/// How alike two recordings picked at random are to an embedding, as its manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelLikeness {
    /// Mean cosine of two recordings, −1 to 1.
    pub typical: f64,
    /// Standard deviation of those cosines, 0.0001 to 1.
    pub deviation: f64,
}

/// What the numbers of a model are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// A point in a space in which near means alike.
    Embedding,
    /// Named quantities.
    Regression,
    /// Named classes, each with a share from 0 to 1.
    Classes,
}

/// One named value of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ModelValue {
    /// Name in the manifest.
    pub name: String,
    /// Mean over the windows, 6 decimals.
    pub value: f64,
}

/// Why a model said nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelReason {
    /// No window of the recording is above −70 dBFS.
    Silence,
    /// The recording is shorter than a window of the model.
    TooShort,
    /// The model said NaN, infinity or a number beyond ±10⁹.
    NotFinite,
    /// The model gave a share of a class outside of 0 to 1.
    OutOfRange,
    /// The model stopped with an error.
    Failed,
    /// The model wanted more memory than it may have.
    MemoryLimit,
    /// The model wanted more time of the processor than it may have.
    CpuLimit,
    /// The model took longer than it may.
    TimeLimit,
    /// The process that ran the model died, and nobody knows why.
    Crashed,
}

impl ModelResult {
    /// What a model said: a mean over the windows for each of `names`, or for each dimension where there are no names.
    ///
    /// A value that is not finite makes the whole result unknown.
    pub fn known(card: ModelCard, names: &[String], means: &[f64], n_windows: u64) -> Self {
        let means: Option<Vec<f64>> = means.iter().map(|&mean| rounded(mean, 6)).collect();
        let Some(means) = means else { return Self::unknown(card, ModelReason::NotFinite) };
        let (mut values, mut embedding) = (Vec::new(), Vec::new());
        if card.kind == ModelKind::Embedding {
            embedding = means;
        } else {
            let pairs = names.iter().zip(means);
            values = pairs.map(|(name, value)| ModelValue { name: name.clone(), value }).collect();
        }
        Self { card, n_windows: Some(n_windows), values, embedding, reason: None }
    }

    /// A model that said nothing.
    pub fn unknown(card: ModelCard, reason: ModelReason) -> Self {
        Self {
            card,
            n_windows: None,
            values: Vec::new(),
            embedding: Vec::new(),
            reason: Some(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(kind: ModelKind) -> ModelCard {
        ModelCard {
            name: "mood".into(),
            version: "1".into(),
            kind,
            onnx_sha256: "00".repeat(32),
            manifest_sha256: "11".repeat(32),
            matching: None,
        }
    }

    #[test]
    fn has_the_documented_shape_and_reads_back() {
        let names = ["calm".to_owned(), "excited".to_owned()];
        let result = ModelResult::known(card(ModelKind::Classes), &names, &[0.25, 0.750_000_4], 3);
        let json = serde_json::to_value(&result).unwrap();
        assert_eq!(json["name"], "mood");
        assert_eq!(json["kind"], "classes");
        assert_eq!(json["values"][1], serde_json::json!({ "name": "excited", "value": 0.75 }));
        assert_eq!(json["n_windows"], 3);
        assert!(json["embedding"].as_array().unwrap().is_empty() && json["reason"].is_null());
        assert_eq!(serde_json::from_value::<ModelResult>(json).unwrap(), result);
    }

    #[test]
    fn an_embedding_has_no_names_and_no_holes() {
        let result = ModelResult::known(card(ModelKind::Embedding), &[], &[1.0, -0.5], 1);
        assert_eq!(result.embedding, [1.0, -0.5]);
        let result = ModelResult::known(card(ModelKind::Embedding), &[], &[1.0, f64::NAN], 1);
        assert_eq!((result.embedding.len(), result.reason), (0, Some(ModelReason::NotFinite)));
    }
}
