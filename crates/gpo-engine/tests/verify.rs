//! Checking backups: what is fine has no finding, and each kind of damage has its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::collections::BTreeMap;

use common::{backup, backup_xml, corpus, inst, store_of, tree_of};
use gpo_core::{
    BackupXml, BkupInfo, ExtensionList, GroupSource, HalfVersion, RegistryPol, RegistryValue,
    SecurityGroup, WmiFilterLink,
};
use gpo_engine::{Cancel, Finding, FindingKind, Observer, Progress, Severity, Verify};
use gpo_local::FolderStore;
use gpo_testkit::{MemoryStore, MemoryTree};

fn verify(store: &MemoryStore) -> Vec<Finding> {
    let verify = Verify::new(store).round_trip(true);
    verify.run(&mut (), &Cancel::default()).unwrap().findings
}

/// A set of one backup, changed by a person.
fn damaged(damage: impl FnOnce(&mut MemoryTree)) -> Vec<(FindingKind, Option<String>)> {
    let store = store_of(&[inst(1)]);
    let mut tree = backup(&inst(1));
    damage(&mut tree);
    store.put_backup(&inst(1).id.to_string(), tree);
    let findings = verify(&store).into_iter();
    findings
        .map(|finding| (finding.kind, finding.file))
        .collect()
}

fn put(tree: &mut MemoryTree, path: &str, bytes: impl Into<Vec<u8>>) {
    tree.put_file(&path.parse().unwrap(), bytes).unwrap();
}

#[test]
fn a_sound_set_has_no_findings() {
    let store = store_of(&[inst(1), inst(2)]);
    let result = Verify::new(&store)
        .run(&mut (), &Cancel::default())
        .unwrap();
    assert_eq!(result.findings, []);
    assert_eq!((result.backups, result.files), (2, 8));
}

type Damage = Box<dyn FnOnce(&mut MemoryTree)>;

#[test]
fn each_kind_of_damage_is_found_in_its_file() {
    use FindingKind as Kind;
    let pol = r"DomainSysvol\GPO\Machine\registry.pol";
    let file = |path: &'static str, bytes: &'static [u8]| -> Damage {
        Box::new(move |tree| put(tree, path, bytes))
    };
    let gone = |path: &'static str| -> Damage {
        Box::new(move |tree| assert!(tree.remove(&path.parse().unwrap())))
    };
    let cases: Vec<(Damage, Kind, &str)> = vec![
        (gone("Backup.xml"), Kind::MissingFile, "Backup.xml"),
        (
            file("Backup.xml", b"<GroupPolicyBackupScheme"),
            Kind::InvalidFile,
            "Backup.xml",
        ),
        (gone(pol), Kind::MissingFile, pol),
        (file(pol, b"PReg\x02\0\0\0"), Kind::InvalidFile, pol),
        (
            gone(r"DomainSysvol\GPO\User\Scripts\Logoff"),
            Kind::MissingFolder,
            r"DomainSysvol\GPO\User\Scripts\Logoff",
        ),
        (
            file(r"DomainSysvol\GPO\User\new.txt", b""),
            Kind::UnlistedFile,
            r"DomainSysvol\GPO\User\new.txt",
        ),
        (file("INCOMPLETE.txt", b""), Kind::HalfGpo, "INCOMPLETE.txt"),
        (file("readme.txt", b""), Kind::StrayFile, "readme.txt"),
        (
            file("gpreport.xml", b"<GPO>&</GPO>"),
            Kind::InvalidReport,
            "gpreport.xml",
        ),
    ];
    for (damage, kind, place) in cases {
        let found = damaged(damage);
        assert_eq!(found, [(kind, Some(place.to_owned()))]);
    }
    assert_eq!(damaged(file("gpreport.xml", b"<GPO>&amp;</GPO>")), []);
}

type Change = Box<dyn FnOnce(&mut BackupXml)>;

fn change(change: impl FnOnce(&mut BackupXml) + 'static) -> Change {
    Box::new(change)
}

#[test]
fn each_contradiction_within_backup_xml_is_found() {
    use FindingKind as Kind;
    let scripts = "[{42B5FAAE-6536-11D2-AE5A-0000F87571E3}{40B66650-4972-11D1-A7CA-0000F87571E3}]";
    let cases: Vec<(Change, Kind)> = vec![
        (
            change(|xml| xml.core.display_name.push('x')),
            Kind::IdentityDiffers,
        ),
        (
            change(|xml| xml.core.domain = "other.test".into()),
            Kind::IdentityDiffers,
        ),
        (
            change(|xml| xml.core.id = inst(2).gpo_id),
            Kind::IdentityDiffers,
        ),
        (
            change(|xml| xml.core.security_descriptor = None),
            Kind::NoDescriptor,
        ),
        (
            change(|xml| xml.core.security_descriptor = Some(vec![1, 0, 4, 0x80])),
            Kind::InvalidDescriptor,
        ),
        (
            change(|xml| xml.security_groups.clear()),
            Kind::UnlistedPrincipal,
        ),
        (
            change(|xml| {
                let sid = "S-1-5-21-1-2-3-1101";
                xml.security_groups
                    .push(SecurityGroup::unresolved(sid, GroupSource::Dacl));
            }),
            Kind::PrincipalNotInDacl,
        ),
        (
            change(move |xml| xml.core.user_extensions = ExtensionList::from_text(scripts)),
            Kind::BlockMismatch,
        ),
        (
            change(|xml| xml.core.user_extensions = ExtensionList::from_text("[{1}]")),
            Kind::InvalidExtensionList,
        ),
        (
            change(|xml| xml.core.wmi_filter = Some(WmiFilterLink::from_text("some filter"))),
            Kind::InvalidWmiFilter,
        ),
        (
            change(|xml| {
                xml.core.user_version = Some(HalfVersion {
                    directory: 1,
                    sysvol: 2,
                });
            }),
            Kind::VersionsDiffer,
        ),
    ];
    for (change, kind) in cases {
        let mut xml = backup_xml(&inst(1));
        change(&mut xml);
        let found = damaged(|tree| put(tree, "Backup.xml", xml.to_bytes().unwrap()));
        assert_eq!(found, [(kind, Some("Backup.xml".to_owned()))]);
    }
}

#[test]
fn values_that_cannot_be_applied_are_found_at_their_place() {
    for (path, text, place, start) in [
        (
            r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
            "[Service General Setting]\n\"svc\",2,\"D:(A;;CC;;;DA)\"\n\"bad\",2,\"D:(A;;CC;;;QQ)\"\n",
            (3, 10),
            "the permissions of \"bad\": ",
        ),
        (
            r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
            "[Privilege Rights]\nSeA = *S-1-1-0,*S-1-x\n",
            (2, 16),
            "\"*S-1-x\" is no SID",
        ),
        (
            r"Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf",
            "[Registry Keys]\nno object\n",
            (2, 1),
            "\"no object\" has not the form",
        ),
        (
            r"Machine\Microsoft\Windows NT\Audit\audit.csv",
            "header\n,,FileGlobalSacl,,,,S:(AU;SA;FA;;;QQ)\n",
            (2, 21),
            "the global SACL: ",
        ),
        (
            r"User\Scripts\scripts.ini",
            "[Logon]\n0CmdLine=a\n1Parameters=b\n",
            (3, 1),
            "these are parameters without a command",
        ),
    ] {
        let store = store_of(&[inst(1)]);
        let mut tree = backup(&inst(1));
        put(&mut tree, &format!(r"DomainSysvol\GPO\{path}"), text);
        store.put_backup(&inst(1).id.to_string(), tree);
        let findings = verify(&store).into_iter();
        let found: Vec<_> = findings
            .filter(|finding| finding.kind == FindingKind::InvalidFile)
            .collect();
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert_eq!(
            found[0].position.unwrap().line_column,
            Some(place),
            "{path}"
        );
        assert!(
            found[0].text.starts_with(start),
            "{path}: {}",
            found[0].text
        );
    }
}

#[test]
fn settings_that_clients_ignore_are_found() {
    let mut xml = backup_xml(&inst(1));
    let list = xml.core.machine_extensions.as_str();
    let without_registry = list[list.find(']').unwrap() + 1..].to_owned();
    xml.core.machine_extensions = ExtensionList::from_text(without_registry);
    let path = r"DomainSysvol\GPO\Machine\registry.pol";
    let found = |pol: &RegistryPol| {
        damaged(|tree| {
            put(tree, "Backup.xml", xml.to_bytes().unwrap());
            put(tree, path, pol.to_bytes().unwrap());
        })
    };
    let mut pol = RegistryPol::default();
    assert_eq!(found(&pol), [], "it sets nothing");
    pol.set("Software", "Level", RegistryValue::Dword(1))
        .unwrap();
    let unlisted = (FindingKind::UnlistedExtension, Some(path.to_owned()));
    assert_eq!(found(&pol), std::slice::from_ref(&unlisted));
    pol.set("Software", "Password", RegistryValue::Sz("x".into()))
        .unwrap();
    let password = (FindingKind::Password, Some(path.to_owned()));
    assert_eq!(found(&pol), [password, unlisted]);
}

#[test]
fn a_place_outside_the_backup_is_an_error() {
    let text = String::from_utf8(backup_xml(&inst(1)).to_bytes().unwrap()).unwrap();
    for place in [
        r"DomainSysvol\GPO\..\..\x",
        r"C:\x",
        r"DomainSysvol\x",
        r"\\srv\x",
        "NUL",
    ] {
        let changed = text.replace(r"DomainSysvol\GPO\GPO.cmt", place);
        let found = damaged(|tree| put(tree, "Backup.xml", changed));
        assert_eq!(
            found,
            [(FindingKind::BadLocation, Some("Backup.xml".to_owned()))],
            "{place}"
        );
    }
}

#[test]
fn xml_that_the_format_does_not_have_is_found() {
    let text = String::from_utf8(backup_xml(&inst(1)).to_bytes().unwrap()).unwrap();
    let info = String::from_utf8(BkupInfo::new(inst(1)).to_bytes().unwrap()).unwrap();
    for (file, usual, unusual) in [
        ("Backup.xml", "<SecurityGroups>", "<SecurityGroups><New/>"),
        ("Backup.xml", "<Sid>", "<Sid new=\"1\">"),
        ("Backup.xml", "<DisplayName>", "<DisplayName new=\"&amp;\">"),
        ("Backup.xml", "<WMIFilter/>", "<WMIFilter new=\"\"/>"),
        ("bkupInfo.xml", "<Comment>", "<New/><Comment>"),
        ("bkupInfo.xml", "<Comment>", "<Comment new=\"1\">"),
    ] {
        let text = if file == "Backup.xml" { &text } else { &info };
        assert!(text.contains(usual), "{usual}");
        let changed = text.replacen(usual, unusual, 1);
        // It is found, and nothing else: it is written back as it was.
        assert_eq!(
            damaged(|tree| put(tree, file, changed)),
            [(FindingKind::UnknownXml, Some(file.to_owned()))],
            "{unusual}"
        );
    }
}

#[test]
fn another_layout_is_no_loss() {
    let text = String::from_utf8(backup_xml(&inst(1)).to_bytes().unwrap()).unwrap();
    let changed = text.replace("<FilePaths", "\r\n      <FilePaths");
    assert_eq!(
        damaged(|tree| put(tree, "Backup.xml", changed)),
        [(FindingKind::Layout, Some("Backup.xml".to_owned()))]
    );
}

#[test]
fn the_set_is_checked_too() {
    let store = store_of(&[inst(1)]);
    store.put_backup("other", backup(&inst(2)));
    let kinds: Vec<_> = verify(&store)
        .into_iter()
        .map(|finding| (finding.kind, finding.folder))
        .collect();
    let other = || "other".to_owned();
    assert_eq!(
        kinds,
        [
            (FindingKind::FolderName, other()),
            (FindingKind::FolderWithoutEntry, other())
        ]
    );
    store.put_backup("other", tree_of("bkupInfo.xml", "?"));
    assert!(
        verify(&store)
            .iter()
            .any(|finding| finding.kind == FindingKind::InvalidFile)
    );
}

#[test]
fn it_tells_how_far_it_is_and_stops_when_told_to() {
    struct Watch(Cancel, Vec<u64>);
    impl Observer for Watch {
        fn progress(&mut self, progress: &Progress) {
            assert_eq!(progress.steps, 3);
            self.1.push(progress.step);
            if self.1.len() == 2 {
                self.0.cancel();
            }
        }
    }
    let store = store_of(&[inst(1), inst(2), inst(3)]);
    let cancel = Cancel::default();
    let mut watch = Watch(cancel.clone(), Vec::new());
    Verify::new(&store).run(&mut watch, &cancel).unwrap_err();
    assert_eq!(watch.1, [0, 1]);
}

/// What there is to find in the real backups, apart from what version control did to folders and
/// from manifests that are not there.
#[test]
fn real_backups_have_these_findings_and_no_others() {
    let Some(corpus) = corpus() else { return };
    let store = FolderStore::open(&corpus).unwrap();
    let verify = Verify::new(&store).round_trip(true);
    let result = verify.run(&mut (), &Cancel::default()).unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &result.findings {
        if finding.severity() > Severity::Info {
            *kinds.entry(finding.kind.name()).or_default() += 1;
        }
    }
    let expected = BTreeMap::from([
        // 22 backups of LGPO.exe in folders of other names, and one that was made by hand.
        ("folder-name", 23),
        ("shared-id", 24),
        ("entry-differs", 2),
        ("entry-without-folder", 6),
        ("folder-without-entry", 7),
        // Two without bkupInfo.xml, five of the settings.
        ("missing-file", 7),
        ("unlisted-file", 2),
        // Descriptors of 8 bytes, written by another tool.
        ("invalid-descriptor", 19),
        ("unlisted-principal", 4),
        ("versions-differ", 3),
    ]);
    assert_eq!(kinds, expected);
    assert_eq!((result.backups, result.files), (351, 1248));
}
