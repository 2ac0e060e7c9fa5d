//! A model from reports and ratings.

use dsp::regression::{
    Agreement, Observations, PENALTIES, Scaler, best_penalty, fit_path, half_width, nested,
};

use super::document::{
    EmotionModel, EmotionModelFeature, EmotionModelSchemaName, EmotionModelScore,
    EmotionModelSource, TrainedDimension,
};
use super::features::model_features;
use crate::Report;

/// Dimensions that can be trained: names of the columns of ratings, and fields of the model.
pub const DIMENSIONS: [&str; 3] = ["valence", "arousal", "tension"];
/// Share of ratings that intervals are made to hold.
pub const COVERAGE: f64 = 0.9;
/// Fewer rated recordings give no model: its own error could not be known.
pub const MIN_RECORDINGS: usize = 30;
/// Fewer groups give no model: five folds, and folds within them.
pub const MIN_GROUPS: usize = 5;

/// Features and ratings of one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    features: Vec<Option<f64>>,
    /// Mean ratings by [`DIMENSIONS`], -1 to 1 each; `None` where there is none.
    pub ratings: [Option<f64>; 3],
    /// Group (artist, album, folder): recordings of one are never on both sides of a fold.
    pub group: String,
}

impl Rated {
    /// The recording of a report.
    pub fn new(report: &Report, ratings: [Option<f64>; 3], group: String) -> Self {
        let features = model_features(report).into_iter().map(|(_, value)| value).collect();
        Self { features, ratings, group }
    }
}

/// What the model is called and what it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Name in reports.
    pub name: String,
    /// Version in reports.
    pub version: String,
    /// Licence of ratings and recordings.
    pub license: Option<String>,
    /// SHA-256 of the table of ratings, in hex.
    pub truth_sha256: String,
}

/// A model, and what it said of recordings that it had not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The model, of all recordings.
    pub model: EmotionModel,
    /// One for each dimension that was rated.
    pub validations: Vec<Validation>,
}

/// Outer folds of one dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// One of [`DIMENSIONS`].
    pub dimension: &'static str,
    /// Place in the recordings that were given, rating and prediction of each rated recording.
    pub pairs: Vec<(usize, f64, f64)>,
    /// Agreement of the two.
    pub score: EmotionModelScore,
    /// Penalties of the outer folds.
    pub penalties: Vec<f64>,
    /// Penalty, half width and coverage of the model itself.
    pub trained: TrainedDimension,
}

/// Why there is no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainingError {
    /// Too few recordings have a rating of a dimension.
    #[error(
        "{dimension} is rated for {n} recordings that have an emotion, must be for at least {MIN_RECORDINGS}"
    )]
    FewRecordings {
        /// One of [`DIMENSIONS`].
        dimension: &'static str,
        /// Recordings with a rating.
        n: usize,
    },
    /// They are of too few groups.
    #[error(
        "the recordings rated for {dimension} are of {n} groups, must be of at least {MIN_GROUPS}"
    )]
    FewGroups {
        /// One of [`DIMENSIONS`].
        dimension: &'static str,
        /// Groups.
        n: usize,
    },
    /// No dimension is rated.
    #[error("there is no rating of valence, arousal or tension")]
    NoRatings,
    /// All recordings have the same rating.
    #[error("the ratings of {dimension} are all the same")]
    Constant {
        /// One of [`DIMENSIONS`].
        dimension: &'static str,
    },
    /// Predictions are constant or not finite: there is nothing in the features.
    #[error("nothing in the recordings tells their {dimension} apart")]
    NothingFound {
        /// One of [`DIMENSIONS`].
        dimension: &'static str,
    },
    /// The name, the version or a number is not allowed.
    #[error("the model would not be allowed: {rule}")]
    Refused {
        /// Field and rule.
        rule: String,
    },
}

/// Trains a model on `rated`, whose ratings were mapped from `scale`, and validates it by nested cross-validation.
///
/// For each dimension: ridge regression on standard scores, the penalty by grouped cross-validation, the interval from the
/// residuals of its folds. `docs/emotion.md` says what the figures mean.
///
/// # Errors
///
/// [`TrainingError`] when there is too little to learn from.
pub fn train(
    rated: &[Rated],
    scale: [f64; 2],
    identity: Identity,
) -> Result<Trained, TrainingError> {
    let mut names: Vec<&str> = rated.iter().map(|it| it.group.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let has_rating = |it: &&Rated| it.ratings.iter().any(Option::is_some);
    let rows: Vec<_> = rated.iter().filter(has_rating).map(|it| it.features.as_slice()).collect();
    let scaler = Scaler::of(&rows);
    let mut dimensions: [Option<TrainedDimension>; 3] = [None, None, None];
    let mut validations = Vec::new();
    for (index, dimension) in DIMENSIONS.into_iter().enumerate() {
        let members: Vec<usize> =
            (0..rated.len()).filter(|&i| rated[i].ratings[index].is_some()).collect();
        if members.is_empty() {
            continue;
        }
        let group = |i: &usize| names.binary_search(&rated[*i].group.as_str()).unwrap_or_default();
        let all = Observations {
            rows: members.iter().map(|&i| rated[i].features.clone()).collect(),
            targets: members.iter().filter_map(|&i| rated[i].ratings[index]).collect(),
            groups: members.iter().map(group).collect(),
        };
        let validation = validate(dimension, &all, &members, &scaler)?;
        dimensions[index] = Some(validation.trained.clone());
        validations.push(validation);
    }
    if validations.is_empty() {
        return Err(TrainingError::NoRatings);
    }
    let [valence, arousal, tension] = dimensions;
    let Identity { name, version, license, truth_sha256 } = identity;
    let n_recordings = rated.iter().filter(has_rating).count() as u64;
    let n_groups = names.len() as u64;
    let model = EmotionModel {
        schema: EmotionModelSchemaName::V1,
        name,
        version,
        license,
        analysis_version: dsp::ANALYSIS_VERSION,
        trained_on: EmotionModelSource { truth_sha256, n_recordings, n_groups, scale },
        features: features(&scaler),
        valence,
        arousal,
        tension,
    };
    model.check().map_err(|error| TrainingError::Refused { rule: error.to_string() })?;
    Ok(Trained { model: model.rounded(), validations })
}

/// The features that have a part, by name.
fn features(scaler: &Scaler) -> Vec<EmotionModelFeature> {
    let names = super::features::names();
    let pairs = names.zip(&scaler.features);
    pairs
        .filter_map(|(name, statistics)| {
            let (mean, deviation) = (*statistics)?;
            Some(EmotionModelFeature { name: name.to_owned(), mean, deviation })
        })
        .collect()
}

fn validate(
    dimension: &'static str,
    all: &Observations,
    members: &[usize],
    scaler: &Scaler,
) -> Result<Validation, TrainingError> {
    if members.len() < MIN_RECORDINGS {
        return Err(TrainingError::FewRecordings { dimension, n: members.len() });
    }
    let mut groups = all.groups.clone();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() < MIN_GROUPS {
        return Err(TrainingError::FewGroups { dimension, n: groups.len() });
    }
    if Agreement::of(&all.targets, &all.targets).is_none() {
        return Err(TrainingError::Constant { dimension });
    }
    let nothing = || TrainingError::NothingFound { dimension };
    let outer = nested(all, COVERAGE, (-1.0, 1.0)).ok_or_else(nothing)?;
    let agreement = Agreement::of(&all.targets, &outer.predictions).ok_or_else(nothing)?;
    let (penalty, residuals) = best_penalty(all).ok_or_else(nothing)?;
    debug_assert!(PENALTIES.contains(&penalty));
    // Only the features that have a part: the others' weights would be 0.
    let scores: Vec<Vec<f64>> = all
        .rows
        .iter()
        .map(|row| {
            let pairs = scaler.scores(row).into_iter().zip(&scaler.features);
            pairs.filter(|(_, statistics)| statistics.is_some()).map(|(score, _)| score).collect()
        })
        .collect();
    let ridge = fit_path(&scores, &all.targets, &[penalty]).pop().flatten().ok_or_else(nothing)?;
    let score = EmotionModelScore {
        pearson: agreement.pearson,
        spearman: agreement.spearman,
        r2: agreement.r2,
        concordance: agreement.concordance,
        rmse: agreement.rmse,
        covered: outer.covered,
    };
    let trained = TrainedDimension {
        intercept: ridge.intercept.clamp(-1.0, 1.0),
        weights: ridge.weights,
        penalty,
        half_width: half_width(&residuals, COVERAGE).ok_or_else(nothing)?,
        coverage: COVERAGE,
        score,
    };
    let pairs = members.iter().zip(all.targets.iter().zip(&outer.predictions));
    Ok(Validation {
        dimension,
        pairs: pairs.map(|(&i, (&rating, &prediction))| (i, rating, prediction)).collect(),
        score,
        penalties: outer.penalties,
        trained,
    })
}
