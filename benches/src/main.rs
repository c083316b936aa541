//! What `cargo xtask bench` measures of this project: `gpo-benches CASE FILE`.
//!
//! A process runs one case on one file, so that neither memory nor caches are shared with another;
//! the peers in `benches/peers` are programs of the same form.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that goes wrong has no result"
)]

use std::hint::black_box;

use gpo_core::{
    BackupXml, Preferences, RegistryPol, RegistryPolRef, SecurityTemplate, SettingGroup, Text,
    XmlDocument,
};

#[path = "../measure.rs"]
mod measure;

use measure::{arguments, measure};

fn main() {
    let (case, file) = arguments();
    match case.as_str() {
        "registry-pol-in-place" => measure(|| {
            let pol = RegistryPolRef::parse(&file).expect("it is a registry.pol");
            pol.entries().fold(0, |count, entry| {
                black_box(entry.expect("every entry is whole"));
                count + 1
            })
        }),
        "registry-pol-parse" => measure(|| registry_pol(&file).entries.len()),
        "registry-pol-write" => {
            let pol = registry_pol(&file);
            measure(|| pol.to_bytes().expect("it came out of a file").len());
        }
        "backup-xml-read" => measure(|| backup_xml(&file).extensions.len()),
        "backup-xml-write" => {
            let backup = backup_xml(&file);
            measure(|| backup.to_bytes().expect("it came out of a file").len());
        }
        "security-template-parse" => measure(|| {
            let template = security_template(&file);
            template
                .document()
                .sections()
                .map(|section| section.entries().count())
                .sum()
        }),
        "security-template-views" => {
            let template = security_template(&file);
            measure(|| {
                let settings = SettingGroup::ALL
                    .map(|group| template.settings(group).count())
                    .iter()
                    .sum::<usize>();
                settings + template.principals().count() + template.registry_values().count()
            });
        }
        "security-template-write" => {
            let template = security_template(&file);
            measure(|| template.to_bytes().expect("it came out of a file").len());
        }
        "preferences-parse" => measure(|| preferences(&file).items().count()),
        "preferences-write" => {
            let preferences = preferences(&file);
            measure(|| preferences.to_bytes().expect("it came out of a file").len());
        }
        "xml-document-parse" => measure(|| {
            let document = XmlDocument::parse(&file).expect("it is XML");
            document.root.elements().count()
        }),
        "utf-16-decode" => measure(|| {
            let text = Text::decode(&file).expect("it is UTF-16");
            text.as_str().len()
        }),
        _ => panic!("there is no case {case}"),
    }
}

fn registry_pol(file: &[u8]) -> RegistryPol {
    RegistryPol::parse(file).expect("it is a registry.pol")
}

fn backup_xml(file: &[u8]) -> BackupXml {
    BackupXml::parse(file).expect("it is a Backup.xml")
}

fn security_template(file: &[u8]) -> SecurityTemplate {
    SecurityTemplate::parse(file).expect("it is text")
}

fn preferences(file: &[u8]) -> Preferences {
    Preferences::parse(file).expect("it is a preferences file")
}
