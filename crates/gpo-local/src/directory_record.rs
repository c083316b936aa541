//! What a record of an LDIF file says, as an entry of the directory.

use gpo_core::{DirectoryAttribute, DirectoryEntry, Dn, WmiFilterId, rdn_value};
use sddl_parser::Sid;

use crate::ldif::LdifRecord;

/// The entry that a record is.
pub(crate) fn entry(record: &LdifRecord) -> DirectoryEntry {
    let mut attributes: Vec<DirectoryAttribute> = Vec::new();
    for (name, value) in record.attributes() {
        let value = value.into_owned();
        // A record has a line for each value, those of an attribute one after the other.
        match attributes.last_mut() {
            Some(last) if last.name == name => last.values.push(value),
            _ => attributes.push(DirectoryAttribute {
                name: name.to_owned(),
                values: vec![value],
            }),
        }
    }
    DirectoryEntry {
        dn: record.dn().to_owned(),
        attributes,
    }
}

/// The ID of a WMI filter: `msWMI-ID`, else its `CN`.
pub(crate) fn wmi_filter_id(record: &LdifRecord) -> Option<WmiFilterId> {
    let own = record.text("msWMI-ID").and_then(|id| id.parse().ok());
    let named = || rdn_value(Dn::new(record.dn()).rdn(), "CN")?.parse().ok();
    own.or_else(named)
}

/// The SID and name of a principal; none for what is none.
pub(crate) fn principal_key(record: &LdifRecord) -> Option<(Sid, String)> {
    let sid = Sid::from_bytes(&record.value("objectSid")?).ok()?;
    Some((sid, record.text("sAMAccountName")?))
}
