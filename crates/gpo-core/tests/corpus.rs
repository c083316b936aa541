//! The file formats on real files: all of them are read and written back, and the broken ones among
//! them are refused for the reason that `corpus/broken.tsv` names.
//!
//! The files lie in `$GPO_SHARED`, else in `../shared` beside the project's root.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

use gpo_core::{
    AuditColumn, AuditCsv, FolderRedirection, GptIni, Half, InfDocument, InfItem, RegistryEntry,
    RegistryName, RegistryPol, RegistryPolRef, RegistryValue, ScriptEvent, ScriptsIni,
    SecuredObjectKind, SecurityTemplate, SettingGroup, Text, TextDocument, parse_lgpo_text,
    to_lgpo_text,
};

/// The folder of real data; says so where there is none.
fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("GPO_SHARED").map_or_else(beside, PathBuf::from);
    if folder.join("corpus").is_dir() {
        return Some(folder);
    }
    // Not `eprintln!`, which the test runner swallows.
    let _ = writeln!(stderr(), "SKIPPED: no corpus at {}", folder.display());
    None
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Checks every file that `is_kind` takes by its lower-case name. A check that fails has to fail
/// with the message in the table, and each line of the table for this kind has to be met.
fn check_all(
    is_kind: impl Fn(&str) -> bool,
    at_least: usize,
    check: impl Fn(&[u8]) -> Result<(), String>,
) {
    let Some(shared) = shared() else { return };
    let name = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        // Samba's copies of files that it also turns into XML.
        name.trim_end_matches(".sambabackup").to_owned()
    };
    let mut broken: BTreeMap<&str, &str> = include_str!("corpus/broken.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(path, _)| is_kind(&name(path)))
        .collect();
    let mut files = Vec::new();
    for folder in ["corpus", "lgpo"] {
        files_below(&shared.join(folder), &mut files);
    }
    let (mut checked, mut wrong) = (0, String::new());
    for file in files {
        let path = file
            .strip_prefix(&shared)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        if !is_kind(&name(&path)) {
            continue;
        }
        checked += 1;
        let result = check(&fs::read(&file).unwrap());
        let expected = broken.remove(path.as_str()).map(str::to_owned);
        if result.as_ref().err() != expected.as_ref() {
            let found = result.err().unwrap_or_else(|| "no error".into());
            writeln!(wrong, "{path}\t{found}").unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "other results than in the table:\n{wrong}"
    );
    assert!(
        broken.is_empty(),
        "in the table, but not there: {broken:#?}"
    );
    assert!(checked >= at_least, "only {checked} files");
}

/// An error as text; a write that differs is one, too.
fn same(written: gpo_core::Result<Vec<u8>>, read: &[u8], how: &str) -> Result<(), String> {
    match written {
        Ok(written) if written == read => Ok(()),
        Ok(_) => Err(format!("{how}: other bytes")),
        Err(error) => Err(format!("{how}: {error}")),
    }
}

#[test]
fn registry_pol() {
    check_all(
        |name| name.rsplit_once('.').is_some_and(|(_, kind)| kind == "pol"),
        450,
        |bytes| {
            let (saved, damage) = RegistryPol::parse_lossy(bytes);
            let pol = RegistryPol::parse(bytes).map_err(|error| {
                format!(
                    "{error}; saved {}, damage {}",
                    saved.entries.len(),
                    damage.len()
                )
            })?;
            same(pol.to_bytes(), bytes, "written back")?;
            let entries = pol.entries.iter().map(rebuilt).collect();
            same(RegistryPol { entries }.to_bytes(), bytes, "rebuilt")?;
            let walked = RegistryPolRef::parse(bytes).unwrap().entries().count();
            assert_eq!((walked, &saved), (pol.entries.len(), &pol));
            Ok(())
        },
    );
}

/// The entry anew, from what its accessors say.
fn rebuilt(entry: &RegistryEntry) -> RegistryEntry {
    let name = |name: &RegistryName| match name.as_str() {
        Some(text) => text.parse().unwrap(),
        None => RegistryName::from_units(&name.units().collect::<Vec<_>>()).unwrap(),
    };
    let value = &entry.value;
    let value = if let Some(text) = value.as_sz() {
        RegistryValue::Sz(text.to_owned())
    } else if let Some(text) = value.as_expand_sz() {
        RegistryValue::ExpandSz(text.to_owned())
    } else if let Some(number) = value.as_dword() {
        RegistryValue::Dword(number)
    } else if let Some(number) = value.as_qword() {
        RegistryValue::Qword(number)
    } else if let Some(texts) = value.as_multi_sz() {
        RegistryValue::MultiSz(texts.to_vec())
    } else {
        match value {
            RegistryValue::None => RegistryValue::None,
            RegistryValue::Binary(data) => RegistryValue::Binary(data.clone()),
            RegistryValue::Raw(data_type, data) => RegistryValue::Raw(*data_type, data.clone()),
            other => panic!("no accessor reads {other:?}"),
        }
    };
    RegistryEntry {
        key: name(&entry.key),
        value_name: name(&entry.value_name),
        value,
    }
}

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

#[test]
fn audit_csv() {
    use AuditColumn as C;
    const COLUMNS: [AuditColumn; 7] = [
        C::MachineName,
        C::PolicyTarget,
        C::Subcategory,
        C::SubcategoryGuid,
        C::InclusionSetting,
        C::ExclusionSetting,
        C::SettingValue,
    ];
    check_all(
        |name| name == "audit.csv",
        67,
        |bytes| {
            let audit = AuditCsv::parse(bytes).map_err(|error| error.to_string())?;
            same(audit.to_bytes(), bytes, "written back")?;
            let unknown = audit.unknown_lines();
            if !unknown.is_empty() {
                return Err(format!("no rows in the lines {unknown:?}"));
            }
            let mut itself = audit.clone();
            let mut rebuilt = AuditCsv::new().unwrap();
            for row in audit.rows() {
                let kinds = [
                    row.audit_value().is_some(),
                    row.option().is_some(),
                    row.global_sacl().is_some(),
                ];
                if kinds.iter().filter(|kind| **kind).count() != 1 {
                    return Err(format!("line {} is no setting", row.line));
                }
                for column in COLUMNS {
                    itself
                        .set_column(row.line, column, row.column(column))
                        .unwrap();
                }
                if let (Some(guid), Some(value)) = (row.guid(), row.audit_value()) {
                    itself.set_subcategory(guid, value).unwrap();
                }
                rebuilt
                    .push_row(COLUMNS.map(|column| row.column(column)))
                    .unwrap();
            }
            same(itself.to_bytes(), bytes, "set to itself")?;
            // Files that went through git have lost their carriage returns.
            let mut canonical = TextDocument::new(audit.text().encoding(), false);
            for line in audit.text().lines() {
                canonical.push_line(line.text()).unwrap();
            }
            same(
                rebuilt.to_bytes(),
                &canonical.to_bytes().unwrap(),
                "rebuilt",
            )
        },
    );
}

/// What LGPO.exe 3.0 printed for real files, and what it built from text: see `lgpo/README.md` of
/// the shared folder.
#[test]
fn lgpo_text() {
    let Some(shared) = shared() else { return };
    let read = |name: &str| fs::read(shared.join("lgpo").join(name)).unwrap();
    let commands = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .skip_while(|line| line.starts_with(';') || line.is_empty());
        let lines = lines
            .filter(|line| !line.starts_with(';'))
            .map(str::to_owned);
        lines.collect()
    };
    let mut files = 0;
    for number in 0..38 {
        let half = match read(&format!("{number:02}.half")).trim_ascii() {
            b"Computer" => Half::Machine,
            b"User" => Half::User,
            other => panic!("{}", other.escape_ascii()),
        };
        let bytes = read(&format!("{number:02}.pol"));
        let expected = read(&format!("{number:02}.txt"));
        let expected = Text::decode(&expected).unwrap().into_str();
        let (text, left_out) = to_lgpo_text(&RegistryPol::parse(&bytes).unwrap(), half);
        assert!(left_out.is_empty(), "{number:02}: {left_out:?}");
        assert_eq!(
            commands(&text).join("\n").trim(),
            commands(&expected).join("\n").trim()
        );
        let built = parse_lgpo_text(&expected).unwrap();
        assert!(built.iter().all(|command| command.half == half));
        let entries = built.into_iter().map(|command| command.entry).collect();
        assert_eq!(
            RegistryPol { entries }.to_bytes().unwrap(),
            bytes,
            "{number:02}"
        );
        files += 1;
    }
    assert_eq!(files, 38);

    // One of every command. LGPO.exe cuts two of the values, and we do not.
    let text = read("commands.txt");
    let text = Text::decode(&text)
        .unwrap()
        .into_str()
        .replace("BINARY:00ff10", "BINARY:10");
    let text = text.replace("QWORD:18446744073709551615", "QWORD:9223372036854775807");
    let entries = parse_lgpo_text(&text).unwrap();
    let entries = entries.into_iter().map(|command| command.entry).collect();
    let built = RegistryPol { entries };
    let theirs = RegistryPol::parse(&read("commands.pol")).unwrap();
    for (ours, theirs) in built.entries.iter().zip(&theirs.entries) {
        // It builds three NULs of the text that it writes for one; a list of one is meant.
        if theirs.value_name.as_str() != Some("M0") {
            assert_eq!(ours, theirs);
        }
    }
    assert_eq!(built.entries.len(), theirs.entries.len());
    let (parsed, _) = to_lgpo_text(&theirs, Half::Machine);
    let expected = String::from_utf8(read("commands.parsed.txt")).unwrap();
    assert_eq!(
        commands(&parsed).join("\n").trim(),
        commands(&expected).join("\n").trim()
    );
}
