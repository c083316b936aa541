//! Preferences from their files.

use std::collections::HashMap;

use gpo_core::Preferences;

use super::task;
use crate::element::{Namespace, ReportElement};
use crate::extension::ReportExtension;
use crate::hidden::hide_passwords;
use crate::settings::Settings;

/// How a kind of preferences is called in a report.
pub(super) struct ReportedKind {
    /// The kind.
    pub(super) file: &'static str,
    /// The namespace of the extension.
    namespace: &'static str,
    /// Its type.
    type_name: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// The root element.
    root: &'static str,
}

const fn kind(
    file: &'static str,
    namespace: &'static str,
    type_name: &'static str,
    name: &'static str,
    root: &'static str,
) -> ReportedKind {
    ReportedKind {
        file,
        namespace,
        type_name,
        name,
        root,
    }
}

/// The kinds, by the name of their file. The census has neither `Applications`, `DataSources`,
/// `Devices`, `InternetSettings`, `NetworkOptions`, `NetworkShares` nor `RegionalOptions`; their names
/// follow the others.
#[rustfmt::skip]
pub(super) const KINDS: [ReportedKind; 21] = [
    kind("Applications", "Applications", "ApplicationsSettings", "Applications", "Applications"),
    kind("DataSources", "DataSources", "DataSourcesSettings", "Data Sources", "DataSources"),
    kind("Devices", "Devices", "DevicesSettings", "Devices", "Devices"),
    kind("Drives", "DriveMaps", "DriveMapSettings", "Drive Maps", "DriveMapSettings"),
    kind("EnvironmentVariables", "Environment", "EnvironmentVariablesSettings", "Environment Variables", "EnvironmentVariables"),
    kind("Files", "Files", "FilesSettings", "Files", "FilesSettings"),
    kind("FolderOptions", "FolderOptions", "FolderOptionsSettings", "Folder Options", "FolderOptions"),
    kind("Folders", "Folders", "FoldersSettings", "Folders", "Folders"),
    kind("Groups", "Lugs", "LugsSettings", "Local Users and Groups", "LocalUsersAndGroups"),
    kind("IniFiles", "IniFiles", "IniFilesSettings", "Ini Files", "IniFiles"),
    kind("InternetSettings", "InternetOptions", "InternetOptionsSettings", "Internet Options", "InternetOptions"),
    kind("NetworkOptions", "NetworkOptions", "NetworkOptionsSettings", "Network Options", "NetworkOptions"),
    kind("NetworkShares", "NetworkShares", "NetworkSharesSettings", "Network Shares", "NetworkShares"),
    kind("PowerOptions", "PowerOptions", "PowerOptionsSettings", "Power Options", "PowerOptions"),
    kind("Printers", "Printers", "PrintersSettings", "Printers", "Printers"),
    kind("RegionalOptions", "RegionalOptions", "RegionalOptionsSettings", "Regional Options", "RegionalOptions"),
    kind("Registry", "Windows/Registry", "RegistrySettings", "Windows Registry", "RegistrySettings"),
    kind("ScheduledTasks", "ScheduledTasks", "ScheduledTasksSettings", "Scheduled Tasks", "ScheduledTasks"),
    kind("Services", "Services", "ServiceSettings", "Services", "NTServices"),
    kind("Shortcuts", "Shortcuts", "ShortcutSettings", "Shortcuts", "ShortcutSettings"),
    kind("StartMenuTaskbar", "StartMenu", "StartMenuSettings", "Start Menu", "StartMenuSettings"),
];

impl ReportedKind {
    /// Whether files of this kind have this place, `*\PREFERENCES\DRIVES\DRIVES.XML`.
    pub(super) fn is_file(&self, place: &str) -> bool {
        let name = place
            .strip_prefix(r"*\PREFERENCES\")
            .and_then(|rest| rest.split('\\').next());
        name.is_some_and(|name| name.eq_ignore_ascii_case(self.file))
    }

    /// What a file of this kind does.
    pub(super) fn extension(&self, preferences: &Preferences) -> ReportExtension {
        let root = &preferences.document().root;
        let mut element = ReportElement::of_settings_file(root);
        self.root.clone_into(&mut element.name);
        hide_passwords(&mut element);
        let counted = match self.file {
            "ScheduledTasks" => Counted::Together,
            _ => Counted::ByKind,
        };
        set_order(&mut element, counted);
        let settings = Settings::Elements(vec![element]);
        ReportExtension::new(self.namespace, self.type_name, self.name, settings)
    }
}

/// How the items of an element are counted.
#[derive(Clone, Copy)]
enum Counted {
    /// All of them (census: 5 of 5, tasks).
    Together,
    /// Those of each name.
    ByKind,
}

/// Containers that are written even where they are empty, and the items in whose properties they are.
const CONTAINERS: [(&str, &str); 6] = [
    ("Registry", "Values"),
    ("Group", "Members"),
    ("User", "Members"),
    ("FileType", "Actions"),
    ("GlobalFolderOptions", "Actions"),
    ("GlobalFolderOptionsVista", "Actions"),
];

/// Numbers the items of an element, from 1, and brings what is in them into the order of a report:
/// the number, the properties, the filters, which are always there, and items (census: 1,536 items).
fn set_order(parent: &mut ReportElement, counted: Counted) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for item in &mut parent.children {
        if matches!(item.name.as_str(), "Properties" | "Filters") {
            continue;
        }
        let kind = match counted {
            Counted::Together => "",
            Counted::ByKind => item.name.as_str(),
        };
        let count = counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let number = *count;
        set_item(item, number, counted);
    }
}

fn set_item(item: &mut ReportElement, number: usize, counted: Counted) {
    set_order(item, counted);
    if !item.children.iter().any(|child| child.name == "Filters") {
        let filters = ReportElement::parent(Namespace::Extension, "Filters", Vec::new());
        item.children.push(filters);
    }
    let order = ReportElement::leaf(Namespace::Extension, "GPOSettingOrder", number.to_string());
    item.children.insert(0, order);
    item.children
        .sort_by_key(|child| match child.name.as_str() {
            "GPOSettingOrder" => 0,
            "Properties" => 1,
            "Filters" => 2,
            "Collection" => 4,
            _ => 3,
        });
    let name = item.name.as_str();
    let container = CONTAINERS.iter().find(|(own, _)| *own == name);
    for properties in &mut item.children {
        if properties.name != "Properties" {
            continue;
        }
        for task in &mut properties.children {
            if task.name == "Task" {
                task::set_order(task);
            }
        }
        if let Some((_, container)) = container
            && !properties
                .children
                .iter()
                .any(|child| child.name == *container)
        {
            let empty = ReportElement::parent(Namespace::Extension, container, Vec::new());
            properties.children.push(empty);
        }
    }
}
