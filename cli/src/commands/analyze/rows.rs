//! What people see: one row a recording.

use anyhow::Result;
use report::Report;

use crate::output;
use crate::table::Table;

/// A table of reports.
pub(super) struct Rows {
    table: Table,
    is_empty: bool,
}

impl Rows {
    pub(super) fn new() -> Self {
        let columns = ["file", "bpm", "sure", "key", "sure", "LUFS", "dBTP", "arousal", "valence"];
        Self { table: Table::new(columns), is_empty: true }
    }

    pub(super) fn add(&mut self, file: &str, report: &Report) {
        self.table.row(row(file, report));
        self.is_empty = false;
    }

    /// Prints the table; nothing if no recording gave a report.
    pub(super) fn print(&self) -> Result<()> {
        if !self.is_empty {
            for line in self.table.lines() {
                output::line(&line)?;
            }
        }
        Ok(())
    }
}

fn row(file: &str, report: &Report) -> Vec<String> {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
    };
    let key = match (&report.key.tonic, &report.key.mode) {
        (Some(tonic), Some(mode)) => format!("{tonic} {mode}"),
        _ => "–".to_owned(),
    };
    vec![
        file.to_owned(),
        number(report.tempo.bpm, 1),
        number(report.tempo.confidence, 2),
        key,
        number(report.key.confidence, 2),
        number(report.loudness.integrated_lufs, 1),
        number(report.loudness.true_peak_dbtp, 1),
        number(report.emotion.arousal.value, 2),
        number(report.emotion.valence.value, 2),
    ]
}
