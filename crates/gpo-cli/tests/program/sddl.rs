use std::fmt::Write;
use std::fs;

use serde_json::Value;

use crate::run::{gpo, gpo_with_input, shared};

const TEXT: &str = "D:P(A;;FA;;;BA)";
const HEX: &str = "0100049000000000000000000000000014000000020020000100000000001800ff011f0001\
                   020000000000052000000020020000";

#[test]
fn one_item_goes_both_ways() {
    assert_eq!(gpo(["sddl", "encode", TEXT]).out, format!("{HEX}\n"));
    assert_eq!(gpo(["sddl", "decode", HEX]).out, format!("{TEXT}\n"));
    let spaced: String = HEX
        .as_bytes()
        .chunks(2)
        .flat_map(|pair| [pair[0].into(), pair[1].into(), ' '])
        .collect();
    assert_eq!(
        gpo(["sddl", "decode", &spaced.to_uppercase()]).out,
        format!("{TEXT}\n")
    );
    for args in [
        ["sddl", "encode", "D:(A;;FA;;;DA)"],
        ["sddl", "decode", "01000"],
        ["sddl", "decode", "xyz"],
    ] {
        let run = gpo(args);
        assert!(
            run.status == 2 && run.out.is_empty() && run.err.starts_with("error: "),
            "{run:?}"
        );
    }
}

#[test]
fn lines_of_input_are_lines_of_output() {
    let input = format!("{TEXT}\r\nnonsense\nD:(A;;FA;;;DA)\n\u{fffd}\n{TEXT}");
    let input = input.replace('\u{fffd}', "?").into_bytes();
    let input: Vec<u8> = input
        .into_iter()
        .map(|b| if b == b'?' { 0xff } else { b })
        .collect();
    let run = gpo_with_input(["sddl", "encode", "-"], &input);
    let lines = run.lines();
    assert_eq!((run.status, lines.len()), (0, 5));
    assert_eq!((lines[0], lines[4]), (HEX, HEX));
    assert!(
        lines[1..4].iter().all(|line| line.starts_with("error: ")),
        "{lines:?}"
    );
    let run = gpo_with_input(["sddl", "decode", "-"], format!("{HEX}\n01\n").as_bytes());
    assert!(
        run.lines()[0] == TEXT && run.lines()[1].starts_with("error: "),
        "{run:?}"
    );
}

#[test]
fn aliases_need_their_domains() {
    let domain = ["--domain-sid", "S-1-5-21-1-2-3"];
    let forest = ["--forest-sid", "S-1-5-21-4-5-6"];
    let text = "O:DAG:EA";
    let hex = gpo([&["sddl", "encode", text][..], &domain, &forest].concat()).out;
    assert_eq!(
        gpo(["sddl", "decode", hex.trim()]).out,
        "O:S-1-5-21-1-2-3-512G:S-1-5-21-4-5-6-519\n"
    );
    let back = gpo([&["sddl", "decode", hex.trim()][..], &domain, &forest].concat()).out;
    assert_eq!(back.trim(), text);
    // The domain is its own forest unless it is said otherwise.
    let same = gpo([&["sddl", "encode", text][..], &domain].concat()).out;
    assert_eq!(
        gpo(["sddl", "decode", same.trim()]).out,
        "O:S-1-5-21-1-2-3-512G:S-1-5-21-1-2-3-519\n"
    );
}

#[test]
fn words_say_who_may_do_what() {
    let run = gpo(["sddl", "explain", TEXT, "--type", "file"]);
    assert_eq!(
        run.lines(),
        [
            "permissions: (nothing is inherited from above)",
            "  allow BUILTIN\\Administrators: full control",
        ]
    );
    assert_eq!(gpo(["sddl", "explain", HEX, "--type", "file"]).out, run.out);
    let json = gpo(["sddl", "explain", TEXT, "--json"]).json();
    assert_eq!(json["schema"], "gpo/sddl/1");
    assert_eq!(json["items"][0]["explanation"].as_array().unwrap().len(), 2);
}

#[test]
fn windows_makes_the_same_bytes() {
    let Some(pairs) = shared("sddl") else { return };
    let domain = ["--domain-sid", "S-1-5-21-2457507606-2709100691-398136650"];
    let mut compared = 0;
    for file in fs::read_dir(pairs).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let content: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let pairs: Vec<_> = content
            .as_object()
            .unwrap()
            .iter()
            .filter(|(text, _)| !text.contains('\n'))
            .collect();
        let mut input = String::new();
        for (text, _) in &pairs {
            writeln!(input, "{text}").unwrap();
        }
        let run = gpo_with_input(
            [&["sddl", "encode", "-"][..], &domain].concat(),
            input.as_bytes(),
        );
        for ((text, bytes), line) in pairs.iter().zip(run.lines()) {
            assert_eq!(line, bytes.as_str().unwrap(), "{text}");
            compared += 1;
        }
        // And from bytes to text and back, control characters in strings included.
        let mut input = String::new();
        for (_, bytes) in &pairs {
            writeln!(input, "{}", bytes.as_str().unwrap()).unwrap();
        }
        let decoded = gpo_with_input(
            [&["sddl", "decode", "-"][..], &domain].concat(),
            input.as_bytes(),
        );
        // In `oversize`, the text cannot say what Windows keeps in the bytes.
        if file.file_stem().is_some_and(|stem| stem != "oversize") {
            let again = gpo_with_input(
                [&["sddl", "encode", "-"][..], &domain].concat(),
                decoded.out.as_bytes(),
            );
            for ((text, bytes), line) in pairs.iter().zip(again.lines()) {
                assert_eq!(
                    line,
                    bytes.as_str().unwrap(),
                    "{text}, decoded and encoded again"
                );
            }
        }
    }
    assert!(compared > 3000, "{compared}");
}

#[test]
fn a_domain_sid_is_that_of_a_domain() {
    for sid in ["S-1-5-21", "S-1-5-32-544", "S-1-5-21-1-2-3-512", "x"] {
        let run = gpo(["sddl", "encode", "D:(A;;FA;;;DA)", "--domain-sid", sid]);
        assert_eq!(run.status, 2, "{sid}: {run:?}");
    }
}
