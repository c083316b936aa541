//! The formats that are INF files.

use gpo_core::{
    FolderRedirection, GptIni, InfDocument, InfItem, ScriptsIni, SecurityTemplate, SettingGroup,
};
use gpo_testkit::rebuild;

use crate::shared::{check_all, same};

#[test]
fn gpt_ini() {
    check_all(
        |name| name == "gpt.ini",
        80,
        |bytes| {
            let mut gpt = GptIni::parse(bytes).map_err(|error| error.to_string())?;
            same(gpt.to_bytes(), bytes, "written back")?;
            let version = gpt.version().map_err(|error| error.to_string())?;
            gpt.set_version(version).unwrap();
            same(gpt.to_bytes(), bytes, "version set to itself")
        },
    );
}

/// The headers and blank lines of a file, without its other lines.
fn skeleton(document: &InfDocument) -> InfDocument {
    let mut skeleton = InfDocument::new(document.text().encoding(), document.text().has_bom());
    let mut section = String::new();
    for line in document.text().lines() {
        match InfItem::of(line.text()) {
            InfItem::Section(name) => {
                section = name.to_lowercase();
                skeleton.push_line(line.text()).unwrap();
            }
            InfItem::Entry { key, value } if ["unicode", "version"].contains(&section.as_str()) => {
                skeleton.push_entry(key, value).unwrap();
            }
            _ if section.is_empty() => skeleton.push_line(line.text()).unwrap(),
            _ => {}
        }
    }
    skeleton
}

/// The file as Windows would write it: what a rebuilt one is compared with. The causes of a
/// difference are blank lines at the end of a section, `Key=` or `Key = ` for an empty list, blanks
/// at the end of a line, a last line without end, and Samba's own line ends and spacing.
fn canonical(document: &InfDocument) -> Vec<u8> {
    let mut canonical = InfDocument::new(document.text().encoding(), document.text().has_bom());
    let mut section = String::new();
    for line in document.text().lines() {
        match InfItem::of(line.text()) {
            InfItem::Blank if !section.is_empty() => {}
            InfItem::Section(name) => {
                section = name.to_lowercase();
                canonical.push_line(line.text()).unwrap();
            }
            InfItem::Entry { key, value } if is_spaced(&section) => {
                let line = format!("{key} = {value}");
                canonical.push_line(line.trim_end()).unwrap();
            }
            InfItem::Entry { key, value } if !section.starts_with("registry") => {
                canonical.push_entry(key, value).unwrap();
            }
            _ => canonical.push_line(line.text()).unwrap(),
        }
    }
    canonical.to_bytes().unwrap()
}

/// Whether Windows puts blanks around the `=` in a section (census: 2,118 of 2,382 lines, all but
/// the empty lists of one producer).
fn is_spaced(section: &str) -> bool {
    let lists = ["privilege rights", "group membership"];
    let groups = SettingGroup::ALL.map(|group| group.section().to_lowercase());
    lists.contains(&section) || groups.iter().any(|group| group == section)
}

#[test]
fn security_template() {
    check_all(
        |name| name == "gpttmpl.inf",
        190,
        |bytes| {
            let template = SecurityTemplate::parse(bytes).map_err(|error| error.to_string())?;
            same(template.to_bytes(), bytes, "written back")?;
            let unknown = template.unknown_lines();
            if !unknown.is_empty() {
                return Err(format!("no view reads the lines {unknown:?}"));
            }
            let mut itself = template.clone();
            let set = |to: &mut SecurityTemplate| {
                rebuild::security_template(&template, to).map_err(|error| error.to_string())
            };
            set(&mut itself)?;
            same(itself.to_bytes(), bytes, "set to itself")?;
            let mut rebuilt = SecurityTemplate::from(skeleton(template.document()));
            set(&mut rebuilt)?;
            same(
                rebuilt.to_bytes(),
                &canonical(template.document()),
                "rebuilt",
            )
        },
    );
}

#[test]
fn scripts_ini() {
    check_all(
        |name| name == "scripts.ini" || name == "psscripts.ini",
        29,
        |bytes| {
            let scripts = ScriptsIni::parse(bytes).map_err(|error| error.to_string())?;
            same(scripts.to_bytes(), bytes, "written back")?;
            let mut itself = scripts.clone();
            let mut rebuilt = ScriptsIni::from(skeleton(scripts.document()));
            for target in [&mut itself, &mut rebuilt] {
                rebuild::scripts(&scripts, target).unwrap();
            }
            same(itself.to_bytes(), bytes, "set to itself")?;
            same(
                rebuilt.to_bytes(),
                &canonical(scripts.document()),
                "rebuilt",
            )
        },
    );
}

#[test]
fn folder_redirection() {
    check_all(
        |name| name == "fdeploy.ini" || name == "fdeploy1.ini",
        4,
        |bytes| {
            let redirection = FolderRedirection::parse(bytes).map_err(|error| error.to_string())?;
            same(redirection.to_bytes(), bytes, "written back")?;
            let mut itself = redirection.clone();
            let mut rebuilt = FolderRedirection::from(skeleton(redirection.document()));
            for target in [&mut itself, &mut rebuilt] {
                rebuild::folder_redirection(&redirection, target)
                    .map_err(|error| error.to_string())?;
            }
            same(itself.to_bytes(), bytes, "set to itself")?;
            same(
                rebuilt.to_bytes(),
                &canonical(redirection.document()),
                "rebuilt",
            )
        },
    );
}
