//! Agreement of answers with ratings.

use dsp::regression::Agreement;
use serde::Serialize;

use super::answer::Answer;
use super::truth::{DIMENSIONS, Rated};
use crate::accuracy::statistics::Mean;
use crate::accuracy::table::Table;

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// A dimension, "quadrant" or "category".
    pub of: &'static str,
    /// Recordings with a truth.
    pub n_rated: usize,
    /// Those among them that were answered; correlations are over these.
    pub n_answered: usize,
    /// Name and value of each measure that can be told, with a 95 % bootstrap interval over the recordings.
    pub measures: Vec<(&'static str, Mean)>,
}

/// One number of an agreement.
type Measure = fn(&Agreement) -> f64;

/// Measures of dimensions.
const MEASURES: [(&str, Measure); 4] = [
    ("Pearson r", |it| it.pearson),
    ("Spearman rho", |it| it.spearman),
    ("R2", |it| it.r2),
    ("concordance", |it| it.concordance),
];
/// The measure of quadrants and categories.
const SHARE: &str = "share right";

/// Figures of every dimension and kind of category that the truth has.
///
/// What is not answered counts as a wrong quadrant and category; so does a neutral quadrant. Correlations are over what is answered.
pub fn figures(rated: &[Rated], answers: &[Answer]) -> Vec<Figures> {
    let mut all = Vec::new();
    for (index, of) in DIMENSIONS.into_iter().enumerate() {
        let truths = rated.iter().filter(|it| it.dimensions[index].is_some());
        let pairs: Vec<(f64, f64)> = rated
            .iter()
            .zip(answers)
            .filter_map(|(rated, answer)| rated.dimensions[index].zip(answer.dimensions[index]))
            .collect();
        let measure = |(name, of): (&'static str, Measure)| {
            let value = |places: &[usize]| {
                let truths: Vec<f64> = places.iter().map(|&i| pairs[i].0).collect();
                let answers: Vec<f64> = places.iter().map(|&i| pairs[i].1).collect();
                Agreement::of(&truths, &answers).map(|it| of(&it))
            };
            Mean::of_statistic(pairs.len(), value).map(|mean| (name, mean))
        };
        let measures = MEASURES.into_iter().filter_map(measure).collect();
        all.push(Figures { of, n_rated: truths.count(), n_answered: pairs.len(), measures });
    }
    let both = || rated.iter().zip(answers);
    all.push(shares("quadrant", both().filter_map(|(r, a)| r.quadrant.map(|it| (it, a.quadrant)))));
    all.push(shares("category", both().filter_map(|(r, a)| r.category.map(|it| (it, a.category)))));
    all.retain(|figures| figures.n_rated > 0);
    all
}

fn shares<T: PartialEq>(of: &'static str, pairs: impl Iterator<Item = (T, Option<T>)>) -> Figures {
    let pairs: Vec<(T, Option<T>)> = pairs.collect();
    let is_right = |(truth, answer): &(T, Option<T>)| f64::from(answer.as_ref() == Some(truth));
    let values: Vec<f64> = pairs.iter().map(is_right).collect();
    Figures {
        of,
        n_rated: pairs.len(),
        n_answered: pairs.iter().filter(|(_, answer)| answer.is_some()).count(),
        measures: Mean::of(&values).map(|mean| (SHARE, mean)).into_iter().collect(),
    }
}

/// The figures as a table: values with their intervals.
pub fn table(figures: &[Figures]) -> Table {
    let names: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).chain([SHARE]).collect();
    let head: Vec<&str> =
        ["emotion", "rated", "answered"].into_iter().chain(names.clone()).collect();
    let mut table = Table::new(&head);
    for row in figures {
        let cell = |name: &&str| {
            row.measures.iter().find(|(known, _)| known == name).map_or_else(
                || "–".to_owned(),
                |(_, it)| format!("{:.2} ({:.2} to {:.2})", it.mean, it.low, it.high),
            )
        };
        let counts = [row.of.to_owned(), row.n_rated.to_string(), row.n_answered.to_string()];
        table.rows.push(counts.into_iter().chain(names.iter().map(cell)).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use report::Quadrant;

    use super::super::truth::Category;
    use super::*;

    fn rated(valence: f64, quadrant: Quadrant, category: Category) -> Rated {
        Rated {
            path: PathBuf::new(),
            dimensions: [Some(valence), None, None],
            quadrant: Some(quadrant),
            category: Some(category),
        }
    }

    #[test]
    fn what_is_not_answered_is_wrong_and_has_no_part_in_correlations() {
        let truth = [
            rated(-0.5, Quadrant::CalmNegative, Category::Sad),
            rated(0.0, Quadrant::CalmPositive, Category::Tender),
            rated(0.5, Quadrant::ExcitedPositive, Category::Happy),
            rated(1.0, Quadrant::ExcitedPositive, Category::Happy),
        ];
        let answer = |valence: f64, quadrant, category| Answer {
            dimensions: [Some(valence), Some(0.3), None],
            quadrant: Some(quadrant),
            category: Some(category),
        };
        let answers = [
            answer(-0.25, Quadrant::CalmNegative, Category::Sad),
            answer(0.0, Quadrant::Neutral, Category::Fear),
            answer(0.25, Quadrant::ExcitedPositive, Category::Happy),
            Answer::default(),
        ];
        let figures = figures(&truth, &answers);
        let names: Vec<&str> = figures.iter().map(|it| it.of).collect();
        assert_eq!(names, ["valence", "quadrant", "category"]);
        assert_eq!((figures[0].n_rated, figures[0].n_answered), (4, 3));
        let value = |row: usize, measure: usize| figures[row].measures[measure].1.mean;
        // Halved answers: r = 1, R² = 1 − (1/8) / (1/2), CCC = 2 · 1/2 / (1 + 1/4).
        assert!((value(0, 0) - 1.0).abs() < 1e-12 && (value(0, 1) - 1.0).abs() < 1e-12);
        assert!((value(0, 2) - 0.75).abs() < 1e-12 && (value(0, 3) - 0.8).abs() < 1e-12);
        assert!((value(1, 0) - 0.5).abs() < 1e-12 && (value(2, 0) - 0.5).abs() < 1e-12);
        assert!(table(&figures).text().contains("0.75"));
    }
}
