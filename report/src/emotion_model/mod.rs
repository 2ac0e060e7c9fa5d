//! Models of the emotion that were trained on ratings: the file, and what it makes of a report.
//!
//! | module | gives |
//! | --- | --- |
//! | `document` | [`EmotionModel`]: the file, checked |
//! | `features` | [`model_features`]: what a model may look at |
//! | `training` | [`train`]: a model from reports and ratings, and how right it is for recordings that it has not seen |
//! | `values` | [`EmotionModel::apply`]: dimensions with their contributions |

mod document;
mod features;
mod training;
mod values;

pub use document::{
    EMOTION_MODEL_SCHEMA, EmotionModel, EmotionModelFeature, EmotionModelScore, EmotionModelSource,
    MAX_EMOTION_MODEL_BYTES, TrainedDimension, emotion_model_schema,
};
pub use features::{N_MODEL_FEATURES, model_features};
pub use training::{
    COVERAGE, DIMENSIONS, Identity, MIN_GROUPS, MIN_RECORDINGS, Rated, Trained, TrainingError,
    Validation, train,
};
