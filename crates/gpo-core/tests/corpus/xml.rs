//! The formats that are XML.

use gpo_core::{
    MigrationEntry, MigrationTable, PREFERENCE_KINDS, PolicyComments, Preferences, Text,
    XmlDocument, XmlElement,
};

use gpo_testkit::rebuild;

use crate::shared::{check_all, same};

#[test]
fn xml_document() {
    check_all(
        |name| {
            let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
            is_preferences(name) || kind == "cmtx" || kind == "migtable"
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
            same(itself.to_bytes(), bytes, "set to itself")?;
            // Version control took the line ends of many, and somebody has saved one again.
            let rebuilt = rebuild::policy_comments(&comments).map_err(|error| error.to_string())?;
            let text = Text::decode_xml(bytes).unwrap().into_str();
            let is_converted = !text.contains('\r');
            let mut rebuilt = rebuilt.to_bytes().unwrap();
            rebuilt.retain(|&b| b != b'\r' || !is_converted);
            let rebuilt = Text::decode_xml(&rebuilt).unwrap();
            if text.trim_end() != rebuilt.as_str() {
                return Err("rebuilt: other text".into());
            }
            Ok(())
        },
    );
}

fn is_preferences(name: &str) -> bool {
    let stem = name.strip_suffix(".xml").unwrap_or_default();
    PREFERENCE_KINDS
        .iter()
        .any(|kind| kind.name.eq_ignore_ascii_case(stem))
}

#[test]
fn preferences() {
    check_all(is_preferences, 144, |bytes| {
        let preferences = Preferences::parse(bytes).map_err(|error| error.to_string())?;
        let kind = preferences.kind().unwrap();
        let root = preferences.document().root.attribute("clsid");
        if kind.clsid != root.and_then(|clsid| clsid.parse().ok()) {
            return Err("another class of the root element".into());
        }
        for item in preferences.items() {
            let name = item.element.local_name();
            let known = kind.items.iter().find(|(known, _)| *known == name);
            if known.map(|(_, clsid)| *clsid) != item.clsid() || item.uid().is_none() {
                return Err(format!("{name} {:?} is not in the table", item.clsid()));
            }
        }
        let mut itself = preferences.clone();
        for reference in preferences.references() {
            itself.set_reference(&reference, &reference.text).unwrap();
        }
        same(itself.to_bytes(), bytes, "set to itself")
    });
}
