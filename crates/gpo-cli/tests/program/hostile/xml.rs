//! XML that grows, that is deep, that reads other files, that is in odd encodings.

use super::{Attack, Must, meet};
use crate::bad_input::{Place, TEMPLATE, put};

const GROUPS: &str = "{10AD0004-6C1B-4F55-9B5C-7E3A4C2F0004}";

fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let utf16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    vec![
        (
            "billion laughs",
            format!("<!DOCTYPE l [<!ENTITY l0 \"lol\">{laughs}]><l>&l9;</l>").into(),
        ),
        (
            "quadratic entity",
            format!(
                "<!DOCTYPE l [<!ENTITY a \"{}\">]><l>{}</l>",
                "a".repeat(50_000),
                "&a;".repeat(50_000)
            )
            .into(),
        ),
        (
            "external entity",
            b"<!DOCTYPE l [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><l>&x;</l>".to_vec(),
        ),
        (
            "parameter entity",
            b"<!DOCTYPE l [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/x\">%x;]><l/>".to_vec(),
        ),
        ("deep", "<a>".repeat(1_000_000).into()),
        (
            "attributes",
            format!(
                "<a {}/>",
                (0..200_000)
                    .map(|n| format!("a{n}='' "))
                    .collect::<String>()
            )
            .into(),
        ),
        (
            "one long name",
            format!("<{}/>", "a".repeat(10_000_000)).into(),
        ),
        (
            "one long comment",
            format!("<!--{}--><a/>", "x".repeat(10_000_000)).into(),
        ),
        ("processing instructions", "<?a?>".repeat(500_000).into()),
        (
            "UTF-7",
            b"<?xml version=\"1.0\" encoding=\"utf-7\"?><a>+ADw-script+AD4-</a>".to_vec(),
        ),
        ("EBCDIC", vec![0x4c, 0x6f, 0xa7, 0x94, 0x93, 0x40]),
        (
            "UTF-32",
            "<a/>"
                .chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect(),
        ),
        (
            "lone surrogate",
            [vec![0xff, 0xfe], utf16("<a>"), vec![0, 0xd8], utf16("</a>")].concat(),
        ),
        (
            "odd UTF-16",
            [vec![0xff, 0xfe], utf16("<a/>"), vec![b' ']].concat(),
        ),
        ("bad UTF-8", b"<a>\xf0\x80\x80\x80</a>".to_vec()),
        ("control characters", b"<a>&#27;[2J&#0;</a>".to_vec()),
    ]
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (name, bytes) in documents() {
        for file in ["Backup.xml", "bkupInfo.xml", "manifest.xml"] {
            let bytes = bytes.clone();
            let make = move |place: &Place| {
                let path = match file {
                    "manifest.xml" => place.path("backups/manifest.xml"),
                    _ => place.backup(TEMPLATE, file),
                };
                put(&path, &bytes);
            };
            let name = format!("{file}: {name}");
            attacks.push(Attack::new(name, make, Must::Verify(2, file)));
        }
        let put_groups = {
            let bytes = bytes.clone();
            move |place: &Place| {
                let path = "DomainSysvol/GPO/Machine/Preferences/Groups/Groups.xml";
                put(&place.backup(GROUPS, path), &bytes);
            }
        };
        let groups = Attack::new(
            format!("Groups.xml: {name}"),
            put_groups,
            Must::Verify(2, "Groups.xml"),
        );
        attacks.push(groups.on(GROUPS));
        // A report is only read for what nothing else holds.
        attacks.push(Attack::new(
            format!("gpreport.xml: {name}"),
            move |place| put(&place.backup(TEMPLATE, "gpreport.xml"), &bytes),
            Must::Report("<!DOCTYPE html>"),
        ));
    }
    attacks
}

#[test]
fn xml() {
    meet("XML", &attacks());
}
