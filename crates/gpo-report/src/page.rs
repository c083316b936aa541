//! What people read of a report: sections with tables, in the order of GPMC's page.
//!
//! HTML and Markdown are written from this. Nothing in it is a password: what may hold one is
//! replaced by a word about it.

use crate::report::Report;

mod elements;
mod folder_redirection;
pub(crate) mod general;
mod half;
mod policies;
mod scripts;
mod security;
mod user_rights;

/// A section, with what is in it and the sections in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
    pub(crate) sections: Vec<Section>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// Text.
    Paragraph(String),
    /// Names and values.
    Facts(Vec<Fact>),
    /// Rows under the titles of their columns.
    Table(Vec<String>, Vec<Row>),
}

/// A name and a value.
pub(crate) type Fact = (String, String);

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    /// What belongs to it, shown below.
    pub(crate) facts: Vec<Fact>,
    /// A long text that explains it.
    pub(crate) help: String,
}

/// The longest title, in characters: it is repeated for what is in the section, in IDs and in changes.
const LONGEST_TITLE: usize = 300;

impl Section {
    /// A section without content; a title that is too long is cut, and in full its first fact.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        let mut section = Self {
            title: title.into(),
            ..Self::default()
        };
        if let Some((end, _)) = section.title.char_indices().nth(LONGEST_TITLE) {
            section.add_facts(vec![fact("Name", &*section.title)]);
            section.title.truncate(end);
            section.title.push('…');
        }
        section
    }

    /// Adds sections at the end of these titles below this one; titles that are missing are made.
    fn add_at(&mut self, titles: &[&str], sections: Vec<Self>) {
        let Some((title, rest)) = titles.split_first() else {
            self.sections.extend(sections);
            return;
        };
        if let Some(section) = self.sections.iter_mut().find(|own| own.title == *title) {
            section.add_at(rest, sections);
        } else {
            let mut section = Self::new(*title);
            section.add_at(rest, sections);
            self.sections.push(section);
        }
    }

    fn add_table(&mut self, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) {
        let rows = rows.map(|cells| Row {
            cells,
            ..Row::default()
        });
        self.add_rows(columns, rows.collect());
    }

    /// Adds a table, unless it has no row.
    pub(crate) fn add_rows(&mut self, columns: &[&str], rows: Vec<Row>) {
        if !rows.is_empty() {
            let columns = columns.iter().copied().map(str::to_owned);
            self.blocks.push(Block::Table(columns.collect(), rows));
        }
    }

    fn add_facts(&mut self, facts: Vec<Fact>) {
        if !facts.is_empty() {
            self.blocks.push(Block::Facts(facts));
        }
    }
}

/// The sections of a report.
pub(crate) fn sections(report: &Report) -> Vec<Section> {
    let [computer, user] = halves(report);
    vec![general::section(report), computer, user]
}

/// The sections of both halves.
pub(crate) fn halves(report: &Report) -> [Section; 2] {
    [
        half::section("Computer Configuration", &report.computer),
        half::section("User Configuration", &report.user),
    ]
}

/// A name and a value.
fn fact(name: &str, value: impl Into<String>) -> Fact {
    (name.to_owned(), value.into())
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "Yes" } else { "No" }
}

fn enabled(value: bool) -> &'static str {
    if value { "Enabled" } else { "Disabled" }
}
