//! Ratings of recordings: columns of `truth.csv` by name.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use report::Quadrant;

/// Dimensions that are compared: columns of the table.
pub const DIMENSIONS: [&str; 3] = ["valence", "arousal", "tension"];

/// One of the emotions that a report grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Happy.
    Happy,
    /// Sad.
    Sad,
    /// Tender.
    Tender,
    /// Angry.
    Anger,
    /// Fearful.
    Fear,
}

/// Lowest and highest rating of a scale; the ends are mapped to −1 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Lowest rating.
    pub low: f64,
    /// Highest rating.
    pub high: f64,
}

/// What listeners said of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Rated {
    /// Where it is.
    pub path: PathBuf,
    /// Mean ratings by [`DIMENSIONS`], −1..=1.
    pub dimensions: [Option<f64>; 3],
    /// The quadrant that the table names, else that of the ratings; `None` near their middle.
    pub quadrant: Option<Quadrant>,
    /// The emotion that most chose.
    pub category: Option<Category>,
}

impl std::str::FromStr for Scale {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || anyhow!("two numbers, the lower one first, for example 1,9");
        let (low, high) = text.split_once(',').ok_or_else(wrong)?;
        let (low, high) = (low.trim().parse()?, high.trim().parse()?);
        ensure!(low < high && f64::is_finite(high - low), wrong());
        Ok(Self { low, high })
    }
}

impl Scale {
    /// Where a rating lies, the ends at −1 and 1.
    pub fn position(self, rating: f64) -> f64 {
        (2.0 * rating - self.low - self.high) / (self.high - self.low)
    }
}

/// The recordings of `folder` with a rating, in the order of its `truth.csv`.
///
/// Columns, all but the first optional: `file`; `valence`, `arousal`, `tension` on `scale`; `quadrant` (Q1 to Q4 in
/// Russell's order or a name of a report); `emotion` or `category` (happy, sad, tender, anger, fear and the adjectives of them).
///
/// # Errors
///
/// When the table cannot be read, has none of the columns, or a rating is no number or lies outside of the scale.
pub fn ratings(folder: &Path, scale: Scale) -> Result<Vec<Rated>> {
    let path = folder.join("truth.csv");
    let place = || path.display().to_string();
    let mut table = csv::Reader::from_path(&path).with_context(place)?;
    let head = table.headers().with_context(place)?.clone();
    let column = |name: &str| head.iter().position(|it| it.trim() == name);
    let file = column("file").with_context(|| format!("{}: no column `file`", place()))?;
    let dimensions = DIMENSIONS.map(column);
    let (quadrant, category) = (column("quadrant"), column("emotion").or(column("category")));
    ensure!(
        dimensions.iter().flatten().chain(&quadrant).chain(&category).next().is_some(),
        "{}: there is no rating: no column `valence`, `arousal`, `tension`, `quadrant`, `emotion`",
        place()
    );
    let mut rated = Vec::new();
    for (n, record) in table.records().enumerate() {
        let record = record.with_context(place)?;
        let cell = |column: Option<usize>| {
            let text = column.and_then(|it| record.get(it)).map_or("", str::trim);
            (!text.is_empty()).then_some(text)
        };
        let mut values = [None; 3];
        for (value, column) in values.iter_mut().zip(dimensions) {
            let Some(text) = cell(column) else { continue };
            let wrong = || format!("{} line {}: {text:?} is not on the scale", place(), n + 2);
            let position = scale.position(text.parse().with_context(wrong)?);
            ensure!(position.abs() <= 1.0 + 1e-9, wrong());
            *value = Some(position.clamp(-1.0, 1.0));
        }
        let [valence, arousal, _] = values;
        let of_ratings = valence.zip(arousal).map(|(v, a)| Quadrant::of(v, a));
        rated.push(Rated {
            path: folder.join(record.get(file).unwrap_or_default()),
            dimensions: values,
            quadrant: cell(quadrant)
                .and_then(named_quadrant)
                .or(of_ratings.filter(|it| *it != Quadrant::Neutral)),
            category: cell(category).and_then(named_category),
        });
    }
    Ok(rated)
}

/// Russell's first quadrant is excited and positive; the others follow against the clock.
fn named_quadrant(text: &str) -> Option<Quadrant> {
    match text.to_ascii_lowercase().as_str() {
        "q1" | "1" | "excited_positive" => Some(Quadrant::ExcitedPositive),
        "q2" | "2" | "excited_negative" => Some(Quadrant::ExcitedNegative),
        "q3" | "3" | "calm_negative" => Some(Quadrant::CalmNegative),
        "q4" | "4" | "calm_positive" => Some(Quadrant::CalmPositive),
        _ => None,
    }
}

fn named_category(text: &str) -> Option<Category> {
    match text.to_ascii_lowercase().as_str() {
        "happy" | "happiness" | "joy" => Some(Category::Happy),
        "sad" | "sadness" => Some(Category::Sad),
        "tender" | "tenderness" => Some(Category::Tender),
        "anger" | "angry" => Some(Category::Anger),
        "fear" | "fearful" | "scary" => Some(Category::Fear),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use report::NEUTRAL_RADIUS;

    const SCALE: Scale = Scale { low: 1.0, high: 9.0 };

    fn read(text: &str) -> Result<Vec<Rated>> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("truth.csv"), text).unwrap();
        ratings(folder.path(), SCALE)
    }

    #[test]
    fn reads_columns_by_name_and_leaves_blanks_unknown() {
        let text =
            "emotion,file,arousal,valence,artist\nhappy,a.wav,9,5,x\n,b.wav,,1,y\n,c.wav,5,5.1,z\n";
        let rated = read(text).unwrap();
        assert_eq!(rated[0].dimensions, [Some(0.0), Some(1.0), None]);
        assert_eq!(rated[0].category, Some(Category::Happy));
        assert_eq!(rated[0].quadrant, Some(Quadrant::ExcitedPositive));
        assert_eq!((rated[1].dimensions[0], rated[1].quadrant), (Some(-1.0), None));
        // Within the neutral radius there is no right quadrant.
        const { assert!(0.025 < NEUTRAL_RADIUS) };
        assert_eq!(rated[2].quadrant, None);
    }

    #[test]
    fn a_named_quadrant_counts_before_that_of_the_ratings() {
        let rated = read("file,quadrant,valence,arousal\na,Q3,9,9\nb,calm_positive,,\n").unwrap();
        assert_eq!(rated[0].quadrant, Some(Quadrant::CalmNegative));
        assert_eq!(rated[1].quadrant, Some(Quadrant::CalmPositive));
    }

    #[test]
    fn what_is_not_on_the_scale_is_refused() {
        assert!(read("file,valence\na,10\n").is_err());
        assert!(read("file,valence\na,NaN\n").is_err());
        assert!(read("file,valence\na,high\n").is_err());
        assert!(read("file,tempo_bpm\na,120\n").is_err());
        assert!("9,1".parse::<Scale>().is_err() && "1;9".parse::<Scale>().is_err());
    }
}
