//! A table of results, in Markdown.

use std::fmt;

pub(super) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(title: &str, head: &[&str]) -> Self {
        let mut table = Self {
            title: title.into(),
            rows: Vec::new(),
        };
        table.row(head);
        table
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn row(&mut self, cells: &[&str]) {
        self.rows
            .push(cells.iter().map(|&cell| cell.into()).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.title)?;
        for (n, row) in self.rows.iter().enumerate() {
            writeln!(f, "| {} |", row.join(" | "))?;
            if n == 0 {
                writeln!(f, "|---{}|", "|---:".repeat(row.len().saturating_sub(1)))?;
            }
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
