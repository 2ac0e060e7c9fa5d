//! A table, for the terminal and for a document.

use std::fmt::Write as _;

/// A table with a head.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Heads of the columns.
    pub head: Vec<String>,
    /// Cells, as many a row as there are heads.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|&text| text.to_owned()).collect(), rows: Vec::new() }
    }

    /// With the first column to the left and all others to the right.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> = (0..self.head.len())
            .map(|column| if column == 0 { "---" } else { "--:" }.to_owned())
            .collect();
        let mut text = line(&self.head) + &line(&rule);
        self.rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }

    /// Padded with spaces.
    pub fn text(&self) -> String {
        let rows = || std::iter::once(&self.head).chain(&self.rows);
        let width = |column: usize| rows().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> =
            (0..self.head.len()).map(|column| width(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in rows() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                // Writing to a string cannot fail.
                let _ = if column == 0 {
                    write!(text, "{cell:<width$}")
                } else {
                    write!(text, "  {cell:>width$}")
                };
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same_cells() {
        let mut table = Table::new(&["system", "beat F"]);
        table.rows.push(vec!["ä".to_owned(), "0.5".to_owned()]);
        assert_eq!(table.markdown(), "| system | beat F |\n| --- | --: |\n| ä | 0.5 |\n");
        assert_eq!(table.text(), "system  beat F\nä          0.5\n");
    }
}
