//! What people see of a model that was trained.

use anyhow::Result;
use report::emotion_model::Trained;

use crate::output;
use crate::table::Table;

/// Prints how right the model is for recordings that it has not seen, and what it leans on.
pub(super) fn print(trained: &Trained, grouped_by: &str) -> Result<()> {
    let source = &trained.model.trained_on;
    output::line(&format!(
        "{} recordings in {} groups (by {grouped_by}), {} features; figures are of recordings that had no part in the fit",
        source.n_recordings,
        source.n_groups,
        trained.model.features.len(),
    ))?;
    let head = ["", "n", "R2", "r", "rho", "CCC", "RMSE", "interval", "covered", "penalty"];
    let mut table = Table::new(head);
    for validation in &trained.validations {
        let (score, model) = (&validation.score, &validation.trained);
        table.row([
            validation.dimension.to_owned(),
            validation.pairs.len().to_string(),
            format!("{:.3}", score.r2),
            format!("{:.3}", score.pearson),
            format!("{:.3}", score.spearman),
            format!("{:.3}", score.concordance),
            format!("{:.3}", score.rmse),
            format!("\u{b1}{:.3}", model.half_width),
            score
                .covered
                .map_or_else(|| "–".to_owned(), |it| format!("{it:.2} of {:.2}", model.coverage)),
            format!("{}", model.penalty),
        ]);
    }
    table.lines().iter().try_for_each(|line| output::line(line))?;
    for validation in &trained.validations {
        let mut weights: Vec<(f64, &str)> = validation
            .trained
            .weights
            .iter()
            .zip(&trained.model.features)
            .map(|(weight, feature)| (*weight, feature.name.as_str()))
            .collect();
        weights.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        let strongest: Vec<String> =
            weights.iter().take(5).map(|(weight, name)| format!("{name} {weight:+.3}")).collect();
        output::line(&format!("{} leans on {}", validation.dimension, strongest.join(", ")))?;
    }
    Ok(())
}
