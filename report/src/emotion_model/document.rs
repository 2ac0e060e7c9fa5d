//! The file of a model, and what makes one good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::{N_MODEL_FEATURES, place};
use crate::{Error, Result};

/// Name and version of the document that [`EmotionModel`] reads and writes.
pub const EMOTION_MODEL_SCHEMA: &str = "consort.emotion-model/1";

/// Largest file of a model, in bytes.
pub const MAX_EMOTION_MODEL_BYTES: u64 = 200_000;

/// Longest text about the licence, in bytes.
const MAX_LICENSE_BYTES: usize = 2_000;

/// The one value of [`EmotionModel::schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum EmotionModelSchemaName {
    /// [`EMOTION_MODEL_SCHEMA`].
    #[default]
    #[serde(rename = "consort.emotion-model/1")]
    V1,
}

/// A linear model of valence, arousal and tension: `value = intercept + Σ weight · score`, cut at ±1, where the score of a
/// feature is `(feature − mean) / deviation`, cut at ±3, and 0 when the feature is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmotionModel {
    /// Name and version of this document.
    pub schema: EmotionModelSchemaName,
    /// What it is called in reports: 1 to 64 of a-z, 0-9, `-`, `_` and `.`.
    pub name: String,
    /// Its version in reports: 1 to 32 of the same characters.
    pub version: String,
    /// Under which licence the ratings and recordings may be used for this, in the words of who trained it; at most 2000
    /// bytes.
    pub license: Option<String>,
    /// Version of the analysis that the features are from; another is refused.
    pub analysis_version: u32,
    /// What it was trained on.
    pub trained_on: EmotionModelSource,
    /// What it looks at.
    pub features: Vec<EmotionModelFeature>,
    /// Unpleasant (-1) to pleasant (1); `null` leaves it to the rule.
    pub valence: Option<TrainedDimension>,
    /// Calm (-1) to excited (1); `null` leaves it to the rule.
    pub arousal: Option<TrainedDimension>,
    /// Relaxed (-1) to tense (1); `null` leaves it to the rule.
    pub tension: Option<TrainedDimension>,
}

/// What a model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmotionModelSource {
    /// SHA-256 of the table of ratings, in hex.
    pub truth_sha256: String,
    /// Recordings with a rating and a report.
    pub n_recordings: u64,
    /// Groups (artists, albums, folders) that no fold of the validation tore.
    pub n_groups: u64,
    /// Lowest and highest rating of the scale that was mapped to -1 to 1.
    pub scale: [f64; 2],
}

/// A feature and its statistics over the recordings that the model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmotionModelFeature {
    /// A name of `docs/emotion.md`.
    pub name: String,
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, above 0.
    pub deviation: f64,
}

/// One dimension of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainedDimension {
    /// Value where every score is 0, -1 to 1.
    pub intercept: f64,
    /// What one standard deviation of each feature adds, in the order of `features`.
    pub weights: Vec<f64>,
    /// Penalty on the squared weights.
    pub penalty: f64,
    /// The rating lies within this of the value …
    pub half_width: f64,
    /// … in this share of recordings, 0 to 1.
    pub coverage: f64,
    /// How right it was for recordings that it had not seen.
    pub score: EmotionModelScore,
}

/// Agreement with ratings of recordings that had no part in the fit (nested cross-validation).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmotionModelScore {
    /// Pearson's correlation, -1 to 1.
    pub pearson: f64,
    /// Spearman's correlation, -1 to 1.
    pub spearman: f64,
    /// Coefficient of determination, at most 1.
    pub r2: f64,
    /// Lin's concordance correlation, -1 to 1.
    pub concordance: f64,
    /// Root of the mean squared error, on the scale of -1 to 1.
    pub rmse: f64,
    /// Share of ratings within the interval that their own fold was promised, 0 to 1; `null` when folds were too small.
    pub covered: Option<f64>,
}

impl EmotionModel {
    /// Reads and checks a model.
    ///
    /// # Errors
    ///
    /// [`Error::ModelTooLarge`], [`Error::UnknownSchema`], [`Error::Json`] for what is not the document, and
    /// [`Error::BadModel`] with the field and the rule for a value that is not allowed.
    pub fn from_json(json: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        if json.len() as u64 > MAX_EMOTION_MODEL_BYTES {
            return Err(Error::ModelTooLarge { max_bytes: MAX_EMOTION_MODEL_BYTES });
        }
        let head: Head = serde_json::from_str(json)?;
        if head.schema != EMOTION_MODEL_SCHEMA {
            return Err(Error::UnknownSchema {
                expected: EMOTION_MODEL_SCHEMA,
                found: head.schema,
            });
        }
        let model: Self = serde_json::from_str(json)?;
        model.check()?;
        Ok(model.rounded())
    }

    /// The model as JSON over several lines: the same model gives the same bytes.
    #[expect(clippy::missing_panics_doc, reason = "the panic cannot happen, see its message")]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("a model has no map keys and no fallible serializer") + "\n"
    }

    /// The same with 9 significant digits in every number, which survive JSON.
    ///
    /// Of numbers with 17 the last digit may change on the way: the child would not have the parent's model.
    pub(super) fn rounded(mut self) -> Self {
        for feature in &mut self.features {
            feature.mean = significant(feature.mean);
            feature.deviation = significant(feature.deviation);
        }
        for dimension in
            [&mut self.valence, &mut self.arousal, &mut self.tension].into_iter().flatten()
        {
            for weight in &mut dimension.weights {
                *weight = significant(*weight);
            }
            let TrainedDimension { intercept, penalty, half_width, coverage, score, .. } =
                dimension;
            let EmotionModelScore { pearson, spearman, r2, concordance, rmse, covered } = score;
            for number in
                [intercept, penalty, half_width, coverage, pearson, spearman, r2, concordance, rmse]
            {
                *number = significant(*number);
            }
            *covered = covered.map(significant);
        }
        self.trained_on.scale = self.trained_on.scale.map(significant);
        self
    }

    /// Whether every value is allowed.
    pub(super) fn check(&self) -> Result<()> {
        let rule = |is_good: bool, field: &str, rule: &str| {
            let (field, rule) = (field.to_owned(), rule.to_owned());
            if is_good { Ok(()) } else { Err(Error::BadModel { field, rule }) }
        };
        rule(is_word(&self.name, 64), "name", "1 to 64 of a-z, 0-9, -, _ and .")?;
        rule(is_word(&self.version, 32), "version", "1 to 32 of a-z, 0-9, -, _ and .")?;
        rule(
            self.analysis_version == dsp::ANALYSIS_VERSION,
            "analysis_version",
            &format!("{}, that of this program: train it again", dsp::ANALYSIS_VERSION),
        )?;
        let license = self.license.as_deref().unwrap_or_default();
        // The whole model goes into one argument of a process, which has at most 128 KiB.
        let is_short = license.len() <= MAX_LICENSE_BYTES;
        rule(is_short, "license", &format!("at most {MAX_LICENSE_BYTES} bytes"))?;
        let sha256 = &self.trained_on.truth_sha256;
        let is_hex = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        rule(is_hex, "trained_on.truth_sha256", "64 hex digits")?;
        let n = self.features.len();
        rule((1..=N_MODEL_FEATURES).contains(&n), "features", "a list of 1 or more")?;
        for (i, feature) in self.features.iter().enumerate() {
            let field = |part: &str| format!("features[{i}].{part}");
            rule(place(&feature.name).is_some(), &field("name"), "a feature of this program")?;
            let is_new = self.features[..i].iter().all(|other| other.name != feature.name);
            rule(is_new, &field("name"), "there only once")?;
            rule(feature.mean.is_finite(), &field("mean"), "finite")?;
            let is_normal = feature.deviation.is_normal() && feature.deviation > 0.0;
            rule(is_normal, &field("deviation"), "above 0")?;
        }
        let dimensions = self.dimensions();
        rule(
            dimensions.iter().any(|(_, it)| it.is_some()),
            "valence",
            "there, or arousal or tension",
        )?;
        for (name, dimension) in dimensions {
            let Some(dimension) = dimension else { continue };
            let field = |part: &str| format!("{name}.{part}");
            let TrainedDimension { intercept, weights, penalty, half_width, coverage, score } =
                dimension;
            rule(intercept.abs() <= 1.0, &field("intercept"), "-1 to 1")?;
            rule(weights.len() == n, &field("weights"), "as many as features")?;
            let is_small = |weight: &f64| weight.abs() <= 1e3;
            rule(weights.iter().all(is_small), &field("weights"), "-1000 to 1000 each")?;
            rule(*penalty > 0.0 && penalty.is_finite(), &field("penalty"), "above 0")?;
            rule((0.0..=1e3).contains(half_width), &field("half_width"), "0 to 1000")?;
            rule(
                (0.0..1.0).contains(coverage) && *coverage > 0.0,
                &field("coverage"),
                "between 0 and 1",
            )?;
            rule(score.pearson.abs() <= 1.0, &field("score.pearson"), "-1 to 1")?;
        }
        Ok(())
    }

    /// Valence, arousal and tension with their names.
    pub fn dimensions(&self) -> [(&'static str, Option<&TrainedDimension>); 3] {
        [
            ("valence", self.valence.as_ref()),
            ("arousal", self.arousal.as_ref()),
            ("tension", self.tension.as_ref()),
        ]
    }
}

/// A finite number with 9 significant digits.
fn significant(value: f64) -> f64 {
    // Adding zero makes of −0.0 a plain 0.0.
    format!("{value:.8e}").parse().unwrap_or(value) + 0.0
}

fn is_word(text: &str, max: usize) -> bool {
    let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    (1..=max).contains(&text.len()) && text.chars().all(is_good)
}

/// JSON Schema of [`EmotionModel`], as committed in `report/schema/emotion-model.v1.json`.
pub fn emotion_model_schema() -> serde_json::Value {
    schemars::schema_for!(EmotionModel).to_value()
}
