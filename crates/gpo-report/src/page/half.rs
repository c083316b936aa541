//! A half of a GPO: the extensions where GPMC shows them.

use super::{
    Block, Section, elements, enabled, fact, folder_redirection, policies, scripts, security,
};
use crate::extension::{ExtensionContent, ReportExtension};
use crate::report::ReportHalf;
use crate::settings::{AuditSettings, Settings};

/// Where policies are shown that are no administrative templates.
const PLACES: [(&str, &[&str]); 9] = [
    ("Software Installation", &["Policies", "Software Settings"]),
    ("Scripts", &["Policies", "Windows Settings"]),
    ("Folder Redirection", &["Policies", "Windows Settings"]),
    ("Name Resolution Policy", &["Policies", "Windows Settings"]),
    (
        "Security",
        &["Policies", "Windows Settings", "Security Settings"],
    ),
    (
        "Public Key",
        &["Policies", "Windows Settings", "Security Settings"],
    ),
    (
        "Windows Firewall",
        &["Policies", "Windows Settings", "Security Settings"],
    ),
    (
        "Application Control Policies",
        &["Policies", "Windows Settings", "Security Settings"],
    ),
    (
        "Advanced Audit Configuration",
        &["Policies", "Windows Settings", "Security Settings"],
    ),
];

/// Preferences that are shown under Windows Settings.
const WINDOWS_SETTINGS: [&str; 9] = [
    "Applications",
    "Drive Maps",
    "Environment Variables",
    "Files",
    "Folders",
    "Ini Files",
    "Network Shares",
    "Shortcuts",
    "Windows Registry",
];

/// Preferences that are shown under Control Panel Settings.
const CONTROL_PANEL_SETTINGS: [&str; 12] = [
    "Data Sources",
    "Devices",
    "Folder Options",
    "Internet Options",
    "Local Users and Groups",
    "Network Options",
    "Power Options",
    "Printers",
    "Regional Options",
    "Scheduled Tasks",
    "Services",
    "Start Menu",
];

/// The parts of a half, in the order of GPMC; behind the policies that have a place those that have
/// none.
const ORDER: [&[&str]; 6] = [
    &["Policies", "Software Settings"],
    &["Policies", "Windows Settings"],
    &["Policies", "Administrative Templates"],
    &["Policies"],
    &["Preferences", "Windows Settings"],
    &["Preferences", "Control Panel Settings"],
];

pub(super) fn section(title: &str, half: &ReportHalf) -> Section {
    let mut section = Section::new(format!("{title} ({})", enabled(half.enabled)));
    if half.extensions.is_empty() {
        let text = "No settings defined.".to_owned();
        section.blocks.push(Block::Paragraph(text));
    }
    let mut shown: Vec<_> = half
        .extensions
        .iter()
        .map(|extension| (place(extension), sections(extension)))
        .collect();
    shown.sort_by_key(|(place, _)| ORDER.iter().position(|own| place.starts_with(own)));
    for (place, sections) in shown {
        section.add_at(place, sections);
    }
    section
}

fn place(extension: &ReportExtension) -> &'static [&'static str] {
    let name = extension.name.as_str();
    if name == "Registry" {
        return &["Policies", "Administrative Templates"];
    }
    if let Some((_, place)) = PLACES.iter().find(|(own, _)| *own == name) {
        return place;
    }
    if WINDOWS_SETTINGS.contains(&name) {
        &["Preferences", "Windows Settings"]
    } else if CONTROL_PANEL_SETTINGS.contains(&name) {
        &["Preferences", "Control Panel Settings"]
    } else {
        &["Policies"]
    }
}

fn sections(extension: &ReportExtension) -> Vec<Section> {
    match &extension.content {
        ExtensionContent::Settings { settings, .. } => match settings {
            Settings::Registry(registry) => policies::sections(registry),
            Settings::Security(settings) => security::sections(settings),
            Settings::Auditing(settings) => vec![audit(&extension.name, settings)],
            Settings::Scripts(settings) => vec![scripts::section(&extension.name, settings)],
            Settings::FolderRedirection(settings) => {
                vec![folder_redirection::section(&extension.name, settings)]
            }
            other => vec![elements::section(&extension.name, other.to_elements())],
        },
        ExtensionContent::Error(error) => {
            let mut section = Section::new(&extension.name);
            let text = "The settings of this extension could not be read.".to_owned();
            section.blocks.push(Block::Paragraph(text));
            let parts = [
                ("Source", &error.source),
                ("Details", &error.details),
                ("Description", &error.description),
            ];
            let facts = parts.into_iter();
            section.add_facts(
                facts
                    .filter_map(|(name, text)| Some(fact(name, text.as_ref()?)))
                    .collect(),
            );
            vec![section]
        }
    }
}

fn audit(title: &str, settings: &AuditSettings) -> Section {
    let mut section = Section::new(title);
    section.add_table(
        &["Subcategory", "Setting"],
        settings.subcategories.iter().map(|setting| {
            let value = match setting.setting_value.trim() {
                "0" => "No auditing",
                "1" => "Success",
                "2" => "Failure",
                "3" => "Success and Failure",
                other => other,
            };
            vec![setting.subcategory_name.clone(), value.to_owned()]
        }),
    );
    section.add_table(
        &["Global object access", "Security descriptor"],
        settings.global_sacls.iter().map(|sacl| {
            let sddl = sacl.security_descriptor.sddl.clone();
            vec![sacl.kind.clone(), sddl.unwrap_or_default()]
        }),
    );
    section
}
