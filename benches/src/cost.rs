//! Rows of the table, as Markdown and as JSON.

use serde::Serialize;

use crate::clock::Runs;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Bytes to samples, alone.
    Decode,
    /// One stage of the analysis, alone.
    Stage,
    /// What several stages do for one purpose, which is in their rows already.
    Part,
    /// Everything from bytes to the report.
    Whole,
    /// Another program's work on the same sound.
    Peer,
}

/// One measured thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What it is about.
    pub group: Group,
    /// What was measured.
    pub name: String,
    /// What it was measured on.
    pub input: String,
    /// Median CPU seconds per minute of audio.
    pub core_s_per_minute: f64,
    /// The fastest run.
    pub min: f64,
    /// The slowest run.
    pub max: f64,
}

impl Row {
    /// `runs` over `minutes` of audio.
    pub fn new(group: Group, name: &str, input: &str, runs: &Runs, minutes: f64) -> Self {
        Self {
            group,
            name: name.to_owned(),
            input: input.to_owned(),
            core_s_per_minute: runs.median_s() / minutes,
            min: runs.min_s() / minutes,
            max: runs.max_s() / minutes,
        }
    }
}

/// What the rows about the same input leave of the first [`Group::Whole`] row.
pub fn rest(rows: &[Row]) -> Option<f64> {
    let whole = rows.iter().find(|row| row.group == Group::Whole)?;
    let is_stage = |row: &&Row| matches!(row.group, Group::Decode | Group::Stage);
    let stages = rows.iter().filter(is_stage).filter(|row| row.input == whole.input);
    Some(whole.core_s_per_minute - stages.map(|row| row.core_s_per_minute).sum::<f64>())
}

/// The table as Markdown; the share is that of the first [`Group::Whole`] row.
pub fn markdown(rows: &[Row]) -> String {
    let whole = rows.iter().find(|row| row.group == Group::Whole).map(|row| row.core_s_per_minute);
    let mut text = String::from(
        "| what | input | core-seconds per minute | fastest–slowest | share of the whole |\n\
         | --- | --- | --: | --: | --: |\n",
    );
    for row in rows {
        let share = match whole {
            Some(whole) => format!("{:.0} %", 100.0 * row.core_s_per_minute / whole),
            None => String::new(),
        };
        let Row { name, input, core_s_per_minute: cost, min, max, .. } = row;
        let line = format!("| {name} | {input} | {cost:.4} | {min:.4}–{max:.4} | {share} |\n");
        text.push_str(&line);
    }
    if let (Some(rest), Some(whole)) = (rest(rows), whole) {
        let share = 100.0 * rest / whole;
        let line = format!("| the rest of the whole | | {rest:.4} | | {share:.0} % |\n");
        text.push_str(&line);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_whole() {
        let row = |group, name: &str, cost| Row {
            group,
            name: name.to_owned(),
            input: "music".to_owned(),
            core_s_per_minute: cost,
            min: cost,
            max: cost,
        };
        let text = markdown(&[
            row(Group::Stage, "key", 0.02),
            row(Group::Part, "emotion", 0.01),
            row(Group::Whole, "analysis", 0.08),
        ]);
        assert!(text.contains("| key | music | 0.0200 | 0.0200–0.0200 | 25 % |"), "{text}");
        assert!(text.contains("| 100 % |"), "{text}");
        assert!(text.contains("| the rest of the whole | | 0.0600 | | 75 % |"), "{text}");
    }
}
