//! The model of the emotion that an operator trained: the setting, and its file.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use report::EmotionModel;
use report::emotion_model::MAX_EMOTION_MODEL_BYTES;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The setting.
const KEY: &str = "worker.child.emotion.model";

/// What makes the emotion.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmotionConfig {
    /// File of a model that `consort train emotion` wrote; empty for the rule.
    pub model: PathBuf,
    /// The model, once it was read and checked; not a setting.
    #[serde(skip)]
    pub trained: Option<Arc<TrainedEmotion>>,
}

/// A model and what identifies it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedEmotion {
    /// The model.
    pub model: EmotionModel,
    /// SHA-256 of its JSON as this program writes it, in hex.
    pub sha256: String,
}

impl TrainedEmotion {
    fn new(model: EmotionModel) -> Self {
        let sha256 = super::sha256_hex(model.to_json().as_bytes());
        Self { model, sha256 }
    }
}

impl EmotionConfig {
    /// Reads and checks the model, if one is named.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] with the file and what is wrong with it.
    pub fn load(&mut self) -> Result<(), Error> {
        self.trained = None;
        if self.model.as_os_str().is_empty() {
            return Ok(());
        }
        let refused = |reason: String| Error::Setting {
            key: KEY,
            value: self.model.display().to_string(),
            rule: format!("a model of the emotion: {reason}"),
        };
        let model = self.read().map_err(refused)?;
        self.trained = Some(Arc::new(TrainedEmotion::new(model)));
        Ok(())
    }

    fn read(&self) -> Result<EmotionModel, String> {
        let unread = |error: std::io::Error| error.to_string();
        let file = File::open(&self.model).map_err(unread)?;
        // A pipe or a device might never end.
        if !file.metadata().map_err(unread)?.is_file() {
            return Err("not a regular file".to_owned());
        }
        let mut text = String::new();
        // One byte more than allowed is enough to see that it is too large.
        file.take(MAX_EMOTION_MODEL_BYTES + 1).read_to_string(&mut text).map_err(unread)?;
        EmotionModel::from_json(&text).map_err(|error| crate::error::chain(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_model_is_refused_with_the_key_the_file_and_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.json");
        let message = |model: &std::path::Path| {
            let mut config = EmotionConfig { model: model.to_owned(), trained: None };
            config.load().unwrap_err().to_string()
        };
        let check = |text: &[u8], reason: &str| {
            std::fs::write(&path, text).unwrap();
            let message = message(&path);
            assert!(message.contains(KEY) && message.contains("model.json"), "{message}");
            assert!(message.contains(reason), "{message}");
        };
        check(b"", "not valid");
        check(b"\xff\xfe", "UTF-8");
        check(br#"{"schema":"consort.report/1"}"#, "consort.emotion-model/1");
        check(br#"{"schema":"consort.emotion-model/1"}"#, "missing field");
        check(&vec![b' '; 200_001], "at most 200000 bytes");
        assert!(message(folder.path()).contains("not a regular file"));
        assert!(message(&folder.path().join("none.json")).contains("No such file"));
    }

    #[test]
    fn no_file_is_no_model() {
        let mut config = EmotionConfig::default();
        config.load().unwrap();
        assert_eq!(config.trained, None);
    }
}
