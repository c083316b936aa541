//! The formats that are XML.

use gpo_core::{MigrationEntry, MigrationTable, PolicyComments, Text, XmlDocument, XmlElement};

use crate::shared::{check_all, same};

#[test]
fn xml_document() {
    const PREFERENCES: [&str; 21] = [
        "applications.xml",
        "controlpanel.xml",
        "datasources.xml",
        "devices.xml",
        "drives.xml",
        "environmentvariables.xml",
        "files.xml",
        "folderoptions.xml",
        "folders.xml",
        "groups.xml",
        "inifiles.xml",
        "internetsettings.xml",
        "networkoptions.xml",
        "networkshares.xml",
        "poweroptions.xml",
        "printers.xml",
        "regionaloptions.xml",
        "registry.xml",
        "scheduledtasks.xml",
        "services.xml",
        "shortcuts.xml",
    ];
    check_all(
        |name| {
            let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
            PREFERENCES.contains(&name) || kind == "cmtx" || kind == "migtable"
        },
        390,
        |bytes| {
            let document = XmlDocument::parse(bytes).map_err(|error| error.to_string())?;
            same(document.to_bytes(), bytes, "written back")?;
            let mut itself = document.clone();
            set_xml(&mut itself.root);
            same(itself.to_bytes(), bytes, "set to itself")
        },
    );
}

/// Sets every attribute and text to what it is.
fn set_xml(element: &mut XmlElement) {
    let before = element.clone();
    for (name, value) in before.attributes() {
        element.set_attribute(name, &value).unwrap();
    }
    if before.elements().next().is_none() {
        element.set_text(&before.text()).unwrap();
    }
    element.elements_mut().for_each(set_xml);
}

#[test]
fn migration_table() {
    check_all(
        |name| name.ends_with(".migtable"),
        4,
        |bytes| {
            let table = MigrationTable::parse(bytes).map_err(|error| error.to_string())?;
            same(table.to_bytes(), bytes, "written back")?;
            let entries: Result<Vec<MigrationEntry>, _> = table.entries().collect();
            let entries = entries.map_err(|error| error.to_string())?;
            let mut itself = table.clone();
            for (n, entry) in entries.iter().enumerate() {
                itself.set_destination(n, &entry.destination).unwrap();
            }
            same(itself.to_bytes(), bytes, "set to itself")?;
            // People have re-encoded some, and their editors added a line end.
            let rebuilt = MigrationTable::from_entries(&entries).unwrap();
            let rebuilt = rebuilt.to_bytes().unwrap();
            let text = Text::decode_xml(bytes).unwrap();
            let rebuilt = Text::decode_xml(&rebuilt).unwrap();
            if text.as_str().trim_end() != rebuilt.as_str() {
                return Err("rebuilt: other text".into());
            }
            Ok(())
        },
    );
}

#[test]
fn policy_comments() {
    check_all(
        |name| name == "comment.cmtx",
        250,
        |bytes| {
            let comments = PolicyComments::parse(bytes).map_err(|error| error.to_string())?;
            let mut itself = comments.clone();
            for comment in comments.comments() {
                if comment.namespace.is_none() || comment.text.starts_with("$(") {
                    return Err(format!("no namespace or text for {}", comment.policy_ref));
                }
                itself.set_text(&comment.policy_ref, &comment.text).unwrap();
            }
            same(itself.to_bytes(), bytes, "set to itself")
        },
    );
}
