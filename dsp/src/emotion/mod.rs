//! Emotion that listeners are likely to hear, by a rule that can be read.
//!
//! | module | gives |
//! | --- | --- |
//! | [`spectrum_stage`], [`harmony_stage`], [`envelope_stage`] | what has to be measured, from spectra that other stages make and from critical bands |
//! | [`expression`] | [`Expression`]: what they found |
//! | `features` | [`features()`]: every feature by name |
//! | `reference` | mean and deviation of each feature over reference recordings |
//! | `rule` | weights, and how a value is made of them |
//! | [`estimate`] | [`Emotion`]: three dimensions and five concepts |
//! | [`curve`] | [`EmotionPoint`]: the dimensions over time |
//! | [`hints`] | [`Hints`]: acousticness, instrumentalness, liveness, speechiness |

mod attacks;
mod bark;
pub mod curve;
pub mod envelope_stage;
pub mod estimate;
pub mod expression;
mod features;
mod fluctuation;
pub mod harmony_stage;
pub mod hints;
mod key_strength;
mod novelty;
mod pitch_grid;
mod reference;
mod roughness;
mod rule;
mod seconds;
pub mod spectrum_stage;

pub use curve::EmotionPoint;
pub use envelope_stage::{EnvelopeFeatures, EnvelopeStage};
pub use estimate::{Concepts, Contribution, Dimension, Emotion, Interval, Method, emotion};
pub use expression::Expression;
pub(crate) use features::standard_scores;
pub use features::{FeatureName, feature_names, features};
pub use harmony_stage::{HarmonyFeatures, HarmonyStage};
pub use hints::Hints;
pub use spectrum_stage::{HeardFrame, SpectrumFeatures, SpectrumStage};
