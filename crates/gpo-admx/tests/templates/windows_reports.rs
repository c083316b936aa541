//! The policies in real backups, against the reports that Windows wrote on them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use gpo_core::{Half, RegistryPol, XmlDocument, XmlElement};

use crate::common::shared;
use crate::windows_templates::windows;

/// The folders of backups that have a report.
fn backups(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            backups(&path, found);
        } else if path.file_name().unwrap() == "gpreport.xml" {
            found.push(folder.to_owned());
        }
    }
}

/// The registry.pol of a half; empty where it has none.
fn registry_pol(backup: &Path, half: Half) -> RegistryPol {
    let mut path = backup.to_owned();
    for name in ["DomainSysvol", "GPO", half.name(), "registry.pol"] {
        let mut entries = fs::read_dir(&path)
            .into_iter()
            .flatten()
            .map(Result::unwrap);
        let entry = entries.find(|entry| entry.file_name().eq_ignore_ascii_case(name));
        let Some(entry) = entry else {
            return RegistryPol::default();
        };
        path = entry.path();
    }
    RegistryPol::parse(&fs::read(path).unwrap()).unwrap()
}

/// Category, name and state of the policies that a half of the report has.
fn reported(half: &XmlElement) -> Vec<(String, String, String)> {
    let extensions = half
        .elements()
        .filter(|e| e.local_name() == "ExtensionData");
    let settings = extensions.filter_map(|data| data.element("Extension"));
    let settings = settings.flat_map(XmlElement::elements);
    // AppLocker's type is called Policy, too, but its settings are not.
    let policies = settings.filter(|e| e.local_name() == "Policy");
    let text = |e: &XmlElement, name| e.element(name).map(XmlElement::text).unwrap_or_default();
    let policies = policies.map(|e| (text(e, "Category"), text(e, "Name"), text(e, "State")));
    // Those have a comment only.
    policies
        .filter(|(_, _, state)| state != "NotConfigured")
        .collect()
}

#[test]
fn the_policies_of_windows_are_found_with_their_states() {
    let (Some(set), Some(folder)) = (windows(), shared("corpus/backups")) else {
        return;
    };
    let known: HashSet<_> = set
        .policies()
        .map(|policy| (policy.categories().join("/"), policy.display_name()))
        .collect();
    let mut folders = Vec::new();
    backups(&folder, &mut folders);
    let (mut equal, mut missing, mut different) = (0, 0, Vec::new());
    for backup in &folders {
        let report = XmlDocument::parse(&fs::read(backup.join("gpreport.xml")).unwrap()).unwrap();
        for (half, name) in [(Half::Machine, "Computer"), (Half::User, "User")] {
            let entries = registry_pol(backup, half).entries;
            let found = set.find(half, &entries);
            let found = found.settings.iter().map(|setting| {
                let id = (
                    setting.policy.categories().join("/"),
                    setting.policy.display_name(),
                );
                (id, setting.state.name())
            });
            let found: BTreeMap<_, _> = found.collect();
            for (category, name, state) in reported(report.root.element(name).unwrap()) {
                let id = (category, name.as_str());
                match found.get(&id) {
                    Some(found) if *found == state => equal += 1,
                    Some(found) => different.push(format!("{id:?}: {found}, Windows: {state}")),
                    None if known.contains(&id) => missing += 1,
                    // Its template is none of ours.
                    None => {}
                }
            }
        }
    }
    assert_eq!(different, [""; 0]);
    // Those are of older templates, where other values stood for the same policies, and of a backup
    // whose registry.pol was changed after its report.
    assert!(
        missing * 100 <= equal,
        "{equal} are found, {missing} are not"
    );
    assert!(equal > 0, "no policy is known");
}
