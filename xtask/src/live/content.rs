//! What is in the domain when the live tests start: the GPOs of `testdata/`, made by the server's
//! own tools, and accounts with few rights.

use std::fs;

use super::ldif::Record;
use crate::Result;
use crate::dc::{Controller, REALM, capture};
use crate::testdata::gpos::{self, SampleGpo};
use crate::testdata::{self, Tree, directory};

/// Reads the GPOs, as everybody in the domain may, and has no other right.
const READER: &str = "reader";
/// A member of Helpdesk, which may edit one GPO.
const EDITOR: &str = "editor";
const EDITORS: &str = "Helpdesk";

/// Makes the content, once.
pub(super) fn make(controller: &Controller) -> Result {
    let made = controller.state().join("has-content");
    if made.exists() {
        return Ok(());
    }
    eprintln!("making the content of the domain");
    let all = gpos::all()?;
    let mut records = Record::read_all(&directory::ldif(&all)?)?;
    for record in &mut records {
        record.replace("example.test", &REALM.to_lowercase());
        record.replace("DC=example,DC=test", "DC=gpo,DC=test");
    }
    // Those that are whole; and the directory makes their IDs.
    let whole = all.into_iter().filter(|gpo| !gpo.files.is_empty());
    let mut ids = Vec::new();
    for mut gpo in whole {
        let Some(container) = &gpo.container else {
            continue;
        };
        let id = match container.name {
            "Default Domain Policy" => gpo.id.to_owned(),
            name => controller.create_gpo(name)?,
        };
        for record in &mut records {
            record.replace(gpo.id, &id);
        }
        if ids.is_empty() {
            add_odd_files(&mut gpo.files);
        }
        upload(controller, &id, &gpo)?;
        ids.push(id);
    }
    change_directory(controller, &records, &ids)?;
    make_accounts(controller, ids.last().ok_or("there are no GPOs")?)?;
    fs::write(made, "")?;
    Ok(())
}

/// What the GPOs of `testdata/` have not: long paths, large files, empty ones.
fn add_odd_files(files: &mut Tree) {
    let long = ["a long name of a folder"; 12].join("/");
    let large = (0u32..500_000).flat_map(u32::to_le_bytes).collect();
    for (path, content) in [
        ("Machine/Empty folder".to_owned(), None),
        ("Machine/empty.txt".to_owned(), Some(Vec::new())),
        ("Machine/large.bin".to_owned(), Some(large)),
        (format!("User/{long}/file.txt"), Some(b"far away".to_vec())),
        (
            "User/Grüße & Übung 日本.txt".to_owned(),
            Some(b"odd".to_vec()),
        ),
    ] {
        files.insert(path, content);
    }
}

fn upload(controller: &Controller, id: &str, gpo: &SampleGpo) -> Result {
    let folder = controller.folder().join("upload");
    testdata::write(&folder, &gpo.files)?;
    let commands = format!(
        "prompt off; recurse on; lcd \"{}\"; cd \"{}\\Policies\\{id}\"; mput *",
        folder.display(),
        REALM.to_lowercase()
    );
    capture(&mut controller.smbclient(&commands))?;
    fs::remove_dir_all(folder)?;
    Ok(())
}

fn change_directory(controller: &Controller, records: &[Record], ids: &[String]) -> Result {
    let mut changes = String::new();
    for record in records {
        let of_ours = ids.iter().any(|id| record.dn.contains(id.as_str()));
        let half = ["CN=Machine,CN={", "CN=User,CN={"]
            .iter()
            .any(|start| record.dn.starts_with(start));
        if of_ours && record.has_class("groupPolicyContainer") {
            changes += &record.modify();
        } else if of_ours && !half || is_new(record) {
            changes += &record.add();
        }
    }
    let file = controller.folder().join("changes.ldif");
    fs::write(&file, changes)?;
    let path = file.to_string_lossy();
    capture(&mut controller.ldap("ldapmodify", &["-f", &path]))?;
    fs::remove_file(&file)?;
    Ok(())
}

/// Whether a new domain has not got such an object: places, groups, WMI filters.
fn is_new(record: &Record) -> bool {
    let classes = ["msWMI-Som", "organizationalUnit", "site"];
    let group = record.has_class("group") && {
        let own = [EDITORS, "Продавцы", "Serverbetreuer"];
        own.iter()
            .any(|name| record.dn.starts_with(&format!("CN={name},")))
    };
    group || classes.iter().any(|class| record.has_class(class))
}

fn make_accounts(controller: &Controller, editable: &str) -> Result {
    let password = fs::read_to_string(controller.password_file())?;
    for name in [READER, EDITOR] {
        capture(&mut controller.samba_tool(&["user", "create", name, &password]))?;
    }
    capture(&mut controller.samba_tool(&["group", "addmembers", EDITORS, EDITOR]))?;
    let found = capture(&mut controller.samba_tool(&["group", "show", EDITORS]))?;
    let sid = found
        .lines()
        .find_map(|line| line.strip_prefix("objectSid: "))
        .ok_or("the group has no SID")?;
    let dn = format!("CN={editable},CN=Policies,CN=System,DC=gpo,DC=test");
    let right = format!("--sddl=(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;{sid})");
    let dn = format!("--objectdn={dn}");
    capture(&mut controller.samba_tool(&["dsacl", "set", &dn, &right]))?;
    // SYSVOL follows, as the editor of Windows would have it.
    capture(&mut controller.local_samba_tool(&["ntacl", "sysvolreset"]))?;
    Ok(())
}
