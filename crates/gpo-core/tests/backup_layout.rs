//! The three files of the backup layout against real backups.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::fs;
use std::io::{Write, stderr};
use std::path::{Path, PathBuf};

use gpo_core::{BackupLayout, BackupXml, BkupInfo, EntryKind, Inventory, Manifest};

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("GPO_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let corpus = shared.join("corpus/backups");
    if !corpus.is_dir() {
        // Not `println!`, which the test runner swallows.
        let _ = writeln!(stderr(), "SKIPPED: no real backups at {}", corpus.display());
        return None;
    }
    Some(corpus)
}

fn files(root: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry
                .file_name()
                .to_string_lossy()
                .eq_ignore_ascii_case(name)
            {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// The bytes without white space between tags, and with LF as line end: what is left of a file
/// that somebody indented anew.
fn without_layout(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    let mut result = String::new();
    for piece in text.split_inclusive('>') {
        let trimmed = piece.trim_start();
        result.push_str(if trimmed.starts_with('<') {
            trimmed
        } else {
            piece
        });
    }
    result.trim_end().to_owned()
}

/// Compares what was written with what was read; files that somebody indented anew may differ in
/// white space, and must be among these.
fn compare(path: &Path, written: &[u8], read: &[u8]) {
    if written == read {
        return;
    }
    let reindented = [
        "issenn__",
        "mxk__",
        "{80964350-C490-47D0-B252-2CB780B7A223}",
    ];
    let name = path.display().to_string();
    assert!(
        reindented.iter().any(|known| name.contains(known)),
        "{name} differs"
    );
    assert_eq!(without_layout(written), without_layout(read), "{name}");
}

/// Attributes that the format does not have on elements of text only.
#[test]
fn attributes_of_leaves_are_kept() {
    let leaves = [
        r#"<Path a="1"><![CDATA[\\s\x]]></Path>"#,
        r#"<UPN a="&amp;"/>"#,
        r#"<SecurityDescriptor a="2">01 00</SecurityDescriptor>"#,
        r#"<DSValue a="3"><![CDATA[v]]></DSValue>"#,
    ];
    let [path, upn, descriptor, value] = leaves;
    let xml = format!(
        "<GroupPolicyBackupScheme bkp:version=\"2.0\" bkp:type=\"GroupPolicyBackupTemplate\" \
         xmlns:bkp=\"http://www.microsoft.com/GroupPolicy/GPOOperations\" \
         xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations\"><GroupPolicyObject>\
         <SecurityGroups><Group>{upn}</Group></SecurityGroups><FilePaths>{path}</FilePaths>\
         <GroupPolicyCoreSettings><ID><![CDATA[{{31B2F340-016D-11D2-945F-00C04FB984F9}}]]></ID>\
         </GroupPolicyCoreSettings><GroupPolicyExtension \
         bkp:ID=\"{{F15C46CD-82A0-4C2D-A210-5D0D3182A418}}\" bkp:DescName=\"Unknown Extension\">\
         <DSObject bkp:Path=\"p\">{descriptor}<DSAttributeString bkp:DSAttrName=\"n\">{value}\
         </DSAttributeString></DSObject></GroupPolicyExtension></GroupPolicyObject>\
         </GroupPolicyBackupScheme>"
    );
    let backup = BackupXml::parse(xml.as_bytes()).unwrap();
    assert_eq!(backup.foreign().count(), 4);
    let written = String::from_utf8(backup.to_bytes().unwrap()).unwrap();
    for leaf in leaves {
        assert!(written.contains(leaf), "{leaf} is not in {written}");
    }
    assert_eq!(BackupXml::parse(written.as_bytes()).unwrap(), backup);
}

#[test]
fn bkup_info_is_written_back_the_same() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus, "bkupInfo.xml") {
        let bytes = fs::read(&path).unwrap();
        let info = BkupInfo::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        compare(&path, &info.to_bytes().unwrap(), &bytes);
    }
}

#[test]
fn manifests_are_written_back_the_same() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus, "manifest.xml") {
        let bytes = fs::read(&path).unwrap();
        let manifest =
            Manifest::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        compare(&path, &manifest.to_bytes().unwrap(), &bytes);
    }
}

#[test]
fn backups_are_written_back_the_same() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus, "Backup.xml") {
        let bytes = fs::read(&path).unwrap();
        let backup = BackupXml::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let written = backup.to_bytes().unwrap();
        assert_eq!(
            BackupXml::parse(&written).unwrap(),
            backup,
            "{}",
            path.display()
        );
        compare(&path, &written, &bytes);
    }
}

fn tree(root: &Path) -> Inventory {
    let mut inventory = Inventory::default();
    let mut folders = vec![(root.to_path_buf(), gpo_core::GpoPath::root())];
    while let Some((folder, path)) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let path = path.join(&entry.file_name().to_string_lossy()).unwrap();
            if entry.file_type().unwrap().is_dir() {
                inventory.insert(path.clone(), EntryKind::Folder).unwrap();
                folders.push((entry.path(), path));
            } else {
                inventory.insert(path, EntryKind::File(0)).unwrap();
            }
        }
    }
    inventory
}

#[test]
fn backups_are_regenerated_from_tree_and_settings() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus, "Backup.xml") {
        let bytes = fs::read(&path).unwrap();
        let backup = BackupXml::parse(&bytes).unwrap();
        let disk = tree(&path.parent().unwrap().join("DomainSysvol/GPO"));
        let inventory = backup.inventory(&disk).unwrap();
        let mut all = inventory.inventory.clone();
        for missing in &inventory.missing_files {
            all.insert(missing.clone(), EntryKind::File(0)).unwrap();
        }
        for unlisted in &inventory.unlisted_files {
            all.remove(unlisted);
        }
        let gpo = backup.to_gpo(all).unwrap();
        let build = match backup.form.layout {
            BackupLayout::Gpmc => BackupXml::build,
            BackupLayout::Lgpo => BackupXml::build_lgpo,
        };
        let mut rebuilt = build(
            &gpo,
            backup.domain_controller().unwrap_or_default(),
            backup.security_groups.clone(),
            backup.file_paths.clone(),
        );
        // What other programs did to the text of the file is no part of what is built here.
        rebuilt.form.line_end = backup.form.line_end;
        rebuilt.form.xml = backup.form.xml.clone();
        compare(&path, &rebuilt.to_bytes().unwrap(), &bytes);
    }
}

#[test]
fn what_stands_twice_is_refused_with_its_place() {
    let xml = |groups: &str, ds: &str| {
        format!(
            "<GroupPolicyBackupScheme bkp:version='2.0' xmlns:bkp='{NAMESPACE}' xmlns='{NAMESPACE}'>\n\
             <GroupPolicyObject><SecurityGroups>{groups}</SecurityGroups><FilePaths/>\
             <GroupPolicyCoreSettings><ID>{{31B2F340-016D-11D2-945F-00C04FB984F9}}</ID>\
             </GroupPolicyCoreSettings><GroupPolicyExtension bkp:ID=\
             '{{F15C46CD-82A0-4C2D-A210-5D0D3182A418}}'>{ds}</GroupPolicyExtension>\
             </GroupPolicyObject></GroupPolicyBackupScheme>"
        )
    };
    assert!(BackupXml::parse(xml("", "").as_bytes()).is_ok());
    let descriptor = "<SecurityDescriptor/>".repeat(2);
    for (text, what) in [
        (xml("<Group><Sid>a</Sid><Sid>b</Sid></Group>", ""), "Sid"),
        (
            xml(
                "",
                &format!("<DSObject bkp:Path='x'>{descriptor}</DSObject>"),
            ),
            "SecurityDescriptor",
        ),
    ] {
        let error = BackupXml::parse(text.as_bytes()).unwrap_err();
        assert_eq!(
            error.position().unwrap().line_column.unwrap().0,
            2,
            "{error}"
        );
        assert_eq!(error.message(), format!("the element {what} stands twice"));
    }
}

const NAMESPACE: &str = "http://www.microsoft.com/GroupPolicy/GPOOperations";
