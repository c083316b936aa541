//! The smaller changes of a GPO, and its links.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{Backups, Run, domain, gpo};

const SALES: &str = "OU=営業,OU=Arbeitsplätze,DC=example,DC=test";
const GPO: &str = "{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}";

/// A copy of the small domain, to be changed.
struct Copy {
    root: tempfile::TempDir,
}

impl Copy {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let from = domain();
        copy(
            Path::new(&from["dir:".len()..]),
            &root.path().join("domain"),
        );
        Self { root }
    }

    fn ldif(&self) -> String {
        fs::read_to_string(self.root.path().join("domain/directory.ldif")).unwrap()
    }

    /// Runs a command with the domain as `--to`.
    fn run<const N: usize>(&self, args: [&str; N]) -> Run {
        let to = format!("dir:{}/domain", self.root.path().display());
        let run = gpo(args.into_iter().chain(["--to", &to]));
        let mut left = fs::read_dir(self.root.path()).unwrap();
        assert!(
            left.all(|entry| entry.unwrap().file_name() == "domain"),
            "{run:?}"
        );
        run
    }

    fn source(&self) -> String {
        format!("dir:{}/domain", self.root.path().display())
    }
}

fn copy(from: &Path, to: &PathBuf) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// In the directory such a GPO would stand in nobody's way; its backup fails, and no one finds it.
#[test]
fn no_gpo_is_given_a_name_that_is_none() {
    let domain = Copy::new();
    let before = domain.ldif();
    let backups = Backups::new();
    let backup = backups.backup("Software für alle");
    let backup = backup.to_str().unwrap();
    let source = domain.source();
    for (name, why) in [
        ("", "a GPO needs a name"),
        (" \u{3000}", "a GPO needs a name"),
        ("x\u{1}", "a name with the control character U+0001"),
        ("a\nb", "a name with the control character U+000A"),
        ("a\u{9b}b", "a name with the control character U+009B"),
        (&"ü".repeat(257), "at most 256 characters"),
    ] {
        for args in [
            &["create", name][..],
            &["edit", "--gpo", GPO, "--name", name],
            &["copy", "--from", &source, "--gpo", GPO, "--name", name],
            &["import", backup, "--gpo", name, "--create-if-needed"],
        ] {
            for dry_run in [&[][..], &["--dry-run"]] {
                let to = ["--to", &source];
                let run = gpo(args.iter().chain(&to).chain(dry_run));
                assert_eq!((run.status, run.out.as_str()), (2, ""), "{run:?}");
                assert!(run.err.contains(why), "{args:?}: {run:?}");
            }
        }
    }
    assert_eq!(domain.ldif(), before);
    let longest = "ü".repeat(256);
    assert_eq!(domain.run(["create", &longest]).status, 0);
}

#[test]
fn a_gpo_is_made_edited_and_removed() {
    let domain = Copy::new();
    let before = domain.ldif();
    let planned = domain.run(["create", "New", "--dry-run"]);
    assert!(planned.out.starts_with("would make New {"), "{planned:?}");
    assert_eq!(domain.ldif(), before);
    let made = domain.run(["create", "New", "--json"]).json();
    assert_eq!(
        (&made["schema"], &made["gpo"]["done"]),
        (&"gpo/change/1".into(), &true.into())
    );

    let edit = [
        "edit",
        "--gpo",
        "New",
        "--name",
        "Newer",
        "--status",
        "user-disabled",
    ];
    let edited = domain.run(edit);
    assert!(
        edited.out.contains("* displayName: \"New\" -> \"Newer\""),
        "{edited:?}"
    );
    assert!(edited.out.contains("* flags: \"0\" -> \"1\""), "{edited:?}");
    let again = ["edit", "--gpo", "Newer", "--status", "user-disabled"];
    assert!(
        domain
            .run(again)
            .out
            .starts_with("nothing to change in Newer")
    );
    let filter = ["edit", "--gpo", "Newer", "--wmi-filter", "Tragbare Geräte"];
    assert!(domain.run(filter).out.contains("* gPCWQLFilter: none -> "));
    let removed = domain.run(["remove", "--gpo", "Newer"]);
    assert!(removed.out.starts_with("removed Newer {"), "{removed:?}");
    assert_eq!(domain.ldif().trim_end(), before.trim_end());
}

#[test]
fn permissions_are_given_and_taken() {
    let domain = Copy::new();
    let show = || {
        let source = domain.source();
        gpo(["permissions", "show", "--gpo", GPO, "--from", &source]).out
    };
    let before = show();
    let of = [
        "permissions",
        "add",
        "--gpo",
        GPO,
        "--trustee",
        "EXAMPLE\\Administrator",
    ];
    let run = domain.run([of[0], of[1], of[2], of[3], of[4], of[5], "--level", "edit"]);
    assert!(
        run.out
            .contains("permission of Administrator: none -> Edit"),
        "{run:?}"
    );
    assert!(show().contains("EXAMPLE\\Administrator: edit settings\n"));
    let run = domain.run(["permissions", "remove", "--gpo", GPO, "--trustee", of[5]]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(show(), before);
    let nobody = domain.run(["permissions", "remove", "--gpo", GPO, "--trustee", "Nobody"]);
    assert_eq!(nobody.status, 2);
    assert!(
        nobody.err.contains("Nobody: the domain knows nobody"),
        "{nobody:?}"
    );
}

#[test]
fn links_are_removed_and_come_back_from_a_backup() {
    let (domain, backups) = (Copy::new(), Backups::new());
    let before = domain.ldif();
    let backup = backups.backup("Arbeitsplätze – Grundschutz");
    let backup = backup.to_str().unwrap();
    let shown = gpo(["links", "show", backup]).out;
    assert!(
        shown.contains(&format!("{SALES} (disabled, enforced), place 1")),
        "{shown}"
    );
    let source = domain.source();
    let live = gpo(["links", "show", "--gpo", GPO, "--from", &source]).out;
    assert_eq!(live, shown);

    let remove = ["links", "remove", "--gpo", GPO, "--som", SALES];
    assert_eq!(domain.run(remove).status, 0);
    let restore = ["links", "restore", backup, "--dry-run"];
    let planned = domain.run(restore).out;
    assert!(
        planned.contains("      * gPLink: [LDAP://cn={10ad0003"),
        "{planned}"
    );
    assert_ne!(domain.ldif(), before);
    assert_eq!(domain.run(["links", "restore", backup]).status, 0);
    assert_eq!(domain.ldif(), before, "to the last byte");

    assert_eq!(domain.run(remove).status, 0);
    let run = domain.run(["restore", backup, "--with-links"]);
    assert_eq!(run.status, 0, "{run:?}");
    let after = gpo(["links", "show", "--gpo", GPO, "--from", &source]).out;
    assert_eq!(after, shown);

    fs::write(format!("{backup}/gpo-sidecar.json"), "{").unwrap();
    let broken = domain.run(["links", "restore", backup]);
    assert_eq!(broken.status, 2);
    assert!(broken.err.contains("gpo-sidecar.json: "), "{broken:?}");
    assert_eq!(
        domain.run(["restore", backup]).status,
        0,
        "without links it does not matter"
    );
}

#[test]
fn a_link_is_added_and_set() {
    let domain = Copy::new();
    let before = domain.ldif();
    let add = [
        "links",
        "add",
        "--gpo",
        GPO,
        "--som",
        "dc=example,dc=test",
        "--enforced",
    ];
    assert!(
        domain
            .run(add)
            .out
            .contains("+ link to DC=example,DC=test at 0, enforced")
    );
    let again = domain.run(add);
    assert!(again.err.contains("is linked already"), "{again:?}");
    let set = [
        "links",
        "set",
        "--gpo",
        GPO,
        "--som",
        "dc=example,dc=test",
        "--place",
        "1",
    ];
    assert!(
        domain
            .run(set)
            .out
            .contains("* link to DC=example,DC=test at 1, enforced")
    );
    let remove = [
        "links",
        "remove",
        "--gpo",
        GPO,
        "--som",
        "dc=example,dc=test",
    ];
    assert_eq!(domain.run(remove).status, 0);
    assert_eq!(domain.ldif(), before);
}
