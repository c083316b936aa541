//! LGPO.exe's text.

use std::fs;

use gpo_core::{Half, RegistryPol, Text, parse_lgpo_text, to_lgpo_text};

use crate::shared::shared;

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
