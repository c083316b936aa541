//! Files that are not what a command is for.

use crate::run::{Backups, domain, gpo, gpo_with_input};

#[test]
fn a_listing_refuses_another_kind_of_file_and_shows_no_cpassword() {
    let drives = "<Drives>\n<Properties cpassword=\"j1Uyj3Vx\"/>\n</Drives>\n";
    for command in ["inf", "scripts", "audit"] {
        let run = gpo_with_input([command, "dump", "-"], drives.as_bytes());
        assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
        assert!(run.err.contains("another kind of file"), "{run:?}");
        let blank = gpo_with_input([command, "dump", "-"], b"\r\n");
        assert_eq!(blank.status, 0, "{blank:?}");
    }
    let strayed = format!("[Version]\nRevision=1\n[Odd]\n{drives}");
    let run = gpo_with_input(["inf", "dump", "-"], strayed.as_bytes());
    assert!(run.status == 0 && !run.out.contains("j1Uyj3Vx"), "{run:?}");
}

#[test]
fn a_text_of_the_other_half_makes_no_registry_pol() {
    let folder = tempfile::tempdir().unwrap();
    let user = folder.path().join("User");
    std::fs::create_dir(&user).unwrap();
    let output = user.join("registry.pol");
    let output = output.to_str().unwrap();
    let build =
        |text: &str| gpo_with_input(["pol", "build", "-", "--output", output], text.as_bytes());
    for (text, message) in [
        (
            "\nComputer\nSoftware\\K\nv\nDWORD:1\n",
            "line 2: the entries are none for User",
        ),
        (
            "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\K]\n\"v\"=dword:1\n",
            "line 3: the entries are none for User",
        ),
    ] {
        let run = build(text);
        assert!(run.status == 2 && run.err.contains(message), "{run:?}");
    }
    assert!(!user.join("registry.pol").exists());
    let own = build("User\nSoftware\\K\nv\nDWORD:1\n");
    assert_eq!(own.status, 0, "{own:?}");
    // Which is what there is to say of a registry.pol without entries.
    let none = build("; nothing\n");
    assert!(
        none.status == 0 && none.err.contains("there is no entry"),
        "{none:?}"
    );
    assert_eq!(std::fs::read(output).unwrap(), b"PReg\x01\0\0\0");
}

#[test]
fn an_archive_or_a_set_is_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("backups.zip");
    std::fs::write(&zip, b"PK").unwrap();
    let run = gpo(["delete", zip.to_str().unwrap(), "--yes"]);
    assert!(
        run.status == 2 && run.err.contains("not from archives"),
        "{run:?}"
    );
}

#[test]
fn a_mistyped_file_is_no_key() {
    for what in ["Machine/registry.pol", "registri.pol"] {
        let admx = tempfile::tempdir().unwrap();
        let admx = admx.path().to_str().unwrap();
        let run = gpo(["admx", "explain", what, "--admx", admx]);
        assert_eq!(run.status, 2, "{run:?}");
    }
}

#[test]
fn a_table_gets_no_entry_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("a.migtable");
    let table = table.to_str().unwrap();
    assert_eq!(gpo(["migtable", "create", "--output", table]).status, 0);
    let none = gpo(["migtable", "add", table, r"\\old\it", "--none"]);
    assert!(none.status == 2 && none.err.contains("path"), "{none:?}");
    assert_eq!(
        gpo(["migtable", "add", table, "Red@old.test", "--same-as-source"]).status,
        0
    );
    let domain = domain();
    let run = gpo([
        "migtable",
        "validate",
        table,
        "--against",
        &domain,
        "--json",
    ]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.json()["findings"][0]["kind"], "unknown-source");
}

#[test]
fn what_is_missing_is_said_and_counted() {
    let backups = Backups::new();
    let folder = backups.backup("Default Domain Policy");
    let machine = folder.join("DomainSysvol/GPO/Machine");
    let inf = machine.join("microsoft/windows nt/SecEdit/GptTmpl.inf");
    std::fs::remove_file(&inf).unwrap();
    let path = folder.to_str().unwrap();
    for (status, args) in [
        (1, &["references", path][..]),
        (1, &["migtable", "create", "--from", path, "--dry-run"]),
        (0, &["report", path, "--format", "md"]),
    ] {
        let run = gpo(args);
        assert_eq!(run.status, status, "{run:?}");
        assert!(run.err.contains("GptTmpl.inf"), "{run:?}");
    }
    let target = domain();
    let run = gpo(["restore", path, "--to", &target, "--dry-run", "--json"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(run.json()["gpos"][0]["would_fail"], true);
    assert!(
        run.err.contains("0 GPOs would be restored, 1 would fail"),
        "{run:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let run = gpo([
        "backup",
        "--from",
        &target,
        "--to",
        to,
        "--all",
        "--dry-run",
    ]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(
        run.err.contains("7 GPOs would be backed up, 2 would fail"),
        "{run:?}"
    );
}
