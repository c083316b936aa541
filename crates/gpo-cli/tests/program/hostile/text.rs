//! Text that is to be obeyed: by a terminal, a browser, a reader of JSON or Markdown, a human eye.

use super::{Attack, Must, meet, put_sysvol};
use crate::bad_input::{Place, REGISTRY, TEMPLATE, edit, put};
use crate::run::gpo;

const SCRIPTS: &str = "{10ad0003-6c1b-4f55-9b5c-7e3a4c2f0003}";

const TEXTS: &[(&str, &str)] = &[
    ("C1 control", "a\u{9b}31mred"),
    ("right-to-left override", "a\u{202e}cod.exe"),
    ("isolates", "a\u{2066}b\u{2069}\u{200f}"),
    ("carriage return", "good\rbad"),
    ("script", "<script>alert(1)</script>"),
    ("attribute", "\" onmouseover=\"alert(1)"),
    ("image", "<img src=x onerror=alert(1)>"),
    ("end of style", "</style></title><svg onload=alert(1)>"),
    (
        "template",
        "{{constructor.constructor('alert(1)')()}}${7*7}",
    ),
    ("formula", "=cmd|'/c calc'!A1"),
    ("JSON", "\",\"id\":\"x\\u0000"),
    ("line separator", "a\u{2028}b\u{2029}c"),
    (
        "Markdown link",
        "[x](javascript:alert(1))|`code`|![](http://127.0.0.1/x)",
    ),
    ("format", "%s%n{}{0}"),
    ("long", LONG),
];

const LONG: &str =
    "\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}\u{fdfa}";

/// Puts a text into each field that people read.
fn named(place: &Place, text: &str) {
    for file in ["Backup.xml", "bkupInfo.xml"] {
        edit(&place.backup(TEMPLATE, file), |xml| {
            xml.replace("Рабочие станции: безопасность", text)
                .replace("for a test", text)
                .replace("Domain Admins", text)
        });
    }
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for &(name, text) in TEXTS {
        let make = move |place: &Place| named(place, text);
        attacks.push(Attack::new(
            format!("names: {name}"),
            make,
            Must::Report("<!DOCTYPE html>"),
        ));
        let ini = move |place: &Place| {
            let ini = format!("[Startup]\r\n0CmdLine={text}\r\n0Parameters={text}\r\n");
            let utf16: Vec<u8> = ini.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let bytes = [vec![0xff, 0xfe], utf16].concat();
            put_sysvol(place, SCRIPTS, "Machine/Scripts/scripts.ini", bytes);
        };
        let must = Must::Report("<!DOCTYPE html>");
        attacks.push(Attack::new(format!("scripts.ini: {name}"), ini, must).on(SCRIPTS));
    }
    let escape = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{8}\u{7f}";
    attacks.push(
        Attack::new(
            "registry.pol: escapes",
            move |place| {
                let text: Vec<u8> = format!("[{escape}\0;{escape}\0;")
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect();
                let end = b"\x01\0\0\0;\0\x02\0\0\0;\0\0\0]\0";
                let bytes = [b"PReg\x01\0\0\0", text.as_slice(), end].concat();
                put_sysvol(place, REGISTRY, "Machine/registry.pol", bytes);
            },
            Must::Report("<!DOCTYPE html>"),
        )
        .on(REGISTRY),
    );
    attacks.push(Attack::new(
        "names of files: escapes",
        move |place| {
            put(
                &place.backup(TEMPLATE, &format!("DomainSysvol/GPO/Machine/{escape}")),
                "",
            );
        },
        Must::Verify(2, "Machine"),
    ));
    attacks.push(Attack::new(
        "names of folders: escapes",
        move |place| put(&place.path(&format!("backups/{escape}/bkupInfo.xml")), ""),
        Must::Verify(2, "bkupInfo.xml"),
    ));
    attacks
}

#[test]
fn text() {
    meet("text", &attacks());
}

/// What a page, a document and a data file say of a hostile name.
#[test]
fn text_in_reports_stays_text() {
    for (name, text) in TEXTS {
        let place = Place::new();
        named(&place, text);
        let backup = place.backup(TEMPLATE, "");
        let report = |format| gpo(["report", backup.to_str().unwrap(), "--format", format]);
        let html = report("html").out;
        for tag in ["<script>alert", "<img", "<svg onload", "\" onmouseover"] {
            assert!(!html.contains(tag), "{name}: {tag}");
        }
        let json = report("json").json();
        assert!(json.to_string().len() > 100, "{name}");
        let markdown = report("md").out;
        assert!(
            !markdown.contains("[x](javascript") && !markdown.contains("<script>"),
            "{name}"
        );
        let list = gpo(["list", place.path("backups").to_str().unwrap(), "--json"]).json();
        let names: Vec<_> = list["backups"].as_array().unwrap().iter().collect();
        assert_eq!(names.len(), 7, "{name}");
    }
}
