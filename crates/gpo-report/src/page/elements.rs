//! Settings that have no form of their own on the page: any elements, as tables and facts.

use std::collections::BTreeSet;

use super::{Block, Fact, Row, Section, fact, yes_or_no};
use crate::element::ReportElement;
use crate::hidden::hide_passwords;

/// The widest table; what has more columns is shown one by one.
const MOST_COLUMNS: usize = 6;

/// Attributes that say nothing to people.
const SILENT: [&str; 5] = ["clsid", "image", "uid", "status", "changed"];

/// Actions of preferences.
const ACTIONS: [(&str, &str); 4] = [
    ("C", "Create"),
    ("D", "Delete"),
    ("R", "Replace"),
    ("U", "Update"),
];

/// What attributes of preferences are called that every item has, and whether it is 0 or 1 that
/// means yes. A filter has others of these names.
const COMMON: [(&str, &str, &str); 4] = [
    ("disabled", "Disabled", "1"),
    ("bypassErrors", "Stop at an error", "0"),
    ("userContext", "Run as the user", "1"),
    ("removePolicy", "Remove when no longer applied", "1"),
];

/// The section of an extension.
pub(super) fn section(title: &str, mut elements: Vec<ReportElement>) -> Section {
    elements.iter_mut().for_each(hide_passwords);
    let mut section = Section::new(title);
    // The root of preferences says nothing beside the name of the extension.
    match elements.as_slice() {
        [only] if only.attribute("clsid").is_some() => add(&mut section, &only.children),
        all => add(&mut section, all),
    }
    if section.blocks.is_empty() && section.sections.is_empty() {
        let text = "No settings defined.".to_owned();
        section.blocks.push(Block::Paragraph(text));
    }
    section
}

/// Adds elements. They nest as deep as an XML document at most, 100.
fn add(section: &mut Section, elements: &[ReportElement]) {
    section.add_facts(leaf_facts(elements));
    let nested = elements.iter().filter(|element| !is_leaf(element));
    let nested: Vec<_> = nested.collect();
    for group in nested.chunk_by(|a, b| a.name == b.name) {
        if add_table(section, group) {
            continue;
        }
        for element in group {
            let mut inner = Section::new(title(element));
            inner.add_facts(own_facts(element));
            add(&mut inner, &element.children);
            if !inner.blocks.is_empty() || !inner.sections.is_empty() {
                section.sections.push(inner);
            } else if let Some(name) = title_attribute(element) {
                section.add_facts(vec![fact(&words(&element.name), name)]);
            }
        }
    }
}

/// Adds elements of one name as a table, if they have the form for it.
fn add_table(section: &mut Section, group: &[&ReportElement]) -> bool {
    let facts: Option<Vec<_>> = group.iter().map(|element| flat_facts(element)).collect();
    let Some(facts) = facts.filter(|facts| facts.len() > 1) else {
        return false;
    };
    let mut columns: Vec<&str> = Vec::new();
    for facts in &facts {
        let names: BTreeSet<_> = facts.iter().map(|(name, _)| name).collect();
        if names.len() < facts.len() {
            return false;
        }
        for (name, _) in facts {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
            if columns.len() > MOST_COLUMNS {
                return false;
            }
        }
    }
    if columns.is_empty() {
        return false;
    }
    let rows = facts.iter().map(|facts| {
        let cell = |column: &&str| {
            let mut facts = facts.iter();
            let found = facts.find(|(name, _)| name == column);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Row {
            cells: columns.iter().map(cell).collect(),
            ..Row::default()
        }
    });
    section.add_rows(&columns, rows.collect());
    true
}

/// All that an element says, its name first, if that is attributes and leaves only.
fn flat_facts(element: &ReportElement) -> Option<Vec<Fact>> {
    if !element.children.iter().all(is_leaf) {
        return None;
    }
    let name = title_attribute(element).map(|name| fact("Name", name));
    let mut facts: Vec<_> = name.into_iter().collect();
    facts.extend(own_facts(element));
    facts.extend(leaf_facts(&element.children));
    Some(facts)
}

fn is_leaf(element: &ReportElement) -> bool {
    leaf_text(element).is_some()
}

/// The text of an element that has nothing else, or nothing but a `Value` with a text.
fn leaf_text(element: &ReportElement) -> Option<&str> {
    let silent = |(name, _): &(String, String)| name.starts_with("xsi:");
    if !element.attributes.iter().all(silent) {
        return None;
    }
    match element.children.as_slice() {
        [] => Some(&element.text),
        [value]
            if value.name == "Value" && value.children.is_empty() && element.text.is_empty() =>
        {
            value.attributes.iter().all(silent).then_some(&value.text)
        }
        _ => None,
    }
}

fn leaf_facts(elements: &[ReportElement]) -> Vec<Fact> {
    let leaves = elements
        .iter()
        .filter_map(|element| Some((&element.name, leaf_text(element)?)));
    let told = leaves.filter(|(name, text)| *name != "GPOSettingOrder" && !text.is_empty());
    told.map(|(name, text)| shown(name, text)).collect()
}

/// The attributes, but for the one that is the title of the element, and its text beside them.
fn own_facts(element: &ReportElement) -> Vec<Fact> {
    let title = title_attribute(element);
    let is_silent = |name: &str, value: &str| {
        let is_title = name == "name" && title == Some(value);
        is_title || value.is_empty() || name.starts_with("xsi:") || SILENT.contains(&name)
    };
    let is_filter = element.name.starts_with("Filter");
    let told = element.attributes.iter();
    let told = told.filter(|(name, value)| !is_silent(name, value));
    let mut facts: Vec<_> = told
        .map(|(name, value)| match common(name, value) {
            Some(fact) if !is_filter => fact,
            _ => shown(name, value),
        })
        .collect();
    let text = element.text.trim();
    if !text.is_empty() {
        facts.push(fact("Value", text));
    }
    facts
}

/// An attribute that every item has.
fn common(name: &str, value: &str) -> Option<Fact> {
    let (_, title, yes) = COMMON.iter().find(|(own, ..)| *own == name)?;
    let is_flag = ["0", "1"].contains(&value);
    is_flag.then(|| fact(title, yes_or_no(value == *yes)))
}

fn shown(name: &str, value: &str) -> Fact {
    let action = ACTIONS.iter().find(|(letter, _)| *letter == value);
    let value = match action {
        Some((_, word)) if name.eq_ignore_ascii_case("action") => word,
        _ => value,
    };
    fact(&words(name), value)
}

/// What an element is called: the words of its name, and its own name.
fn title(element: &ReportElement) -> String {
    match own_name(element) {
        Some(own) => format!("{}: {own}", words(&element.name)),
        None => words(&element.name),
    }
}

/// The name that an element has of its own. Properties have that of the item around them.
fn own_name(element: &ReportElement) -> Option<&str> {
    if element.name == "Properties" {
        return None;
    }
    let mut names = ["name", "Name", "Id", "Type"].into_iter();
    names.find_map(|name| {
        let attribute = element.attribute(name);
        let own = attribute.or_else(|| element.child(name).and_then(leaf_text));
        own.filter(|own| !own.is_empty())
    })
}

/// The attribute that is the title of an element.
fn title_attribute(element: &ReportElement) -> Option<&str> {
    let name = element.attribute("name");
    name.filter(|_| own_name(element) == name)
}

/// The words of a name: `InboundFirewallRules` is `Inbound Firewall Rules`.
fn words(name: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        if words.is_empty() {
            words.extend(c.to_uppercase());
        } else {
            words.push(c);
        }
        before = c;
    }
    words
}
