//! Three dimensions and five concepts.

use std::borrow::Cow;

use super::curve::{EmotionPoint, curve};
use super::expression::Expression;
use super::features::{FeatureName, Sources, values};
use super::hints::{Hints, hints};
use super::rule::{ANGER, AROUSAL, FEAR, HAPPY, SAD, TENDER, TENSION, VALENCE};
use crate::analysis::{Analysis, Estimate};

/// Version of the rule and of the reference.
const METHOD: &str = "rule/2, reference/2";

/// Emotion that listeners are likely to hear in the music.
#[derive(Debug, Clone, PartialEq)]
pub struct Emotion {
    /// What made the values, with versions.
    pub method: Method,
    /// Unpleasant (−1) to pleasant (1).
    pub valence: Dimension,
    /// Calm (−1) to excited (1).
    pub arousal: Dimension,
    /// Relaxed (−1) to tense (1).
    pub tension: Dimension,
    /// How much of each of five emotions is heard.
    pub concepts: Concepts,
    /// Further impressions.
    pub hints: Hints,
    /// The dimensions over time, one point per second.
    pub curve: Vec<Option<EmotionPoint>>,
}

/// What made the values of an [`Emotion`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// For people: "rule/2, reference/2".
    pub name: Cow<'static, str>,
    /// For comparisons: 0 for the rule, 1 to 2^24 − 1 for what was trained. Values of different methods are not comparable.
    pub number: u32,
}

/// Intensities of five emotions, 0..=1 each; they do not exclude each other and sum to nothing in particular.
#[derive(Debug, Clone, PartialEq)]
pub struct Concepts {
    /// Happy.
    pub happy: Dimension,
    /// Sad.
    pub sad: Dimension,
    /// Tender.
    pub tender: Dimension,
    /// Angry.
    pub anger: Dimension,
    /// Fearful.
    pub fear: Dimension,
}

/// One value and what made it: `value = intercept + Σ amounts`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// −1..=1, of concepts 0..=1.
    pub value: f64,
    /// 0..=1.
    pub confidence: f64,
    /// Value of a typical recording.
    pub intercept: f64,
    /// Signed contributions of the features, largest first; names are stable.
    pub contributions: Vec<Contribution>,
    /// Where listeners' mean rating is likely to lie; `None` when nothing is known about that.
    pub interval: Option<Interval>,
}

/// An interval that holds the truth with a stated probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of such intervals that hold the truth, 0..=1.
    pub coverage: f64,
}

/// What one feature added to a [`Dimension`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution {
    /// Stable snake-case name of the feature.
    pub feature: FeatureName,
    /// Signed share of the value.
    pub amount: f64,
    /// The feature in standard deviations from the mean of the reference recordings, −2.5..=2.5.
    pub z: f64,
}

/// Emotion that listeners are likely to hear, from the other results.
///
/// Each value is a weighted sum of features that are standardised by reference recordings and cut at ±2.5 deviations,
/// bent by a hyperbolic tangent so that it stays in its range; the contributions share what is above or below the typical
/// value in proportion to their part of the sum. A feature that is unknown counts as typical, and the confidence shrinks
/// by its weight; the tempo counts for as much as its own confidence. No feature depends on the gain of the recording.
///
/// # Errors
///
/// The reason of `spectral` or, failing that, of `loudness`, if one is unknown.
///
/// # Source
///
/// Signs, and for the concepts weights, follow Eerola, Lartillot and Toiviainen (2009), "Prediction of multidimensional
/// emotional ratings in music from audio", ISMIR, table 3 on; those of valence and arousal also Gomez and Danuser (2007),
/// *Emotion* 7(2), and Eerola, Friberg and Bresin (2013), *Frontiers in Psychology* 4:487. Their means, deviations and
/// intercepts belong to other extractors and are not used; absolute level is left out. `docs/emotion.md` says where else it
/// differs.
pub fn emotion(analysis: &Analysis) -> Estimate<Emotion> {
    let sources = Sources::of(analysis)?;
    let values = values(&sources);
    let [valence, arousal, tension] = [VALENCE, AROUSAL, TENSION].map(|rule| rule.apply(&values));
    let whole = [valence.value, arousal.value, tension.value];
    Ok(Emotion {
        method: Method { name: Cow::Borrowed(METHOD), number: 0 },
        valence,
        arousal,
        tension,
        concepts: Concepts {
            happy: HAPPY.apply(&values),
            sad: SAD.apply(&values),
            tender: TENDER.apply(&values),
            anger: ANGER.apply(&values),
            fear: FEAR.apply(&values),
        },
        hints: hints(&values, &sources),
        curve: curve(&analysis.expression, whole),
    })
}

impl Emotion {
    /// The same with valence, arousal and tension that something else made, where it made them; the curve lies around them.
    #[must_use]
    pub fn with_dimensions(
        mut self,
        method: Method,
        [valence, arousal, tension]: [Option<Dimension>; 3],
        expression: &Expression,
    ) -> Self {
        self.method = method;
        self.valence = valence.unwrap_or(self.valence);
        self.arousal = arousal.unwrap_or(self.arousal);
        self.tension = tension.unwrap_or(self.tension);
        let whole = [self.valence.value, self.arousal.value, self.tension.value];
        self.curve = curve(expression, whole);
        self
    }
}
