//! Models of the emotion: the file, training, and what a model makes of an analysis.

use crate::golden;
use crate::samples::{known, source, unknown};
use fixtures::Rng;
use report::emotion_model::{
    Identity, MAX_EMOTION_MODEL_BYTES, Rated, Trained, TrainingError, emotion_model_schema, train,
};
use report::{EmotionModel, Error, Report};
use serde_json::{Value, json};

/// Kept for ever.
const V1: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/formats/emotion-model/v1.json"));
const SHA256: &str = "00ff10293847aabbccddeeff";

fn identity() -> Identity {
    Identity {
        name: "mood".to_owned(),
        version: "1".to_owned(),
        license: None,
        truth_sha256: "0".repeat(64),
    }
}

/// Reports whose danceability and majorness vary on their own.
fn reports(n: usize) -> Vec<Report> {
    let mut rng = Rng::new(11);
    (0..n)
        .map(|_| {
            let mut report = Report::new(&known(0.0), source());
            report.dynamics.danceability = Some(1.0 + 0.2 * rng.normal());
            report.key.majorness = Some(0.3 * rng.normal());
            report.tempo.stability = Some(rng.unit());
            report
        })
        .collect()
}

/// Arousal follows the danceability, valence the majorness with noise.
fn rated(n: usize, n_groups: usize) -> Vec<Rated> {
    let mut rng = Rng::new(12);
    let reports = reports(n);
    let pairs = reports.iter().enumerate();
    pairs
        .map(|(i, report)| {
            let arousal = report.dynamics.danceability.unwrap() - 1.0;
            let valence = report.key.majorness.unwrap() + 0.3 * rng.normal();
            let ratings = [Some(valence.clamp(-1.0, 1.0)), Some(arousal.clamp(-1.0, 1.0)), None];
            Rated::new(report, ratings, format!("artist {}", i % n_groups))
        })
        .collect()
}

fn trained() -> Trained {
    train(&rated(200, 40), [-1.0, 1.0], identity()).unwrap()
}

#[test]
fn version_1_reads_without_loss() {
    assert_eq!(EmotionModel::from_json(V1).unwrap().to_json(), V1);
}

#[test]
fn the_committed_schema_is_current() {
    let schema = serde_json::to_string_pretty(&emotion_model_schema()).unwrap() + "\n";
    golden::check(&[("report/schema/emotion-model.v1.json", schema.as_bytes())]);
}

#[test]
fn a_model_finds_what_is_there_and_says_how_well() {
    let trained = trained();
    let [valence, arousal] = &trained.validations[..] else { panic!("two dimensions are rated") };
    assert_eq!((valence.dimension, arousal.dimension), ("valence", "arousal"));
    // Arousal is a feature, but for the cut at 3 deviations; half of the variance of valence is noise.
    assert!(arousal.score.r2 > 0.98, "{:?}", arousal.score);
    assert!((valence.score.r2 - 0.5).abs() < 0.12, "{:?}", valence.score);
    // A proportion of 200 scatters by 0.021.
    assert!((valence.score.covered.unwrap() - 0.9).abs() < 0.07, "{:?}", valence.score);
    let names: Vec<&str> = trained.model.features.iter().map(|it| it.name.as_str()).collect();
    // What is the same in every report has no part.
    assert_eq!(names, ["dynamics.danceability", "tempo.stability", "key.majorness"]);
    assert_eq!(trained.model.tension, None);
}

#[test]
fn the_same_ratings_give_the_same_bytes_in_any_order_of_groups() {
    let (a, b) = (trained().model.to_json(), trained().model.to_json());
    assert_eq!(a, b);
    assert!(a.len() as u64 <= MAX_EMOTION_MODEL_BYTES);
    assert_eq!(EmotionModel::from_json(&a).unwrap(), trained().model);
}

#[test]
fn values_are_intercept_and_contributions_with_an_interval() {
    let model = EmotionModel::from_json(V1).unwrap();
    let mut analysis = known(0.0);
    let mut report = Report::new(&analysis, source());
    report.dynamics.danceability = Some(1.125);
    report.key.majorness = Some(-0.25);
    report.tempo.stability = None;
    model.apply(SHA256, &report, &mut analysis);
    let emotion = analysis.emotion.as_ref().unwrap();
    assert_eq!(emotion.method.name, "mood 1 00ff10293847 (valence, arousal); rule/2, reference/2");
    assert_eq!(emotion.method.number, 0x00_ff10);
    // 0.125 + 0.25 · (−0.5); the unknown stability is a third of the weights.
    assert!((emotion.valence.value - 0.0).abs() < 1e-12);
    assert!((emotion.valence.confidence - 0.5 * 2.0 / 3.0).abs() < 1e-12);
    // 0.5 · 0.5.
    assert!((emotion.arousal.value - 0.25).abs() < 1e-12);
    let interval = emotion.arousal.interval.unwrap();
    assert!((interval.low - 0.0).abs() < 1e-12 && (interval.high - 0.5).abs() < 1e-12);
    assert_eq!(emotion.tension, known(0.0).emotion.unwrap().tension);
    report.set_emotion(&analysis);
    let arousal = &report.emotion.arousal;
    assert_eq!(arousal.contributions[0].feature, "dynamics.danceability");
    assert_eq!(arousal.interval.map(|it| (it.low, it.high, it.coverage)), Some((0.0, 0.5, 0.9)));
}

#[test]
fn values_stay_in_their_range_and_add_up_there() {
    let mut model = EmotionModel::from_json(V1).unwrap();
    model.arousal.as_mut().unwrap().weights = vec![2.0, 1.0, -3.0];
    for danceability in [-1e9, 0.0, 1.7, 1e9] {
        let mut analysis = known(0.0);
        let mut report = Report::new(&analysis, source());
        report.dynamics.danceability = Some(danceability);
        model.apply(SHA256, &report, &mut analysis);
        let arousal = analysis.emotion.unwrap().arousal;
        let sum: f64 = arousal.contributions.iter().map(|it| it.amount).sum();
        assert!((-1.0..=1.0).contains(&arousal.value));
        assert!((arousal.intercept + sum - arousal.value).abs() < 1e-12, "{arousal:?}");
    }
}

#[test]
fn what_has_no_emotion_gets_none() {
    let model = EmotionModel::from_json(V1).unwrap();
    let mut analysis = unknown(dsp::Reason::Silence);
    let report = Report::new(&analysis, source());
    model.apply(SHA256, &report, &mut analysis);
    assert_eq!(analysis.emotion, Err(dsp::Reason::Silence));
    assert!(report.emotion.features.is_empty());
}

#[test]
fn a_bad_model_is_refused_with_its_field() {
    let check = |pointer: &str, value: Value, field: &str| {
        let mut model: Value = serde_json::from_str(V1).unwrap();
        *model.pointer_mut(pointer).unwrap() = value;
        match EmotionModel::from_json(&model.to_string()) {
            Err(Error::BadModel { field: found, .. }) => assert_eq!(found, field),
            other => panic!("{pointer}: {other:?}"),
        }
    };
    check("/name", json!("Mood"), "name");
    check("/name", json!(""), "name");
    check("/version", json!("a b"), "version");
    check("/analysis_version", json!(0), "analysis_version");
    check("/license", json!("x".repeat(2_001)), "license");
    check("/trained_on/truth_sha256", json!("x".repeat(64)), "trained_on.truth_sha256");
    check("/features", json!([]), "features");
    check("/features/0/name", json!("loudness.integrated_lufs"), "features[0].name");
    check("/features/1/name", json!("dynamics.danceability"), "features[1].name");
    check("/features/0/deviation", json!(0.0), "features[0].deviation");
    check("/valence/weights", json!([1.0]), "valence.weights");
    check("/valence/weights/0", json!(1e300), "valence.weights");
    check("/arousal/intercept", json!(1.5), "arousal.intercept");
    check("/arousal/coverage", json!(1.0), "arousal.coverage");
    check("/arousal/half_width", json!(-0.1), "arousal.half_width");
    check("/arousal/penalty", json!(0.0), "arousal.penalty");
    let refused = |json: &str| EmotionModel::from_json(json).unwrap_err();
    assert!(matches!(refused("{}"), Error::Json(_)));
    assert!(matches!(refused(&V1.replace("model/1", "model/2")), Error::UnknownSchema { .. }));
    assert!(matches!(refused(&V1.replace("\"tension\"", "\"tensions\"")), Error::Json(_)));
    assert!(matches!(refused(&V1.replace("30.0", "NaN")), Error::Json(_)));
    assert!(matches!(refused(&" ".repeat(200_001)), Error::ModelTooLarge { .. }));
}

#[test]
fn too_little_to_learn_from_is_said() {
    let train = |rated: &[Rated]| train(rated, [-1.0, 1.0], identity()).unwrap_err();
    assert_eq!(train(&rated(29, 29)), TrainingError::FewRecordings { dimension: "valence", n: 29 });
    assert_eq!(train(&rated(40, 4)), TrainingError::FewGroups { dimension: "valence", n: 4 });
    assert_eq!(train(&[]), TrainingError::NoRatings);
    let mut same = rated(40, 10);
    for rated in &mut same {
        rated.ratings = [None, Some(0.25), None];
    }
    assert_eq!(train(&same), TrainingError::Constant { dimension: "arousal" });
}
