//! The report as Markdown.

use gpo_core::is_unprintable;

use crate::compare::{ReportChange, change_sections};
use crate::page::{Block, Row, Section, sections};
use crate::report::Report;

impl Report {
    /// The report as Markdown with tables, in the order of GPMC's page. Every value is text: what
    /// Markdown or HTML would take for markup is escaped. Passwords are not in it.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", escaped(&self.name));
        for section in sections(self) {
            write_section(&mut text, &section, 2);
        }
        text
    }
}

/// The [changes](crate::Report::compare) between two reports as Markdown, with a table for each
/// section; escaped as [`Report::to_markdown`] does.
pub fn changes_markdown(title: &str, changes: &[ReportChange]) -> String {
    let mut text = format!("# {}\n", escaped(title));
    if changes.is_empty() {
        text.push_str("\nNo differences.\n");
    }
    for section in change_sections(changes) {
        write_section(&mut text, &section, 2);
    }
    text
}

/// Sections nest as deep as the elements of a report, 100 at most.
fn write_section(text: &mut String, section: &Section, level: usize) {
    let marks = "#".repeat(level.min(6));
    text.extend(["\n", &marks, " ", &escaped(&section.title), "\n"]);
    for block in &section.blocks {
        text.push('\n');
        match block {
            Block::Paragraph(own) => text.extend([&escaped(own), "\n"]),
            Block::Facts(facts) => {
                for (name, value) in facts {
                    text.extend(["- ", &fact_line(name, value), "\n"]);
                }
            }
            Block::Table(columns, rows) => write_table(text, columns, rows),
        }
    }
    for inner in &section.sections {
        write_section(text, inner, level + 1);
    }
}

fn write_table(text: &mut String, columns: &[String], rows: &[Row]) {
    let has_facts = rows.iter().any(|row| !row.facts.is_empty());
    let titles = columns.iter().map(|title| escaped(title));
    write_row(text, titles.chain(has_facts.then(|| "Values".to_owned())));
    let count = columns.len() + usize::from(has_facts);
    text.extend(["|", &" --- |".repeat(count), "\n"]);
    for row in rows {
        let facts: Vec<_> = row
            .facts
            .iter()
            .map(|(name, value)| fact_line(name, value))
            .collect();
        let cells = row.cells.iter().map(|cell| escaped(cell));
        write_row(text, cells.chain(has_facts.then(|| facts.join("<br>"))));
    }
}

/// A name and its value; a text without a value stands alone.
fn fact_line(name: &str, value: &str) -> String {
    let name = escaped(name);
    match value {
        "" => name,
        value => format!("{name}: {}", escaped(value)),
    }
}

fn write_row(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push('|');
    for cell in cells {
        text.extend([" ", &cell, " |"]);
    }
    text.push('\n');
}

/// What Markdown gives a meaning to within a line or a table.
const MARKUP: &str = "\\`*_[]#|!~^$@+";

/// Text of others on one line of Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\r' => {}
            '\n' => escaped.push_str("<br>"),
            '\t' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if is_unprintable(c) => escaped.push('\u{fffd}'),
            c if MARKUP.contains(c) => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}
