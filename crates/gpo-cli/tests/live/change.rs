//! The smaller changes of a GPO, its links, and a copy of the whole domain.

use crate::backed_up::BackedUp;
use crate::server::{Server, gpo_with};

/// Made, edited, permitted, linked and removed, as the server's own tools see it.
#[test]
fn a_gpo_is_made_changed_and_removed() {
    let Some(server) = Server::find("the smaller changes of a GPO") else {
        return;
    };
    let before = server.listed();
    let dn = server.dn();
    let run = |args: &[&str]| {
        let url = server.url();
        let run = server.gpo(&[args, &["--to", &url]].concat());
        assert_eq!(run.status, 0, "{args:?}: {run:?}");
        run
    };
    run(&["create", "Neu & 新"]);
    let id = server.id_of("Neu & 新");
    server.aclcheck();

    run(&[
        "edit",
        "--gpo",
        &id,
        "--name",
        "Neuer",
        "--status",
        "user-disabled",
    ]);
    run(&["edit", "--gpo", &id, "--description", "Für alle"]);
    assert!(server.samba_tool(&["gpo", "show", &id]).contains("Neuer"));

    let trustee = ["--gpo", &id, "--trustee", "Domain Computers"];
    run(&[&["permissions", "add"], &trustee[..], &["--level", "apply"]].concat());
    server.aclcheck();
    let shown = server.gpo(&["permissions", "show", "--gpo", &id, "--from", &server.url()]);
    assert!(shown.out.contains("Domain Computers"), "{shown:?}");

    let link = ["--gpo", &id, "--som", &dn];
    run(&[&["links", "add"], &link[..], &["--enforced"]].concat());
    let linked = server.samba_tool(&["gpo", "getlink", &dn]);
    assert!(linked.contains(&id), "{linked}");
    run(&[&["links", "set"], &link[..], &["--disabled", "true"]].concat());
    run(&[&["links", "remove"], &link[..]].concat());
    assert!(!server.samba_tool(&["gpo", "getlink", &dn]).contains(&id));

    run(&["remove", "--gpo", &id]);
    assert_eq!(server.listed(), before);
    server.aclcheck();
}

/// Backups of the domain and of its copy in a folder say the same.
#[test]
fn an_export_is_backed_up_like_the_domain() {
    let Some(server) = Server::find("exporting the domain") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let copy = format!("dir:{}", folder.path().join("domain").display());
    let run = server.gpo(&["export", "--from", &server.url(), "--to", &copy]);
    assert_eq!(run.status, 0, "{run:?}");
    let from_server = server.backup();
    let from_copy = tempfile::tempdir().unwrap();
    let to = from_copy.path().to_str().unwrap();
    let run = gpo_with(&["backup", "--all", "--from", &copy, "--to", to], &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let (server, copy) = (
        BackedUp::all(from_server.path()),
        BackedUp::all(from_copy.path()),
    );
    assert_eq!(
        server.keys().collect::<Vec<_>>(),
        copy.keys().collect::<Vec<_>>()
    );
    for (name, backup) in &server {
        assert_eq!(backup.tree(), copy[name].tree(), "{name}");
        assert_eq!(backup.settings(), copy[name].settings(), "{name}");
    }
}
