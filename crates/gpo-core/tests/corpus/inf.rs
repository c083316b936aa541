//! The formats that are INF files.

use gpo_core::{
    FolderRedirection, GptIni, InfDocument, InfItem, ScriptEvent, ScriptsIni, SecuredObjectKind,
    SecurityTemplate, SettingGroup,
};

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
            set_all(&mut itself, &template)?;
            same(itself.to_bytes(), bytes, "set to itself")?;
            let mut rebuilt = SecurityTemplate::from(skeleton(template.document()));
            set_all(&mut rebuilt, &template)?;
            same(
                rebuilt.to_bytes(),
                &canonical(template.document()),
                "rebuilt",
            )
        },
    );
}

/// Sets in one template all that the views of another read.
fn set_all(target: &mut SecurityTemplate, source: &SecurityTemplate) -> Result<(), String> {
    for group in SettingGroup::ALL {
        for setting in source.settings(group) {
            match setting.number() {
                Some(number) => target.set_number(group, setting.key, number),
                None => target.set_text(group, setting.key, setting.text()),
            }
            .unwrap();
        }
    }
    for right in source.privilege_rights() {
        let principals: Vec<_> = right.principals().map(|principal| principal.text).collect();
        target
            .set_privilege_right(right.privilege, &principals)
            .unwrap();
    }
    for group in source.group_membership() {
        let list: Vec<_> = group.principals().map(|principal| principal.text).collect();
        target.set_group_list(group.group, group.of, &list).unwrap();
    }
    for setting in source.registry_values() {
        let value = setting.value().map_err(|error| error.to_string())?;
        target.set_registry_value(setting.path, &value).unwrap();
    }
    for kind in SecuredObjectKind::ALL {
        for object in source.secured_objects(kind) {
            let (name, sddl) = (object.name, object.sddl);
            target
                .set_secured_object(kind, name, object.mode, sddl)
                .unwrap();
        }
    }
    Ok(())
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
            for event in ScriptEvent::ALL {
                let read = scripts.scripts(event);
                let read: Vec<_> = read.iter().map(|s| (s.command, s.parameters)).collect();
                for target in [&mut itself, &mut rebuilt] {
                    target.set_scripts(event, &read).unwrap();
                    if let Some(first) = scripts.powershell_first(event) {
                        target.set_powershell_first(event, first).unwrap();
                    }
                }
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
            for target in redirection.targets() {
                let target = target.map_err(|error| error.to_string())?;
                for document in [&mut itself, &mut rebuilt] {
                    let (folder, group) = (target.folder, target.group);
                    let flags = target.flags.unwrap();
                    document
                        .set_target(folder, group, flags, target.full_path)
                        .unwrap();
                }
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
