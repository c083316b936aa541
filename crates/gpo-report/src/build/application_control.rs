//! `AppLocker`: the rules in registry.pol.

use std::collections::HashMap;

use gpo_core::{RegistryPol, XmlDocument};

use super::registry::below;
use crate::element::{Namespace, ReportElement};

const KEY: &str = r"Software\Policies\Microsoft\Windows\SrpV2";

/// The collections in the order of registry.pol; none where there is none (census: 19 of 19).
pub(super) fn settings(pol: &RegistryPol) -> Option<Vec<ReportElement>> {
    let mut collections: Vec<ReportElement> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for entry in &pol.entries {
        let Some(path) = below(entry, KEY).filter(|path| !path.is_empty()) else {
            continue;
        };
        let (kind, rule) = path.split_once('\\').unwrap_or((path, ""));
        let place = *places.entry(kind.to_ascii_lowercase()).or_insert_with(|| {
            let collection = ReportElement::parent(Namespace::Extension, "RuleCollection", vec![]);
            collections.push(collection.with_attribute("Type", kind));
            collections.len() - 1
        });
        let Some(collection) = collections.get_mut(place) else {
            continue;
        };
        let name = entry.value_name.to_string_lossy();
        let shown = if !rule.is_empty() && name.eq_ignore_ascii_case("Value") {
            entry.value.text().and_then(|xml| self::rule(&xml))
        } else if rule.is_empty() && name.eq_ignore_ascii_case("EnforcementMode") {
            entry.value.as_dword().map(enforcement)
        } else {
            None
        };
        collection.children.extend(shown);
    }
    for collection in &mut collections {
        collection
            .children
            .sort_by_key(|child| ORDER.iter().position(|own| *own == child.name));
    }
    (!collections.is_empty()).then_some(collections)
}

/// The children of a collection (census: 25 collections).
const ORDER: [&str; 4] = [
    "FilePublisherRule",
    "FilePathRule",
    "FileHashRule",
    "EnforcementMode",
];

fn enforcement(mode: u32) -> ReportElement {
    // Rules with 0 are only audited; that is the report's word for it (census: 5 of 5).
    let mode = if mode == 0 { "Disabled" } else { "Enabled" };
    let mode = ReportElement::leaf(Namespace::Extension, "Mode", mode);
    ReportElement::parent(Namespace::Extension, "EnforcementMode", vec![mode])
}

/// A rule from its XML; none where that is none.
fn rule(xml: &str) -> Option<ReportElement> {
    let document = XmlDocument::parse(xml.as_bytes()).ok()?;
    let mut rule = ReportElement::of_settings_file(&document.root);
    for part in &mut rule.children {
        let is_condition = part.name == "Conditions";
        for condition in &mut part.children {
            limit(condition);
            let Some(inner) = condition.name.strip_suffix("Condition").map(str::to_owned) else {
                continue;
            };
            if is_condition {
                condition.name = inner;
            } else {
                let mut content = condition.clone();
                content.name = inner;
                condition.attributes.clear();
                condition.children = vec![content];
            }
        }
        let order = [
            "FilePathCondition",
            "FilePublisherCondition",
            "FileHashCondition",
        ];
        part.children
            .sort_by_key(|child| order.iter().position(|own| *own == child.name));
    }
    Some(rule)
}

/// A version that can be any is not shown.
fn limit(condition: &mut ReportElement) {
    for range in &mut condition.children {
        if range.name == "BinaryVersionRange" {
            range.attributes.retain(|(_, value)| value != "*");
        }
    }
}
