use std::fs;

use crate::run::{gpo, gpo_with_input, policy_file};

const TEMPLATE: &str =
    "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}/MACHINE/Microsoft/Windows NT/SecEdit/GptTmpl.inf";

#[test]
fn every_line_that_says_something_is_listed() {
    let path = policy_file(TEMPLATE);
    let bytes = fs::read(&path).unwrap();
    let text = gpo_core::Text::decode(&bytes).unwrap().into_str();
    let mut section = "";
    let mut expected = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if let Some(name) = text.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if !text.is_empty() && !["Unicode", "Version"].contains(&section) {
            expected.push((line, section));
        }
    }
    assert!(expected.len() > 5);
    let json = gpo(["inf", "dump", path.to_str().unwrap(), "--format", "json"]).json();
    assert_eq!(json["schema"], "gpo/inf-dump/1");
    let settings = json["settings"].as_array().unwrap();
    let listed = settings.iter().map(|setting| {
        let line = setting["line"].as_u64().unwrap();
        (line, setting["section"].as_str().unwrap())
    });
    assert!(listed.eq(expected));
    let listing = gpo(["inf", "dump", path.to_str().unwrap()]);
    assert_eq!(listing.lines().len(), settings.len() + 1);
}

#[test]
fn any_encoding_is_read_and_no_password_shown() {
    let text = "[Privilege Rights]\nSeBackupPrivilege = *S-1-5-32-544,Büro\n[Registry Values]\n\
                MACHINE\\x\\DefaultPassword=1,\"hunter2\"\nMACHINE\\x\\Level=4,many\n[Odd]\nsecond one\n";
    let utf16 = || text.encode_utf16();
    let le: Vec<u8> = utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = utf16().flat_map(u16::to_be_bytes).collect();
    let windows: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    for bytes in [
        text.as_bytes(),
        &[b"\xff\xfe", &le[..]].concat(),
        &le,
        &be,
        &windows,
    ] {
        let run = gpo_with_input(["inf", "dump", "-"], bytes);
        assert_eq!(
            run.lines(),
            [
                "LINE  SECTION           SETTING                    VALUE",
                "2     Privilege Rights  SeBackupPrivilege          *S-1-5-32-544, Büro",
                "4     Registry Values   MACHINE\\x\\DefaultPassword  REG_SZ, (password, not shown)",
                "5     Registry Values   MACHINE\\x\\Level            error: \"many\" is no REG_DWORD value",
                "7                       second one",
            ]
        );
    }
    let run = gpo_with_input(["inf", "dump", "-"], b"\xff\xfea\0\x00\xd8");
    assert!(
        run.status == 2 && run.err.contains("standard input: byte 4"),
        "{run:?}"
    );
}
