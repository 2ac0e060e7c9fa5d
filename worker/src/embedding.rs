//! From what models said of a recording to what matching reads of it.

use matching::{Embedding, Likeness};
use report::ModelResult;

/// Where the model that takes part in matching puts a recording, if there is one and it said something.
pub fn embedding(models: &[ModelResult]) -> Option<Embedding> {
    models.iter().find_map(|model| {
        let card = &model.card;
        let likeness = card.matching?;
        let likeness = Likeness { typical: likeness.typical, deviation: likeness.deviation };
        let name = format!("{} {}", card.name, card.version);
        // Another network or another manifest is another space.
        let method = head_of(&card.onnx_sha256)? ^ head_of(&card.manifest_sha256)?.rotate_left(1);
        Embedding::new(name, method, likeness, &model.embedding)
    })
}

/// The first 64 bits of a hash in hexadecimal digits.
fn head_of(hash: &str) -> Option<u64> {
    u64::from_str_radix(hash.get(..16)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use report::{ModelCard, ModelKind, ModelLikeness};

    use super::*;

    fn result(manifest: &str, matching: Option<ModelLikeness>, point: &[f64]) -> ModelResult {
        let card = ModelCard {
            name: "sound".into(),
            version: "2".into(),
            kind: ModelKind::Embedding,
            onnx_sha256: "0f".repeat(32),
            manifest_sha256: manifest.repeat(32),
            matching,
        };
        ModelResult::known(card, &[], point, 1)
    }

    #[test]
    fn the_model_that_takes_part_is_taken() {
        let likeness = Some(ModelLikeness { typical: 0.1, deviation: 0.2 });
        let [other, own] = [result("11", None, &[9.0]), result("11", likeness, &[1.0, -0.5])];
        let found = embedding(&[other.clone(), own.clone()]);
        assert_eq!(found, embedding(&[own]));
        assert!(found.is_some());
        assert_eq!(embedding(&[other]), None);
    }

    #[test]
    fn another_manifest_is_another_space() {
        let likeness = Some(ModelLikeness { typical: 0.1, deviation: 0.2 });
        let of = |manifest| embedding(&[result(manifest, likeness, &[1.0, -0.5])]).unwrap();
        assert_eq!(of("11"), of("11"));
        assert_ne!(of("11"), of("12"));
    }

    #[test]
    fn a_model_that_said_nothing_has_no_place() {
        let likeness = Some(ModelLikeness { typical: 0.1, deviation: 0.2 });
        assert_eq!(embedding(&[result("11", likeness, &[f64::NAN])]), None);
        assert_eq!(embedding(&[result("11", likeness, &[0.0, 0.0])]), None);
    }
}
