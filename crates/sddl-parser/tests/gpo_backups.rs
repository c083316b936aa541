//! The descriptors of real GPOs: the bytes in Backup.xml against the SDDL and the permission levels
//! in the gpreport.xml beside it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod shared;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sddl_parser::{GpoPermission, SddlContext, SecurityDescriptor, SecurityDescriptorRef, Sid};
use shared::shared;

/// A backup's folder and the texts of its two files.
struct Backup {
    folder: PathBuf,
    scheme: String,
    report: String,
}

fn backups() -> Vec<Backup> {
    let mut found = Vec::new();
    let Some(root) = shared("corpus/backups") else {
        return found;
    };
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let mut children: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        children.sort();
        let file = |name: &str| {
            let mut names = children.iter();
            let same = |path: &&PathBuf| path.file_name().unwrap().eq_ignore_ascii_case(name);
            names.find(same).map(|path| text(path))
        };
        if let (Some(scheme), Some(report)) = (file("Backup.xml"), file("gpreport.xml")) {
            found.push(Backup {
                folder,
                scheme,
                report,
            });
        }
        folders.extend(children.into_iter().filter(|path| path.is_dir()));
    }
    found
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let Some(units) = bytes.strip_prefix(&[0xff, 0xfe]) else {
        return String::from_utf8_lossy(&bytes).into_owned();
    };
    let units = units
        .as_chunks()
        .0
        .iter()
        .map(|&unit| u16::from_le_bytes(unit));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or('?'))
        .collect()
}

/// What stands in the first element `name` of `xml`.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}"))?;
    let (tag, content) = xml[start..].split_once('>')?;
    if tag.ends_with('/') {
        return Some("");
    }
    content
        .split_once(&format!("</{name}>"))
        .map(|(content, _)| content)
}

fn stored(backup: &Backup) -> Vec<u8> {
    let hex = element(&backup.scheme, "SecurityDescriptor").unwrap();
    hex.split_whitespace()
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

/// The descriptor of the report, with the domain of its owner for the aliases.
fn reported(backup: &Backup) -> Option<(SecurityDescriptor, String)> {
    let section = element(&backup.report, "SecurityDescriptor")?;
    let sddl = element(section, "SDDL")?;
    let domain = element(element(section, "Owner")?, "SID")?
        .trim()
        .parse::<Sid>()
        .ok()?
        .domain()?;
    let context = SddlContext::new().with_domain(domain).with_forest(domain);
    Some((
        SecurityDescriptor::from_sddl(sddl, &context).unwrap(),
        section.to_owned(),
    ))
}

/// GPMC's own files hold a whole descriptor; those that other programs made up may end early.
fn is_stub(bytes: &[u8]) -> bool {
    bytes.len() < 20
}

#[test]
fn stored_descriptors_are_written_back_the_same() {
    let backups = backups();
    let mut stubs = 0;
    for backup in &backups {
        let bytes = stored(backup);
        if is_stub(&bytes) {
            assert!(
                SecurityDescriptor::from_bytes(&bytes).is_err(),
                "{}",
                backup.folder.display()
            );
            stubs += 1;
            continue;
        }
        let descriptor = SecurityDescriptor::from_bytes(&bytes).unwrap();
        assert_eq!(
            descriptor.to_bytes().unwrap(),
            bytes,
            "{}",
            backup.folder.display()
        );
        let borrowed = SecurityDescriptorRef::from_bytes(&bytes).unwrap();
        assert_eq!(borrowed.to_descriptor(), descriptor);
    }
    println!(
        "{} descriptors, {stubs} of them stubs that are refused",
        backups.len()
    );
}

#[test]
fn the_dacl_in_the_backup_is_the_one_in_the_report() {
    let mut compared = 0;
    for backup in backups() {
        let bytes = stored(&backup);
        let Some((reported, _)) = reported(&backup) else {
            continue;
        };
        if is_stub(&bytes) {
            continue;
        }
        let stored = SecurityDescriptor::from_bytes(&bytes).unwrap();
        assert_eq!(
            stored.dacl().unwrap().aces,
            reported.dacl().unwrap().aces,
            "{}",
            backup.folder.display()
        );
        compared += 1;
    }
    println!("{compared} pairs are equal ACE for ACE");
    assert!(compared > 0 || shared("corpus/backups").is_none());
}

/// The report's levels by trustee and whether they are denied.
fn reported_levels(section: &str) -> BTreeMap<(Sid, bool), Vec<String>> {
    let mut levels = BTreeMap::new();
    for trustee in section.split("<TrusteePermissions>").skip(1) {
        let sid = element(element(trustee, "Trustee").unwrap(), "SID").unwrap();
        let denied = element(trustee, "PermissionType").unwrap() == "Deny";
        let standard = trustee.split("<GPOGroupedAccessEnum>").skip(1);
        let standard = standard.map(|level| level.split_once('<').unwrap().0.to_owned());
        levels.insert((sid.parse().unwrap(), denied), standard.collect());
    }
    levels
}

/// Our levels, in the words of the report.
fn our_levels(descriptor: &SecurityDescriptor) -> BTreeMap<(Sid, bool), Vec<String>> {
    let mut levels: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in GpoPermission::of_acl(descriptor.dacl().unwrap()) {
        let name = match entry.permission {
            GpoPermission::Custom => "Custom",
            GpoPermission::Read => "Read",
            GpoPermission::Apply => "Apply Group Policy",
            GpoPermission::Edit => "Edit Settings",
            GpoPermission::EditSecurityAndDelete => "Edit, delete, modify security",
        };
        let of_trustee = levels.entry((entry.trustee, entry.denied)).or_default();
        if entry.denied && entry.permission == GpoPermission::Apply && of_trustee.is_empty() {
            // What the report says of a trustee that is only denied to apply (99 of 99).
            of_trustee.push("Edit, delete, modify security".to_owned());
        }
        of_trustee.push(name.to_owned());
    }
    levels
}

#[test]
fn permission_levels_are_those_of_the_report() {
    let (mut trustees, mut reports, mut complete) = (0, 0, 0);
    for backup in backups() {
        let Some((descriptor, section)) = reported(&backup) else {
            continue;
        };
        let ours = our_levels(&descriptor);
        let theirs = reported_levels(&section);
        for (trustee, levels) in &theirs {
            assert_eq!(
                ours.get(trustee),
                Some(levels),
                "{}",
                backup.folder.display()
            );
        }
        trustees += theirs.len();
        reports += 1;
        complete += usize::from(ours.len() == theirs.len());
    }
    println!("{trustees} trustees have the levels of the report; {complete} of {reports} list all");
    // Some were published without the trustees of their domain.
    assert!(100 * complete >= 95 * reports);
}

#[test]
fn a_new_gpo_has_the_default_descriptor() {
    let (mut same, mut all) = (0, 0);
    for backup in backups() {
        let Some((descriptor, _)) = reported(&backup) else {
            continue;
        };
        let domain = descriptor.owner().unwrap().domain().unwrap();
        let dacl = descriptor.dacl().unwrap();
        // A domain can lie in another one's forest.
        let forest = dacl.aces.iter().filter_map(|ace| ace.sid());
        let forest = forest
            .filter(|sid| sid.rid() == Some(519))
            .find_map(Sid::domain);
        let default = SecurityDescriptor::new_gpo(&domain, &forest.unwrap_or(domain));
        all += 1;
        same += usize::from(default.dacl() == descriptor.dacl());
    }
    println!("{same} of {all} GPOs have the default DACL");
    // The others were edited, or made by other programs.
    assert!(2 * same >= all, "{same} of {all}");
}
