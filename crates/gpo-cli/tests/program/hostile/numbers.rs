//! Numbers and lengths at and beyond their edges.

use super::{Attack, Must, meet, put_sysvol};
use crate::bad_input::{Place, REGISTRY, TEMPLATE, edit};

const SCRIPTS: &str = "{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}";

/// An entry of registry.pol with this type, this length, and this data.
fn entry(kind: u32, length: u32, data: &[u8]) -> Vec<u8> {
    let text = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    [
        b"PReg\x01\0\0\0".to_vec(),
        text("[K\0;V\0;"),
        kind.to_le_bytes().to_vec(),
        text(";"),
        length.to_le_bytes().to_vec(),
        text(";"),
        data.to_vec(),
        text("]"),
    ]
    .concat()
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for length in [5, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX] {
        let make = move |place: &Place| {
            put_sysvol(
                place,
                REGISTRY,
                "Machine/registry.pol",
                entry(4, length, &[1, 0, 0, 0]),
            );
        };
        let name = format!("registry.pol: {length} bytes declared, 4 there");
        attacks.push(Attack::new(name, make, Must::Verify(2, "registry.pol")).on(REGISTRY));
    }
    for kind in [u32::MAX, 12, 0] {
        let make = move |place: &Place| {
            put_sysvol(
                place,
                REGISTRY,
                "Machine/registry.pol",
                entry(kind, 4, &[1, 0, 0, 0]),
            );
        };
        let name = format!("registry.pol: type {kind}");
        attacks.push(Attack::new(name, make, Must::BeHarmless).on(REGISTRY));
    }
    for (tag, number) in [
        ("Options", "4294967296"),
        ("Options", "-1"),
        ("UserVersionNumber", "18446744073709551616"),
        ("MachineVersionNumber", "99999999999999999999999999"),
        ("MachineVersionNumber", "1e9"),
    ] {
        let make = move |place: &Place| {
            edit(&place.backup(TEMPLATE, "Backup.xml"), |text| {
                let (before, rest) = text.split_once(&format!("<{tag}><![CDATA[")).unwrap();
                let (_, after) = rest.split_once("]]>").unwrap();
                format!("{before}<{tag}><![CDATA[{number}]]>{after}")
            });
        };
        let name = format!("Backup.xml: {tag} {number}");
        attacks.push(Attack::new(name, make, Must::Verify(2, tag)));
    }
    for time in [
        "9999-12-31T23:59:59",
        "0001-01-01T00:00:00",
        "2024-02-30T00:00:00",
        "99999-01-01T00:00:00",
    ] {
        let make = move |place: &Place| {
            edit(&place.backup(TEMPLATE, "bkupInfo.xml"), |text| {
                let (before, rest) = text.split_once("<BackupTime><![CDATA[").unwrap();
                let (_, after) = rest.split_once("]]>").unwrap();
                format!("{before}<BackupTime><![CDATA[{time}]]>{after}")
            });
        };
        let must = if time.starts_with("9999-") || time.starts_with("0001") {
            Must::Verify(0, "")
        } else {
            Must::Verify(2, "is no time")
        };
        attacks.push(Attack::new(
            format!("bkupInfo.xml: time {time}"),
            make,
            must,
        ));
    }
    // Revision, zero, control, and the offsets of owner, group, SACL and DACL.
    for (name, descriptor) in [
        (
            "offset beyond the end",
            "01 00 04 80 ff ff ff ff ff ff ff ff 00 00 00 00 ff ff ff 7f",
        ),
        (
            "offset into the header",
            "01 00 04 80 00 00 00 00 00 00 00 00 00 00 00 00 02 00 00 00",
        ),
        (
            "65,535 entries in 8 bytes",
            "01 00 04 80 00 00 00 00 00 00 00 00 00 00 00 00 14 00 00 00 04 00 08 00 ff ff 00 00",
        ),
        (
            "entry of no bytes",
            "01 00 04 80 00 00 00 00 00 00 00 00 00 00 00 00 14 00 00 00 04 00 10 00 01 00 00 00 00 00 00 00 00 00 00 00",
        ),
        (
            "SID of 255 parts",
            "01 00 04 80 14 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 ff 00 00 00 00 00 05",
        ),
        ("half a byte", "01 0"),
        ("no hexadecimal", "zz"),
    ] {
        let make = move |place: &Place| {
            edit(&place.backup(TEMPLATE, "Backup.xml"), |text| {
                let (before, rest) = text.split_once("<SecurityDescriptor>").unwrap();
                let (_, after) = rest.split_once("</SecurityDescriptor>").unwrap();
                format!("{before}<SecurityDescriptor>{descriptor}</SecurityDescriptor>{after}")
            });
        };
        let must = Must::Verify(2, "Backup.xml");
        attacks.push(Attack::new(format!("descriptor: {name}"), make, must));
    }
    for (file, text) in [
        (
            "Machine/Scripts/scripts.ini",
            "[Startup]\r\n4294967295CmdLine=a\r\n4294967295Parameters=\r\n",
        ),
        (
            "Machine/Scripts/scripts.ini",
            "[Startup]\r\n99999999999999999999CmdLine=a\r\n-1CmdLine=b\r\n",
        ),
        (
            "User/Documents & Settings/fdeploy.ini",
            "[FolderStatus]\r\nDocuments=ffffffffffffffff\r\n",
        ),
    ] {
        let make = move |place: &Place| put_sysvol(place, SCRIPTS, file, text);
        let name = format!("{file}: {}", text.lines().nth(1).unwrap());
        attacks.push(Attack::new(name, make, Must::Report("<!DOCTYPE html>")).on(SCRIPTS));
    }
    attacks
}

#[test]
fn numbers() {
    meet("numbers", &attacks());
}
