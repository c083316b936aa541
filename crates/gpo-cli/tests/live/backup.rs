//! A backup holds what the server's own tools show.

use gpo_core::{BackupXml, HalfVersion};

use crate::backed_up::{BackedUp, tree};
use crate::server::{Entry, Server};

#[test]
fn a_backup_holds_what_the_servers_tools_show() {
    let Some(server) = Server::find("a backup") else {
        return;
    };
    let backups = server.backup();
    let backups = BackedUp::all(backups.path());
    let listed = server.listed();
    assert!(listed.len() > 5, "{listed:?}");
    let names = |id: &str| listed.iter().any(|(other, _)| other == id);
    assert!(backups.values().all(|backup| names(&backup.id)));
    assert_eq!(backups.len(), listed.len());

    let copy = tempfile::tempdir().unwrap();
    let to = copy.path().display();
    server.smbclient(&format!("recurse on; prompt off; lcd \"{to}\"; mget *"));
    for (name, backup) in &backups {
        let mut expected = tree(&copy.path().join(&backup.id));
        let gpt_ini = expected.remove("gpt.ini").flatten().unwrap();
        let found = backup.tree();
        let paths: Vec<_> = found.keys().collect();
        assert_eq!(paths, expected.keys().collect::<Vec<_>>(), "{name}");
        for (path, content) in &expected {
            assert!(found[path] == *content, "{name}: {path}");
        }
        let search = sd_flags(&server, &backup.id);
        container_is_backed_up(name, &backup.xml, &search, &gpt_ini);
        objects_are_backed_up(&server, backup);
    }
}

/// The container with owner, group and DACL of its descriptor.
fn sd_flags(server: &Server, id: &str) -> Entry {
    let dn = format!("CN={id},CN=Policies,CN=System,{}", server.dn());
    // SEQUENCE { INTEGER 7 } in base64.
    let control = "!1.2.840.113556.1.4.801=::MAMCAQc=";
    let args = [
        "-E",
        control,
        "-s",
        "base",
        "-b",
        &dn,
        "*",
        "nTSecurityDescriptor",
    ];
    server.ldapsearch(&args).remove(0)
}

fn container_is_backed_up(name: &str, xml: &BackupXml, entry: &Entry, gpt_ini: &[u8]) {
    let core = &xml.core;
    assert_eq!(core.display_name, entry.text("displayName"));
    assert_eq!(core.display_name, name);
    let flags: u32 = entry.text("flags").parse().unwrap();
    assert_eq!(core.options.unwrap().bits(), flags, "{name}");
    assert_eq!(
        core.machine_extensions.as_str(),
        entry.text("gPCMachineExtensionNames")
    );
    assert_eq!(
        core.user_extensions.as_str(),
        entry.text("gPCUserExtensionNames")
    );
    let gpt_ini = String::from_utf8(gpt_ini.to_vec()).unwrap();
    let sysvol = gpt_ini
        .lines()
        .find_map(|line| line.strip_prefix("Version="));
    let versions = [
        entry.text("versionNumber"),
        sysvol.unwrap().trim().to_owned(),
    ];
    let [directory, sysvol] = versions.map(|text| text.parse::<i64>().unwrap());
    let word = |version: i64, high: u32| u16::try_from(version >> (16 * high) & 0xffff).unwrap();
    for (half, version) in [core.machine_version, core.user_version]
        .into_iter()
        .enumerate()
    {
        let half = u32::try_from(half).unwrap();
        let expected = HalfVersion {
            directory: word(directory, half),
            sysvol: word(sysvol, half),
        };
        assert_eq!(version, Some(expected), "{name}");
    }
    let link = entry.text("gPCWQLFilter");
    let filter = core
        .wmi_filter
        .as_ref()
        .map(|link| link.target().unwrap().0.to_string());
    assert_eq!(filter.is_some(), !link.is_empty(), "{name}");
    assert!(link.contains(&filter.unwrap_or_default()), "{link}");
    let stored = core.security_descriptor.as_ref().unwrap();
    let shown = entry.values("nTSecurityDescriptor").next().unwrap();
    assert_eq!(dacl(stored), dacl(shown), "{name}");
}

/// The bytes of the DACL of a self-relative descriptor ([MS-DTYP] 2.4.6).
fn dacl(descriptor: &[u8]) -> &[u8] {
    let at = u32::from_le_bytes(descriptor[16..20].try_into().unwrap()) as usize;
    assert_ne!(at, 0);
    let size = u16::from_le_bytes(descriptor[at + 2..at + 4].try_into().unwrap());
    &descriptor[at..at + usize::from(size)]
}

/// Every object below `CN=Machine` and `CN=User` stands in Backup.xml.
fn objects_are_backed_up(server: &Server, backup: &BackedUp) {
    let base = format!("CN={},CN=Policies,CN=System,{}", backup.id, server.dn());
    let text = std::fs::read_to_string(backup.folder.join("Backup.xml")).unwrap();
    for entry in server.ldapsearch(&["-b", &base]) {
        let above = entry.dn.trim_end_matches(&base);
        if matches!(above, "" | "CN=Machine," | "CN=User,") {
            continue;
        }
        for name in [
            "packageName",
            "msiScriptPath",
            "msiFileList",
            "uNCName",
            "description",
        ] {
            for value in entry.values(name) {
                let value = String::from_utf8(value.to_vec()).unwrap();
                let value = value.replace('&', "&amp;").replace('<', "&lt;");
                assert!(text.contains(&value), "{}: {name} {value}", entry.dn);
            }
        }
    }
}

#[test]
fn gpos_are_listed_as_the_server_has_them() {
    let Some(server) = Server::find("gpo gpos") else {
        return;
    };
    let json = server
        .gpo(&["gpos", "--from", &server.url(), "--json"])
        .json();
    let gpos = json["gpos"].as_array().unwrap();
    let listed = server.listed();
    assert_eq!(gpos.len(), listed.len());
    for gpo in gpos {
        let id = gpo["gpo_id"].as_str().unwrap();
        let name = gpo["gpo_name"].as_str().unwrap();
        assert!(listed.contains(&(id.to_owned(), name.to_owned())), "{gpo}");
        let links = gpo["links"].as_array().unwrap();
        for link in links {
            let target = link["target"].as_str().unwrap();
            let shown = server.ldapsearch(&["-s", "base", "-b", target, "gPLink"]);
            assert!(shown[0].text("gPLink").contains(id), "{target}");
        }
        let filter = format!("(gPLink=*{id}*)");
        let configuration = format!("CN=Configuration,{}", server.dn());
        let shown = server
            .ldapsearch(&["-b", &server.dn(), &filter, "gPLink"])
            .len()
            + server
                .ldapsearch(&["-b", &configuration, &filter, "gPLink"])
                .len();
        assert_eq!(links.len(), shown, "{name}");
    }
    let filter = gpos
        .iter()
        .find(|gpo| gpo["wmi_filter"].is_object())
        .unwrap();
    assert_eq!(filter["wmi_filter"]["name"], "Tragbare Geräte");
}
