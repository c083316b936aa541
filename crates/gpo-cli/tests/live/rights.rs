//! Users who may do little.

use crate::server::{Server, gpo_with};

#[test]
fn who_may_read_gpos_can_back_them_up_and_is_told_what_is_not_seen() {
    let Some(server) = Server::find("least privilege") else {
        return;
    };
    let to = tempfile::tempdir().unwrap();
    let folder = to.path().to_str().unwrap();
    let args = [
        "backup",
        "--from",
        &server.url(),
        "--to",
        folder,
        "--all",
        "--json",
    ];
    let run = gpo_with(&args, &server.options_as("reader"));
    assert_eq!(run.status, 0, "{run:?}");
    let gpos = run.json()["gpos"].as_array().unwrap().len();
    assert_eq!(gpos, server.listed().len());
    assert!(run.out.contains("SACL"), "{run:?}");
    let verified = gpo_with(&["verify", folder], &[]);
    assert_eq!(verified.status, 0, "{verified:?}");
}

#[test]
fn a_gpo_that_may_not_be_read_stops_no_other() {
    let Some(server) = Server::find("a GPO that is denied") else {
        return;
    };
    let id = server.id_of("Software für alle");
    let file = format!("{id}/GPT.INI");
    let rule = format!("ACL:{}\\reader:DENIED/0x0/R", server.realm);
    server.smbcacls(&file, &["--add", &rule]);
    let to = tempfile::tempdir().unwrap();
    let folder = to.path().to_str().unwrap();
    let args = [
        "backup",
        "--from",
        &server.url(),
        "--to",
        folder,
        "--all",
        "--json",
    ];
    let run = gpo_with(&args, &server.options_as("reader"));
    server.smbcacls(&file, &["--delete", &rule]);
    assert_eq!(run.status, 2, "{run:?}");
    let json = run.json();
    let done = json["gpos"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|gpo| gpo["backup"].is_object());
    assert_eq!(done.count(), server.listed().len() - 1);
    let messages = json["messages"].as_array().unwrap();
    let denied = messages
        .iter()
        .find(|message| message["severity"] == "error")
        .unwrap();
    assert_eq!(denied["error_code"], "0x80070005", "{denied}");
    assert!(denied["object"].as_str().unwrap().contains(&id), "{denied}");
    let others = std::fs::read_dir(to.path()).unwrap().count();
    assert_eq!(
        others,
        server.listed().len() - 1 + 1,
        "and the manifest: nothing is left half"
    );
}

#[test]
fn who_may_only_read_changes_nothing() {
    let Some(server) = Server::find("restoring without rights") else {
        return;
    };
    let backups = server.backup();
    let folder = backups.path().to_str().unwrap();
    let name = "Software für alle";
    let args = ["restore", folder, "--gpo", name, "--to", &server.url()];
    let run = gpo_with(&args, &server.options_as("reader"));
    assert_eq!(run.status, 2, "{run:?}");
    let after = server.backup();
    let before = crate::backed_up::BackedUp::all(backups.path());
    let after = crate::backed_up::BackedUp::all(after.path());
    assert_eq!(before[name].xml.core, after[name].xml.core);
    assert_eq!(before[name].tree(), after[name].tree());
    server.aclcheck();
}
