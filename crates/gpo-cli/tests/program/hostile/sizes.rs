//! Files that are large, that are many, or that make much of little.

use std::fs::{self, File};
use std::path::Path;

use super::{Attack, Must, meet};
use crate::bad_input::{Place, REGISTRY, TEMPLATE, put};

const SCRIPTS: &str = "{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}";
const GROUPS: &str = "{10AD0004-6C1B-4F55-9B5C-7E3A4C2F0004}";

/// A file of zeros that takes no room on the disk.
fn sparse(path: &Path, size: u64) {
    put(path, "");
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(size).unwrap();
}

/// A piece of a file as often as fits into so many bytes, between a beginning and an end.
fn filled(begin: &str, piece: &str, end: &str, size: usize) -> Vec<u8> {
    let pieces = piece.repeat(size / piece.len());
    [begin, &pieces, end].concat().into_bytes()
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for file in ["Backup.xml", "bkupInfo.xml", "manifest.xml"] {
        let make = move |place: &Place| match file {
            "manifest.xml" => sparse(&place.path("backups/manifest.xml"), 2 << 30),
            _ => sparse(&place.backup(TEMPLATE, file), 2 << 30),
        };
        let name = format!("{file} of 2 GB");
        attacks.push(Attack::new(name, make, Must::Verify(2, file)));
    }
    // These are copied as they are, whatever is in them.
    for (gpo, file) in [
        (TEMPLATE, "gpreport.xml"),
        (REGISTRY, "DomainSysvol/GPO/Machine/registry.pol"),
        (REGISTRY, "DomainSysvol/GPO/GPO.cmt"),
        (
            TEMPLATE,
            "DomainSysvol/GPO/Machine/microsoft/windows nt/SecEdit/GptTmpl.inf",
        ),
    ] {
        let make = move |place: &Place| sparse(&place.backup(gpo, file), 40 << 20);
        let (_, name) = file.rsplit_once('/').unwrap_or(("", file));
        let attack = Attack::new(format!("{name} of 40 MB"), make, Must::Verify(2, name));
        attacks.push(attack.on(gpo));
    }
    attacks.extend(dense());
    attacks.push(Attack::new(
        "1,000 folders in each other",
        |place| {
            let machine = place.backup(TEMPLATE, "DomainSysvol/GPO/Machine");
            fs::create_dir_all(machine.join("a/".repeat(1000))).unwrap();
        },
        Must::Verify(2, "Machine"),
    ));
    attacks.push(Attack::new(
        "5,000 files",
        |place| {
            let folder = place.backup(TEMPLATE, "DomainSysvol/GPO/Machine/many");
            fs::create_dir_all(&folder).unwrap();
            for n in 0..5_000 {
                File::create(folder.join(n.to_string())).unwrap();
            }
        },
        Must::Verify(0, "[unlisted-file]"),
    ));
    attacks
}

/// Files at the limit of what is read, of the smallest pieces that a reader keeps.
fn dense() -> Vec<Attack> {
    let backup = "<GroupPolicyBackupScheme bkp:version=\"2.0\" \
        xmlns:bkp=\"http://www.microsoft.com/GroupPolicy/GPOOperations\" \
        xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations\"><GroupPolicyObject>\
        <SecurityGroups>";
    let files = [
        (
            TEMPLATE,
            "Backup.xml",
            filled(backup, "<a/>", "</SecurityGroups>", 16_000_000),
        ),
        (
            TEMPLATE,
            "Backup.xml",
            filled(backup, "<Group bkp:Source=\"FromDACL\"/>", "", 16_000_000),
        ),
        (
            GROUPS,
            "DomainSysvol/GPO/Machine/Preferences/Groups/Groups.xml",
            filled("<Groups>", "<a/>", "</Groups>", 33_000_000),
        ),
        (
            TEMPLATE,
            "DomainSysvol/GPO/Machine/microsoft/windows nt/SecEdit/GptTmpl.inf",
            filled("[Version]\n", "a\n", "", 33_000_000),
        ),
        (
            SCRIPTS,
            "DomainSysvol/GPO/Machine/Scripts/scripts.ini",
            filled("[Startup]\n", "0CmdLine=\n", "", 33_000_000),
        ),
        (
            REGISTRY,
            "DomainSysvol/GPO/Machine/registry.pol",
            filled(
                "PReg\x01\0\0\0",
                "[\0k\0\0\0;\0\0\0;\0\0\0\0\0;\0\0\0\0\0;\0]\0",
                "",
                33_000_000,
            ),
        ),
    ];
    let attack = |(gpo, file, bytes): (_, &'static str, Vec<u8>)| {
        let make = move |place: &Place| put(&place.backup(gpo, file), &bytes);
        let (_, name) = file.rsplit_once('/').unwrap_or(("", file));
        // Some of it is sound: it has to be met, not refused.
        Attack::new(format!("{name} of small pieces"), make, Must::Survive).on(gpo)
    };
    files.into_iter().map(attack).collect()
}

#[test]
fn sizes() {
    meet("sizes", &attacks());
}
