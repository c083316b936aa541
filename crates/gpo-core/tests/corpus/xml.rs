//! The formats that are XML.

use gpo_core::{XmlDocument, XmlElement};

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
