//! What differs between two reports.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::page::{Block, Row, Section, general, halves};
use crate::report::Report;

/// A setting that one report has and the other has not, or that has another value there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportChange {
    /// The titles that lead to it on the page of a report.
    pub section: Vec<String>,
    /// What it is called there.
    pub name: String,
    /// Its value in the report before; none where it is not there.
    pub before: Option<String>,
    /// Its value in the report after, likewise.
    pub after: Option<String>,
}

impl Report {
    /// What differs in another report, in the order of the page.
    ///
    /// Settings are compared as people see them on the page, each with the titles that lead to it;
    /// of several with one name, those that are equal go together, then those that are left, in order.
    /// Besides, the status of the GPO, its versions, its WMI filter and its permissions are compared,
    /// and its name where the ID is the same. What a backup does not hold (links, owner, times) is not, nor
    /// are passwords, which no report has.
    ///
    /// ```
    /// # use gpo_report::Report;
    /// # fn compare(before: &Report, after: &Report) {
    /// for change in before.compare(after) {
    ///     let place = change.section.join(" > ");
    ///     println!("{place} > {}: {:?} -> {:?}", change.name, change.before, change.after);
    /// }
    /// # }
    /// ```
    pub fn compare(&self, after: &Self) -> Vec<ReportChange> {
        let settings = |report: &Self| {
            let mut settings = Vec::new();
            for section in halves(report) {
                let mut path = Vec::new();
                collect(&section, &mut path, &mut settings);
            }
            settings
        };
        let identity = |report: &Self| {
            let mut facts = general::compared(report);
            if self.id == after.id {
                let place = (vec!["Details".to_owned()], "Name".to_owned());
                facts.insert(0, (place, report.name.clone()));
            }
            facts
        };
        let mut changes = changes(&identity(self), &identity(after));
        changes.extend(self::changes(&settings(self), &settings(after)));
        // Those of one section stand together.
        let mut sections: HashMap<Vec<String>, usize> = HashMap::new();
        changes.sort_by_cached_key(|change| {
            let number = sections.len();
            *sections.entry(change.section.clone()).or_insert(number)
        });
        changes
    }
}

/// The titles that lead to a setting, and its name.
pub(crate) type Place = (Vec<String>, String);

/// A place and the value there.
pub(crate) type Setting = (Place, String);

/// Nothing to compare: the same texts for the same template, or no setting at all.
const SUPPORTED_ON: &str = "Supported on";

/// Sections nest as deep as the elements of a report, 100 at most.
fn collect(section: &Section, path: &mut Vec<String>, settings: &mut Vec<Setting>) {
    // The state of a half is compared for itself.
    let title = if path.is_empty() {
        section.title.split(" (").next().unwrap_or_default()
    } else {
        &section.title
    };
    path.push(title.to_owned());
    for block in &section.blocks {
        match block {
            Block::Paragraph(_) => {}
            Block::Facts(facts) => {
                let facts = facts.iter();
                settings.extend(
                    facts.map(|(name, value)| ((path.clone(), name.clone()), value.clone())),
                );
            }
            Block::Table(columns, rows) => {
                settings.extend(rows.iter().map(|row| {
                    let (name, value) = name_and_value(columns, row);
                    ((path.clone(), name), value)
                }));
            }
        }
    }
    for inner in &section.sections {
        collect(inner, path, settings);
    }
    path.pop();
}

/// The first cell names a row, and what else it says is its value. Of registry values and of event logs
/// the first two are the name, of the entries of a descriptor the second.
fn name_and_value(columns: &[String], row: &Row) -> (String, String) {
    let mut cells: Vec<_> = columns.iter().zip(&row.cells).collect();
    let titles: Vec<_> = columns.iter().map(String::as_str).collect();
    let name = match (titles.as_slice(), row.cells.as_slice()) {
        (["Key", "Name", ..], [key, name, ..]) => {
            cells.drain(..2);
            format!(r"{key}\{name}")
        }
        (["Log", "Policy", ..], [log, policy, ..]) => {
            cells.drain(..2);
            format!("{log}: {policy}")
        }
        (["Type" | "Audited", "Name", ..], [_, name, ..]) => {
            cells.remove(1);
            name.clone()
        }
        ([_, ..], [first, ..]) => {
            cells.drain(..1);
            first.clone()
        }
        _ => String::new(),
    };
    let cells = cells.into_iter().filter(|(_, cell)| !cell.is_empty());
    let mut lines: Vec<_> = cells
        .enumerate()
        .map(|(n, (column, cell))| match n {
            0 => cell.clone(),
            _ => format!("{column}: {cell}"),
        })
        .collect();
    let facts = row.facts.iter();
    let facts = facts.filter(|(name, value)| name != SUPPORTED_ON && !value.is_empty());
    lines.extend(facts.map(|(name, value)| format!("{name}: {value}")));
    (name, lines.join("\n"))
}

/// What differs in two lists of settings: what was there in its order, then what is new.
fn changes(before: &[Setting], after: &[Setting]) -> Vec<ReportChange> {
    let old = only_in(before, after);
    let new = only_in(after, before);
    let mut of_place: HashMap<&Place, VecDeque<usize>> = HashMap::new();
    for (number, (place, _)) in new.iter().enumerate() {
        of_place.entry(place).or_default().push_back(number);
    }
    let mut taken = HashSet::new();
    let mut changes = Vec::new();
    for (place, value) in old {
        let number = of_place.get_mut(place).and_then(VecDeque::pop_front);
        taken.extend(number);
        let now = number.and_then(|number| new.get(number));
        let now = now.map(|(_, value)| value.clone());
        changes.push(change(place, Some(value.clone()), now));
    }
    let added = new.iter().enumerate();
    let added = added.filter(|(number, _)| !taken.contains(number));
    changes.extend(added.map(|(_, (place, value))| change(place, None, Some(value.clone()))));
    changes
}

fn change((section, name): &Place, before: Option<String>, after: Option<String>) -> ReportChange {
    ReportChange {
        section: section.clone(),
        name: name.clone(),
        before,
        after,
    }
}

/// The settings that the other list has not, or not as often.
fn only_in<'a>(own: &'a [Setting], other: &[Setting]) -> Vec<&'a Setting> {
    let mut others: HashMap<&Setting, usize> = HashMap::new();
    for setting in other {
        *others.entry(setting).or_default() += 1;
    }
    let is_alone = |setting: &&Setting| match others.get_mut(*setting) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    own.iter().filter(is_alone).collect()
}

/// The changes as sections with a table each, in the order of their first one.
pub(crate) fn change_sections(changes: &[ReportChange]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut numbers: HashMap<&[String], usize> = HashMap::new();
    for change in changes {
        let number = *numbers.entry(&change.section).or_insert(sections.len());
        if number == sections.len() {
            sections.push(Section {
                title: change.section.join(" › "),
                ..Section::default()
            });
        }
        let Some(section) = sections.get_mut(number) else {
            continue;
        };
        let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        let row = Row {
            cells: vec![
                change.name.clone(),
                cell(&change.before),
                cell(&change.after),
            ],
            ..Row::default()
        };
        match section.blocks.last_mut() {
            Some(Block::Table(_, rows)) => rows.push(row),
            _ => section.add_rows(&["Setting", "Before", "After"], vec![row]),
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(all: &[(&str, &str)]) -> Vec<Setting> {
        let place = |name: &str| (vec!["A".to_owned()], name.to_owned());
        let all = all.iter();
        all.map(|(name, value)| (place(name), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn equal_settings_go_together_then_those_of_one_name() {
        for (before, after, expected) in [
            (&[("a", "1")][..], &[("a", "1")][..], &[][..]),
            (&[("a", "1")], &[("a", "2")], &["a: 1 -> 2"]),
            (&[("a", "1"), ("a", "2")], &[("a", "2")], &["a: 1 -> "]),
            (&[("a", "1")], &[("a", "0"), ("a", "1")], &["a:  -> 0"]),
            (&[("a", "1"), ("a", "1")], &[("a", "1")], &["a: 1 -> "]),
            (
                &[("a", "1"), ("b", "1")],
                &[("d", "1"), ("c", "1"), ("b", "1")],
                &["a: 1 -> ", "d:  -> 1", "c:  -> 1"],
            ),
            (
                &[("a", "1"), ("a", "2")],
                &[("a", "3"), ("a", "4")],
                &["a: 1 -> 3", "a: 2 -> 4"],
            ),
        ] {
            let found = changes(&settings(before), &settings(after));
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let found: Vec<_> = found
                .iter()
                .map(|c| format!("{}: {} -> {}", c.name, text(&c.before), text(&c.after)))
                .collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_row_is_a_name_and_a_value() {
        for (columns, cells, expected) in [
            (["Policy", "Setting", "Comment"], ["a", "1", ""], ("a", "1")),
            (
                ["Policy", "Setting", "Comment"],
                ["a", "1", "c"],
                ("a", "1\nComment: c"),
            ),
            (["Key", "Name", "Value"], ["k", "n", "1"], (r"k\n", "1")),
            (["Log", "Policy", "Setting"], ["l", "p", "1"], ("l: p", "1")),
            (
                ["Type", "Name", "Permission"],
                ["Allow", "n", "Read"],
                ("n", "Allow\nPermission: Read"),
            ),
        ] {
            let columns = columns.map(String::from);
            let row = Row {
                cells: cells.map(String::from).into(),
                ..Row::default()
            };
            let (name, value) = name_and_value(&columns, &row);
            assert_eq!((name.as_str(), value.as_str()), expected);
        }
    }
}
