//! Which attributes and objects of the directory change.

use std::collections::BTreeMap;

use gpo_core::{DirectoryObject, GpoContainer, Half, fold_name};
use sddl_parser::{SddlContext, SecurityDescriptor};

use super::{AttributeChange, GpoChange, ObjectChange};

type Values = Vec<(String, Option<String>)>;

/// The attributes of the container that differ.
pub(super) fn of_container(
    before: Option<&GpoContainer>,
    after: Option<&GpoContainer>,
) -> Vec<AttributeChange> {
    let before = before.map(values).unwrap_or_default();
    let kept = |name: &str| {
        before
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, v)| v.clone())
    };
    let after = match after {
        Some(container) => {
            let mut after = values(container);
            // A descriptor that is not given stays as it is.
            for (name, value) in &mut after {
                if name == DESCRIPTOR && value.is_none() {
                    *value = kept(name);
                }
            }
            after
        }
        None => Values::new(),
    };
    differences(&before, &after)
}

const DESCRIPTOR: &str = "nTSecurityDescriptor";

fn values(container: &GpoContainer) -> Values {
    let text = |name: &str, text: &str| {
        (
            name.to_owned(),
            Some(text.to_owned()).filter(|t| !t.is_empty()),
        )
    };
    let number = |name: &str, number: u32| text(name, &number.to_string());
    vec![
        text("displayName", &container.display_name),
        number("flags", container.status.bits()),
        number("versionNumber", container.version.value()),
        text("gPCMachineExtensionNames", &container.machine_extensions),
        text("gPCUserExtensionNames", &container.user_extensions),
        text("gPCWQLFilter", &container.wql_filter),
        text("gPCFileSysPath", &container.file_sys_path),
        (
            DESCRIPTOR.to_owned(),
            descriptor(container.security_descriptor.as_deref()),
        ),
    ]
}

fn descriptor(bytes: Option<&[u8]>) -> Option<String> {
    let bytes = bytes?;
    let parsed = SecurityDescriptor::from_bytes(bytes);
    let text = parsed.and_then(|parsed| parsed.to_sddl(&SddlContext::new()));
    Some(text.unwrap_or_else(|_| binary(bytes)))
}

fn binary(bytes: &[u8]) -> String {
    format!("({} bytes)", bytes.len())
}

fn differences(before: &Values, after: &Values) -> Vec<AttributeChange> {
    let mut names: Vec<&String> = before.iter().chain(after).map(|(name, _)| name).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(fold_name(name)));
    let value = |values: &Values, name: &str| {
        let found = values
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.clone())
    };
    let changes = names.into_iter().map(|name| AttributeChange {
        name: name.clone(),
        before: value(before, name),
        after: value(after, name),
    });
    changes
        .filter(|change| change.before != change.after)
        .collect()
}

/// The objects below the container that differ.
pub(super) fn of_objects(
    before: Option<&GpoContainer>,
    after: Option<&GpoContainer>,
) -> Vec<ObjectChange> {
    let before = before.map(objects).unwrap_or_default();
    let after = after.map(objects).unwrap_or_default();
    let mut changes = Vec::new();
    for (key, (name, object)) in &before {
        let then = after.get(key).map(|(_, object)| *object);
        let attributes = then.map(|then| {
            let mut changes = differences(&object_values(object), &object_values(then));
            // A descriptor that is not given stays as it is.
            changes.retain(|change| change.name != DESCRIPTOR || change.after.is_some());
            changes
        });
        if attributes.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        changes.push(ObjectChange {
            name: name.clone(),
            class: object.class.clone(),
            change: if then.is_some() {
                GpoChange::Changed
            } else {
                GpoChange::Removed
            },
            attributes: attributes.unwrap_or_default(),
        });
    }
    for (key, (name, object)) in &after {
        if !before.contains_key(key) {
            changes.push(ObjectChange {
                name: name.clone(),
                class: object.class.clone(),
                change: GpoChange::Made,
                attributes: Vec::new(),
            });
        }
    }
    changes
}

/// Every object by its folded name, with the name.
fn objects(container: &GpoContainer) -> BTreeMap<String, (String, &DirectoryObject)> {
    let halves = [
        (Half::Machine, &container.machine_objects),
        (Half::User, &container.user_objects),
    ];
    let mut open: Vec<(String, &Vec<DirectoryObject>)> = halves
        .into_iter()
        .map(|(half, objects)| (format!("CN={}", half.name()), objects))
        .collect();
    let mut found = BTreeMap::new();
    while let Some((above, objects)) = open.pop() {
        for object in objects {
            let name = format!("{},{above}", object.rdn);
            found.insert(fold_name(&name), (name.clone(), object));
            open.push((name, &object.children));
        }
    }
    found
}

/// The attributes with their values in one text, in any order.
fn object_values(object: &DirectoryObject) -> Values {
    let text = |value: &Vec<u8>| match str::from_utf8(value) {
        Ok(text) if !text.contains(gpo_core::is_unprintable) => text.to_owned(),
        _ => format!("{} {:016x}", binary(value), fingerprint(value)),
    };
    let mut values: Values = Vec::new();
    for attribute in &object.attributes {
        let mut all: Vec<String> = attribute.values.iter().map(text).collect();
        all.sort();
        values.push((
            attribute.name.clone(),
            Some(all.join("; ")).filter(|t| !t.is_empty()),
        ));
    }
    if let Some(sddl) = descriptor(object.security_descriptor.as_deref()) {
        values.push((DESCRIPTOR.to_owned(), Some(sddl)));
    }
    values
}

/// Tells binary values of one length apart in a listing (FNV-1a).
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use gpo_core::DirectoryAttribute;

    use super::*;

    fn object(rdn: &str, attributes: &[(&str, &[&[u8]])]) -> DirectoryObject {
        let attribute = |(name, values): &(&str, &[&[u8]])| DirectoryAttribute {
            name: (*name).into(),
            values: values.iter().map(|value| value.to_vec()).collect(),
        };
        DirectoryObject {
            rdn: rdn.into(),
            class: "packageRegistration".into(),
            attributes: attributes.iter().map(attribute).collect(),
            ..DirectoryObject::default()
        }
    }

    fn said(before: DirectoryObject, after: DirectoryObject) -> Vec<String> {
        let container = |object| GpoContainer {
            machine_objects: vec![object],
            ..gpo_testkit::sample::container(1)
        };
        let changes = of_objects(Some(&container(before)), Some(&container(after)));
        let value = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        let attribute = |change: AttributeChange| {
            let (before, after) = (value(change.before), value(change.after));
            format!(" {}: {before} -> {after}", change.name)
        };
        let said = |change: ObjectChange| {
            let attributes = change.attributes.into_iter().map(attribute);
            let attributes = attributes.collect::<String>();
            format!("{:?} {}{attributes}", change.change, change.name)
        };
        changes.into_iter().map(said).collect()
    }

    /// Attributes that change are listed by name; the order of their values is none, and bytes that
    /// are no text are told apart.
    #[test]
    fn an_object_that_changes_says_in_what() {
        let old = || object("CN=a", &[("x", &[b"1", b"2"]), ("y", &[b"3"])]);
        let same = object("CN=A", &[("Y", &[b"3"]), ("x", &[b"2", b"1"])]);
        assert_eq!(said(old(), same), [""; 0]);
        let other = object("CN=a", &[("x", &[b"1"]), ("z", &[b"4"])]);
        let expected = "Changed CN=a,CN=Machine x: 1; 2 -> 1 y: 3 -> - z: - -> 4";
        assert_eq!(said(old(), other), [expected]);
        let other = object("CN=b", &[]);
        let expected = ["Removed CN=a,CN=Machine", "Made CN=b,CN=Machine"];
        assert_eq!(said(old(), other), expected);
        let binary = |bytes: &[u8]| object("CN=a", &[("x", &[bytes])]);
        assert_eq!(said(binary(&[0, 1]), binary(&[0, 2])).len(), 1);
        assert_eq!(said(binary(&[0, 1]), binary(&[0, 1])), [""; 0]);
    }
}
