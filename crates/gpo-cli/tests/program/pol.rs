use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Run, gpo, gpo_raw, gpo_with_input, policy_file, shared};

const MACHINE: &str = "{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}/Machine/Registry.pol";

/// A copy in a folder that does not say which half it is.
fn copy() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.pol");
    fs::copy(policy_file(MACHINE), &path).unwrap();
    (folder, path)
}

fn pol(path: &Path, args: &[&str]) -> Run {
    let (verb, rest) = args.split_first().unwrap();
    let path = path.to_str().unwrap();
    gpo([&["pol", verb, path][..], rest].concat())
}

/// What LGPO text says, without comments and blank lines.
fn commands(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}'));
    let said = |line: &&str| !line.is_empty() && !line.starts_with(';');
    lines.filter(said).collect()
}

#[test]
fn text_is_lgpo_exes_and_makes_the_same_file() {
    let Some(lgpo) = shared("lgpo") else { return };
    let mut compared = 0;
    for number in 0..38 {
        let file = |kind: &str| lgpo.join(format!("{number:02}.{kind}"));
        let half = fs::read_to_string(file("half")).unwrap();
        let args = ["dump", "--format", "lgpo", "--half", half.trim()];
        let run = pol(&file("pol"), &args);
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{number}");
        let expected = fs::read(file("txt")).unwrap();
        let expected = gpo_core::Text::decode(&expected).unwrap().into_str();
        let ours = commands(&run.out).join("\n");
        assert_eq!(ours, commands(&expected).join("\n"), "{number}");

        let built = tempfile::tempdir().unwrap();
        let output = built.path().join("built.pol");
        let run = pol(&file("txt"), &["build", "-o", output.to_str().unwrap()]);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(fs::read(output).unwrap(), fs::read(file("pol")).unwrap());
        compared += 1;
    }
    assert_eq!(compared, 38);
}

#[test]
fn a_reg_file_is_made_and_read() {
    let (folder, file) = copy();
    let output = folder.path().join("built.pol");
    fs::write(&file, b"PReg\x01\0\0\0").unwrap();
    for (name, mark) in [("Level", &b"Windows"[..]), ("Büro", b"\xff\xfeW\0")] {
        assert_eq!(pol(&file, &["set", "K", name, "REG_SZ", "x"]).status, 0);
        let reg = gpo_raw([
            "pol",
            "dump",
            file.to_str().unwrap(),
            "--format=reg",
            "--half=User",
        ]);
        assert!(reg.starts_with(mark), "{}", reg.escape_ascii());
        let run = gpo_with_input(["pol", "build", "-", "-o", output.to_str().unwrap()], &reg);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(fs::read(&output).unwrap(), fs::read(&file).unwrap());
    }
}

#[test]
fn json_makes_the_file_that_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("built.pol");
    let build = |json: &[u8], more: &[&str]| {
        let args = ["pol", "build", "-", "-o", output.to_str().unwrap()];
        gpo_with_input([&args[..], more].concat(), json)
    };
    let mut files = vec![policy_file(MACHINE)];
    let real = shared("lgpo").map(|lgpo| (0..38).map(move |n| lgpo.join(format!("{n:02}.pol"))));
    files.extend(real.into_iter().flatten());
    // Half a surrogate pair as a name, a number of three bytes, a type that nobody knows.
    let odd = folder.path().join("odd.pol");
    fs::write(
        &odd,
        b"PReg\x01\0\0\0[\0\0\xd8\0\0;\0v\0\0\0;\0\x04\0\0\0;\0\x03\0\0\0;\0abc]\0\
          [\0k\0\0\0;\0\0\0;\0\x63\0\0\0;\0\0\0\0\0;\0]\0",
    )
    .unwrap();
    files.push(odd);
    for file in files {
        let json = pol(&file, &["dump", "--json"]).out;
        let run = build(json.as_bytes(), &[]);
        assert_eq!(
            (run.status, run.err.as_str()),
            (0, ""),
            "{}",
            file.display()
        );
        assert_eq!(fs::read(&output).unwrap(), fs::read(&file).unwrap());
    }
    let one =
        r#"{"half": "User", "entries": [{"key": "K", "value_name": "", "type": 4, "value": 1}]}"#;
    assert_eq!(build(one.as_bytes(), &["--json"]).json()["entries"], 1);
    let of_other_half = build(one.as_bytes(), &["--half", "Computer", "--json"]);
    assert_eq!(of_other_half.status, 2, "{of_other_half:?}");
    assert!(
        of_other_half
            .err
            .contains("entry 1: the entries are none for Computer")
    );
    for (wrong, message) in [
        ("{", "line 1, column 1: EOF while parsing"),
        ("{\n\"entries\": 1}", "line 2, column 12: invalid type"),
        (r#"{"schema": "gpo/list/1", "entries": []}"#, "gpo/list/1"),
        (
            r#"{"half": "Machine", "entries": []}"#,
            "expected Computer or User",
        ),
        (
            r#"{"entries": [{"key": "K", "value_name": "", "type": 4, "value": "secret"}]}"#,
            "entry 1: the value is none of the type REG_DWORD",
        ),
        (
            r#"{"entries": [{"key": "K", "value_name": "", "type": 3, "value": {"hex": "secret"}}]}"#,
            "entry 1: the value is none of the type REG_BINARY",
        ),
    ] {
        let run = build(wrong.as_bytes(), &[]);
        assert_eq!(run.status, 2, "{wrong}");
        assert!(run.err.contains(message), "{wrong}: {}", run.err);
        assert!(!run.err.contains("secret"), "{}", run.err);
    }
}

#[test]
fn the_folder_says_which_half_it_is() {
    let file = policy_file(MACHINE);
    let run = pol(&file, &["dump", "--format", "lgpo"]);
    assert!(run.out.starts_with("Computer\r\n"), "{run:?}");
    assert!(pol(&file, &["dump"]).out.starts_with("HKLM\\"));
    assert_eq!(pol(&file, &["dump", "--json"]).json()["half"], "Computer");
    let run = pol(&file, &["dump", "--format", "lgpo", "--half", "user"]);
    assert!(run.out.starts_with("User\r\n"), "{run:?}");

    let (_folder, copy) = copy();
    let run = pol(&copy, &["dump", "--format", "lgpo"]);
    assert!(run.status == 2 && run.err.contains("--half"), "{run:?}");
    assert_eq!(pol(&copy, &["dump"]).status, 0);
}

#[test]
fn an_edit_changes_its_value_and_nothing_else() {
    let (folder, file) = copy();
    let before = fs::read(&file).unwrap();
    let value = [r"Software\Policies\Demo", "Level"];
    let set = |data: &[&str]| pol(&file, &[&["set"], &value[..], data].concat());

    let run = set(&["REG_DWORD", "0x10", "--dry-run"]);
    assert!(run.out.starts_with("would write "), "{run:?}");
    assert_eq!(fs::read(&file).unwrap(), before);

    assert_eq!(set(&["REG_DWORD", "0x10"]).status, 0);
    let added = fs::read(&file).unwrap();
    assert!(added.starts_with(&before) && added.ends_with(b";\0\x10\0\0\0]\0"));
    assert_eq!(set(&["reg_dword", "17"]).status, 0);
    let changed = fs::read(&file).unwrap();
    let differing = added.iter().zip(&changed).filter(|(a, b)| a != b).count();
    assert_eq!((changed.len(), differing), (added.len(), 1));

    let delete = |more: &[&str]| pol(&file, &[&["delete"], &value[..], more].concat());
    assert_eq!(delete(&["--on-clients"]).status, 0);
    assert!(pol(&file, &["dump"]).out.contains("**del.Level"));
    assert_eq!(delete(&[]).status, 0);
    assert_eq!(fs::read(&file).unwrap(), before);
    let run = delete(&[]);
    assert!(
        run.status == 2 && run.err.contains("there is no entry"),
        "{run:?}"
    );
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn every_type_is_set() {
    let (_folder, file) = copy();
    for (data, lgpo) in [
        (&["REG_SZ", r"C:\new"][..], r"SZ:C:\\new"),
        (&["REG_SZ", "-1"], "SZ:-1"),
        (&["REG_SZ", "--", "--quiet"], "SZ:--quiet"),
        (&["REG_EXPAND_SZ", "%TEMP%"], "EXSZ:%TEMP%"),
        (&["REG_MULTI_SZ", "a", "b c"], r"MULTISZ:a\0b c"),
        (&["REG_MULTI_SZ"], r"MULTISZ:\0"),
        (&["REG_DWORD", "4294967295"], "DWORD:4294967295"),
        (&["REG_QWORD", "0x100000000"], "QWORD:4294967296"),
        (&["REG_BINARY", "00FF 1a"], "BINARY:00,ff,1a"),
    ] {
        let run = pol(&file, &[&["set", "K", "V"], data].concat());
        assert_eq!(run.status, 0, "{run:?}");
        let dump = ["dump", "--format", "lgpo", "--half", "User"];
        let text = pol(&file, &dump).out;
        assert!(
            text.ends_with(&format!("User\r\nK\r\nV\r\n{lgpo}\r\n\r\n")),
            "{text}"
        );
    }
    for data in [
        &["REG_DWORD", "4294967296"][..],
        &["REG_DWORD", "+1"],
        &["REG_DWORD"],
        &["REG_SZ", "a", "b"],
        &["REG_BINARY", "0"],
        &["REG_LINK", "x"],
    ] {
        let run = pol(&file, &[&["set", "K", "V"], data].concat());
        assert_eq!(run.status, 2, "{data:?}");
    }
    let run = pol(&file, &["set", r"HKLM\Software", "V", "REG_SZ", "x"]);
    assert!(
        run.status == 2 && run.err.contains("without HKLM"),
        "{run:?}"
    );
    for key in [r"\Software", r"Software\", r"Software\\Demo"] {
        for args in [
            &["set", key, "V", "REG_SZ", "x"][..],
            &["delete", key, "V", "--on-clients"],
        ] {
            let run = pol(&file, args);
            assert_eq!(run.status, 2, "{run:?}");
            assert!(run.err.contains("a backslash too many"), "{run:?}");
        }
    }
}

#[test]
fn passwords_are_in_copies_only_and_can_be_left_out() {
    let (_folder, file) = copy();
    let before = pol(&file, &["dump", "--json"]).json();
    let key = r"Software\Microsoft\Windows NT\CurrentVersion\Winlogon";
    let set = ["set", key, "DefaultPassword", "REG_SZ", "hunter2"];
    assert_eq!(pol(&file, &set).status, 0);
    let listing = pol(&file, &["dump"]).out;
    assert!(listing.contains("DefaultPassword") && !listing.contains("hunter2"));
    let copies = [
        &["dump", "--json"][..],
        &["dump", "--format", "lgpo", "--half", "User"],
    ];
    for copy in copies {
        assert!(pol(&file, copy).out.contains("hunter2"));
        let run = pol(&file, &[copy, &["--redact"]].concat());
        assert!(!run.out.contains("DefaultPassword"), "{run:?}");
        assert!(run.err.contains("1 entry with a password"), "{run:?}");
    }
    let redacted = pol(&file, &["dump", "--json", "--redact"]).json();
    assert_eq!(redacted["entries"], before["entries"]);
}

#[test]
fn both_halves_in_one_text_need_a_choice() {
    let text = "Computer\nA\nV\nDWORD:1\n\nUser\nB\nV\nDWORD:2\n";
    let build = |more: &[&str]| {
        let args = [&["pol", "build", "-", "--dry-run", "-o", "x.pol"], more].concat();
        gpo_with_input(args, text.as_bytes())
    };
    let run = build(&[]);
    assert!(run.status == 2 && run.err.contains("--half"), "{run:?}");
    for half in ["Computer", "User"] {
        let run = build(&["--half", half, "--json"]);
        assert_eq!(run.json()["entries"], 1, "{run:?}");
    }
}

#[test]
fn errors_name_file_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.pol");
    fs::write(&path, b"PReg\x01\0\0\0[\0a\0").unwrap();
    let run = pol(&path, &["dump"]);
    assert!(run.status == 2 && run.out.is_empty(), "{run:?}");
    assert!(run.err.contains("broken.pol: byte "), "{run:?}");
    let run = gpo_with_input(["pol", "dump", "-"], b"nonsense");
    assert!(run.err.contains("standard input: byte 0"), "{run:?}");
    let run = gpo_with_input(
        ["pol", "build", "-", "-o", "-"],
        b"Computer\nA\nV\nDWORD:x\n",
    );
    assert!(
        run.err.contains("standard input: line 4, column 1"),
        "{run:?}"
    );
    let run = gpo(["pol", "dump", "no such file"]);
    assert!(
        run.status == 2 && run.err.contains("no such file"),
        "{run:?}"
    );
}

/// What is no file stays what it is: a pipe, or a device such as /dev/null.
#[cfg(unix)]
#[test]
fn output_goes_into_a_pipe_and_does_not_replace_it() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::read(pipe).unwrap())
    };
    let text = b"Computer\r\nSoftware\\Own\r\nLock\r\nDWORD:1\r\n";
    let args = ["pol", "build", "-", "--output", pipe.to_str().unwrap()];
    let run = gpo_with_input(args, text);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().starts_with(b"PReg"));
}
