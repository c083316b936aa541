//! `gpo check` on damage that the server's own tools made.

use crate::server::Server;

/// The kinds of findings about a GPO.
fn found(server: &Server, id: &str) -> Vec<String> {
    let run = server.gpo(&["check", "--from", &server.url(), "--json"]);
    let json = run.json();
    let gpos = json["gpos"].as_array().unwrap();
    let gpo = gpos.iter().find(|gpo| gpo["gpo_id"] == id).unwrap();
    let findings = gpo["findings"].as_array().unwrap();
    let kinds = findings
        .iter()
        .map(|f| f["kind"].as_str().unwrap().to_owned());
    let kinds: Vec<_> = kinds.collect();
    let expected = i32::from(json["errors"] != 0 || json["warnings"] != 0);
    assert_eq!(run.status, expected, "{run:?}");
    kinds
}

#[test]
fn damage_is_found() {
    let Some(server) = Server::find("gpo check") else {
        return;
    };
    let name = "A GPO to be damaged";
    server.samba_tool(&["gpo", "create", name]);
    let id = server.id_of(name);
    let dn = format!("CN={id},CN=Policies,CN=System,{}", server.dn());
    let nothing: [&str; 0] = [];
    assert_eq!(found(&server, &id), nothing);

    let set = |attribute: &str, value: &str| {
        server.ldapmodify(&format!(
            "dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
        ));
    };
    set("versionNumber", "65536");
    assert_eq!(found(&server, &id), ["versions-differ"]);
    set("versionNumber", "0");

    let domain = &server.realm;
    set(
        "gPCFileSysPath",
        &format!("\\\\evil.example\\SysVol\\{domain}\\Policies\\{id}"),
    );
    assert_eq!(found(&server, &id), ["file-sys-path"]);
    set(
        "gPCFileSysPath",
        &format!("\\\\{domain}\\sysvol\\{domain}\\Policies\\{id}"),
    );

    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), "[Logon]\r\n0CmdLine=a\r\n0Parameters=\r\n").unwrap();
    let script = script.path().display();
    server.smbclient(&format!(
        "cd {id}\\User; mkdir Scripts; put \"{script}\" Scripts\\scripts.ini"
    ));
    assert_eq!(found(&server, &id), ["ignored-settings"]);
    server.smbclient(&format!("deltree {id}\\User\\Scripts"));

    server.smbcacls(&id, &["--add", "ACL:Everyone:ALLOWED/OI|CI/FULL"]);
    assert_eq!(found(&server, &id), ["permissions-differ"]);
    server.smbcacls(&id, &["--delete", "ACL:Everyone:ALLOWED/OI|CI/FULL"]);
    assert_eq!(found(&server, &id), nothing);

    server.smbclient(&format!("del {id}\\GPT.INI"));
    assert_eq!(found(&server, &id), ["no-gpt-ini"]);
    server.smbclient(&format!("deltree {id}"));
    assert_eq!(found(&server, &id), ["no-folder"]);
    server.ldapmodify(&format!(
        "dn: CN=User,{dn}\nchangetype: delete\n\ndn: CN=Machine,{dn}\nchangetype: delete\n\n\
         dn: {dn}\nchangetype: delete\n"
    ));
    server.smbclient(&format!("mkdir {id}"));
    assert_eq!(found(&server, &id), ["no-container"]);
    server.smbclient(&format!("rmdir {id}"));
}
