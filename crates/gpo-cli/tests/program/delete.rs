use crate::run::{Backups, gpo};

#[test]
fn without_a_terminal_yes_has_to_be_said() {
    let backups = Backups::new();
    let folder = backups.backup("Default Domain Policy");
    let path = folder.to_str().unwrap();
    let run = gpo(["delete", path]);
    assert_eq!(run.status, 2);
    assert!(
        run.err.contains("--yes") && run.err.contains("Default Domain Policy"),
        "{}",
        run.err
    );
    assert!(folder.is_dir());

    let run = gpo(["delete", path, "--yes", "--dry-run"]);
    assert!(
        run.status == 0 && run.out.starts_with("would delete "),
        "{run:?}"
    );
    assert!(folder.is_dir());

    let run = gpo(["delete", path, "--yes"]);
    assert!(
        run.status == 0 && run.out.starts_with("deleted "),
        "{run:?}"
    );
    assert!(!folder.exists());
    let run = gpo(["list", backups.text()]);
    assert_eq!(
        (run.lines().len(), run.err.as_str()),
        (1 + 6, ""),
        "folder and entry are gone"
    );
}

#[test]
fn a_backup_of_a_set_is_named_by_its_id() {
    let backups = Backups::new();
    let id = backups.id("Software für alle");
    let run = gpo([
        "delete",
        backups.text(),
        "--id",
        id.trim_matches(['{', '}']),
        "--yes",
        "--json",
    ]);
    assert_eq!(run.json()["deleted"], true, "{run:?}");
    assert!(!backups.path().join(id).exists());
}

#[test]
fn a_set_is_never_deleted() {
    let backups = Backups::new();
    let run = gpo(["delete", backups.text(), "--yes"]);
    assert_eq!(run.status, 2);
    assert_eq!(gpo(["list", backups.text()]).lines().len(), 1 + 7);
}
