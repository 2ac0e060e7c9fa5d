//! Text tables for people.

/// Columns, aligned by the widest cell; numbers to the right.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        let mut table = Self::default();
        table.row(header);
        table
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The lines, without trailing blanks; the first row is underlined.
    pub(crate) fn lines(&self) -> Vec<String> {
        let n_columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.cells(column).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let is_number = |column: usize| {
            self.cells(column)
                .skip(1)
                .all(|cell| cell.chars().next().is_none_or(|first| "+-0123456789–".contains(first)))
        };
        let columns: Vec<(usize, bool)> =
            (0..n_columns).map(|column| (width(column), is_number(column))).collect();
        let mut lines: Vec<String> =
            self.rows.iter().map(|row| format_row(row, &columns)).collect();
        let rule =
            columns.iter().map(|(width, _)| "─".repeat(*width)).collect::<Vec<_>>().join("  ");
        lines.insert(1.min(lines.len()), rule);
        lines
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.get(column).map_or("", String::as_str))
    }
}

fn format_row(row: &[String], columns: &[(usize, bool)]) -> String {
    let cells = columns.iter().enumerate().map(|(column, (width, is_number))| {
        let cell = row.get(column).map_or("", String::as_str);
        let blanks = " ".repeat(width - cell.chars().count());
        if *is_number { format!("{blanks}{cell}") } else { format!("{cell}{blanks}") }
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_words_left_and_numbers_right() {
        let mut table = Table::new(["name", "bpm"]);
        table.row(["a", "7"]);
        table.row(["long name", "120"]);
        assert_eq!(
            table.lines(),
            ["name       bpm", "─────────  ───", "a            7", "long name  120"]
        );
    }
}
