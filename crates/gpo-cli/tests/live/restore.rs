//! Restoring backups that were taken from this server.

use crate::backed_up::BackedUp;
use crate::server::Server;

/// Restores a GPO and compares the domain with the backup, as the server's own tools and a new
/// backup show it.
fn restore_and_compare(server: &Server, backups: &tempfile::TempDir, name: &str) {
    let folder = backups.path().to_str().unwrap();
    let run = server.gpo(&["restore", folder, "--gpo", name, "--to", &server.url()]);
    assert_eq!(run.status, 0, "{run:?}");
    let before = BackedUp::all(backups.path());
    let id = &before[name].id;
    assert!(server.listed().contains(&(id.clone(), name.to_owned())));
    assert!(server.samba_tool(&["gpo", "show", id]).contains(name));
    server.aclcheck();
    let after = server.backup();
    let after = BackedUp::all(after.path());
    assert_eq!(after[name].tree(), before[name].tree());
    assert_eq!(after[name].settings(), before[name].settings());
    for (other, backup) in &before {
        assert_eq!(backup.tree(), after[other].tree(), "{other}");
        if other != name {
            assert_eq!(backup.xml.core, after[other].xml.core, "{other}");
        }
    }
    let core = &after[name].xml.core;
    assert!(core.machine_version.unwrap().agrees() && core.user_version.unwrap().agrees());
    let run = server.gpo(&["check", "--from", &server.url(), "--json"]);
    let json = run.json();
    let gpos = json["gpos"].as_array().unwrap();
    let gpo = gpos.iter().find(|gpo| gpo["gpo_name"] == name).unwrap();
    assert_eq!(gpo["findings"].as_array().unwrap().len(), 0, "{gpo}");
}

#[test]
fn a_gpo_that_was_changed_is_as_it_was() {
    let Some(server) = Server::find("restoring what was changed") else {
        return;
    };
    let name = "営業部 ログオン";
    let id = server.id_of(name);
    let backups = server.backup();
    server.smbclient(&format!(
        "deltree {id}\\User\\Scripts\\Logon\\bilder; del {id}\\User\\Scripts\\psscripts.ini; \
         mkdir {id}\\User\\New; rename {id}\\Machine\\Scripts\\scripts.ini {id}\\User\\New\\x"
    ));
    server.ldapmodify(&format!(
        "dn: CN={id},CN=Policies,CN=System,{}\nchangetype: modify\n\
         replace: displayName\ndisplayName: other\n-\nreplace: flags\nflags: 3\n-\n\
         delete: gPCUserExtensionNames\n-\nreplace: versionNumber\nversionNumber: 655370\n-\n",
        server.dn()
    ));
    restore_and_compare(&server, &backups, name);
}

#[test]
fn a_gpo_that_was_deleted_is_made_again() {
    let Some(server) = Server::find("restoring what was deleted") else {
        return;
    };
    let name = "Рабочие станции: безопасность";
    let id = server.id_of(name);
    let backups = server.backup();
    let linked = format!("(gPLink=*{id}*)");
    let places = server.ldapsearch(&["-b", &server.dn(), &linked, "gPLink"]);
    server.samba_tool(&["gpo", "del", &id]);
    restore_and_compare(&server, &backups, name);
    // The tool took the links away, and they are not part of a backup.
    for place in places {
        let (dn, links) = (&place.dn, place.text("gPLink"));
        server.ldapmodify(&format!(
            "dn: {dn}\nchangetype: modify\nreplace: gPLink\ngPLink: {links}\n"
        ));
    }
}

/// Pushed printers stand in the directory alone, software packages on both sides.
#[test]
fn objects_below_a_gpo_that_was_deleted_are_made_again() {
    let Some(server) = Server::find("restoring objects") else {
        return;
    };
    for name in ["Laufwerke & <Drucker> \"Etage 2\"", "Software für alle"] {
        let backups = server.backup();
        let id = server.id_of(name);
        let container = format!("CN={id},CN=Policies,CN=System,{}", server.dn());
        server.ldapdelete(&container);
        server.smbclient(&format!("deltree {id}"));
        restore_and_compare(&server, &backups, name);
    }
}
