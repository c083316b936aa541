//! What has to be changed so that a GPO's container becomes another one.

use std::collections::{HashMap, HashSet};

use gpo_core::{
    DirectoryEntry, DirectoryObject, DirectoryObjectKind, Dn, GpoContainer, Half, SourceError,
    SourceErrorKind, escape_rdn_value, rdn_value, unescape_rdn_value,
};

use sddl_parser::{Acl, Control, SecurityDescriptor};

use crate::change::{Attribute, Change, ChangeKind, text_attribute};
use crate::containers::ContainerEntries;

/// The changes that make a container, or that make the one that is there the new one, parents
/// before children. Only what differs is changed; the container's own attributes come last,
/// because clients look at its version.
pub(crate) fn changes(
    dn: &str,
    container: &GpoContainer,
    there: Option<&ContainerEntries>,
) -> Result<Vec<Change>, SourceError> {
    let below = there.map_or(&[][..], |there| &there.below);
    let mut planned = Planned {
        there: below.iter().map(|entry| (key(&entry.dn), entry)).collect(),
        kept: HashSet::new(),
        changes: Vec::new(),
    };
    let own = there.map(|there| &there.container);
    let settings = settings(container);
    if own.is_none() {
        planned.changes.push(Change {
            dn: dn.to_owned(),
            kind: ChangeKind::Add(
                "groupPolicyContainer".into(),
                new_container(settings.clone()),
            ),
            descriptor: container.security_descriptor.clone(),
        });
    }
    for half in Half::BOTH {
        let dn = format!("CN={},{dn}", half.name());
        if !planned.there.contains_key(&key(&dn)) {
            planned.add(&dn, "container", Vec::new(), None);
        }
        planned.kept.insert(key(&dn));
        let objects = match half {
            Half::Machine => &container.machine_objects,
            Half::User => &container.user_objects,
        };
        planned.objects(&dn, objects)?;
    }
    planned.remove_others(dn, below);
    if let Some(own) = own {
        let descriptor = container.security_descriptor.as_ref();
        planned.replace(own, settings, descriptor);
    }
    Ok(planned.changes)
}

struct Planned<'a> {
    /// What is below the container, by the key of its name.
    there: HashMap<String, &'a DirectoryEntry>,
    kept: HashSet<String>,
    changes: Vec<Change>,
}

impl Planned<'_> {
    /// Plans the objects below another one. A stack of its own: the depth is up to the source.
    fn objects(&mut self, above: &str, objects: &[DirectoryObject]) -> Result<(), SourceError> {
        let mut open = vec![(above.to_owned(), objects)];
        while let Some((above, objects)) = open.pop() {
            for object in objects {
                let dn = format!("{},{above}", relative_name(object, &above)?);
                self.object(&dn, object)?;
                open.push((dn, &object.children));
            }
        }
        Ok(())
    }

    fn object(&mut self, dn: &str, object: &DirectoryObject) -> Result<(), SourceError> {
        if object.kind() == DirectoryObjectKind::Other {
            let message = format!(
                "objects of the class {} are not made: no setting of a GPO is one",
                object.class
            );
            return Err(SourceError::new(SourceErrorKind::Unsupported, dn, message));
        }
        let attributes = attributes(object);
        let descriptor = object.security_descriptor.as_ref();
        let key = key(dn);
        match self.there.get(&key).copied() {
            Some(entry) if entry.class().eq_ignore_ascii_case(&object.class) => {
                let gone = entry.attributes.iter().filter(|own| {
                    is_writable(&object.class, &own.name) && object.values(&own.name).is_empty()
                });
                let gone = gone.map(|own| (own.name.clone(), Vec::new()));
                let attributes = attributes.into_iter().chain(gone).collect();
                self.replace(entry, attributes, descriptor);
            }
            other => {
                if other.is_some() {
                    // The directory changes no class; what is below has to be made again, too.
                    self.changes.push(Change::remove(dn));
                    let below = format!(",{key}");
                    self.there.retain(|other, _| !other.ends_with(&below));
                }
                self.add(dn, &object.class, attributes, descriptor.cloned());
            }
        }
        self.kept.insert(key);
        Ok(())
    }

    fn add(
        &mut self,
        dn: &str,
        class: &str,
        attributes: Vec<Attribute>,
        descriptor: Option<Vec<u8>>,
    ) {
        self.changes.push(Change {
            dn: dn.to_owned(),
            kind: ChangeKind::Add(class.to_owned(), attributes),
            descriptor,
        });
    }

    /// Replaces what differs, if something does.
    fn replace(
        &mut self,
        entry: &DirectoryEntry,
        mut attributes: Vec<Attribute>,
        descriptor: Option<&Vec<u8>>,
    ) {
        attributes.retain(|(name, values)| {
            let there: HashSet<&[u8]> = entry.values(name).collect();
            there != values.iter().map(Vec::as_slice).collect()
        });
        let there = entry.security_descriptor();
        let descriptor = descriptor.filter(|new| !says_the_same(new, there.as_deref()));
        if !attributes.is_empty() || descriptor.is_some() {
            self.changes.push(Change {
                dn: entry.dn.clone(),
                kind: ChangeKind::Replace(attributes),
                descriptor: descriptor.cloned(),
            });
        }
    }

    /// Removes what is below the halves and was not planned; with an object goes what is below it.
    fn remove_others(&mut self, container: &str, below: &[DirectoryEntry]) {
        for entry in below {
            let dn = Dn::new(&entry.dn);
            let parent = dn.parent().unwrap_or(dn);
            let is_topmost = self.kept.contains(&key(parent.as_str()));
            let in_a_half = dn
                .depth_below(Dn::new(container))
                .is_some_and(|depth| depth > 1);
            let still_there = self.there.contains_key(&key(&entry.dn));
            if in_a_half && is_topmost && still_there && !self.kept.contains(&key(&entry.dn)) {
                self.changes.push(Change::remove(&entry.dn));
            }
        }
    }
}

/// Whether a descriptor would change nothing: the parts that it has are there. The directory keeps
/// the revision of its ACLs for itself.
fn says_the_same(new: &[u8], there: Option<&[u8]>) -> bool {
    let read = |bytes| SecurityDescriptor::from_bytes(bytes).ok();
    let (Some(new), Some(there)) = (read(new), there.and_then(read)) else {
        return false;
    };
    let has = |bit: Control| new.control().contains(bit);
    let same = |bit: Control| has(bit) == there.control().contains(bit);
    let entries = |acl: Option<&Acl>| acl.map(|acl| acl.aces.clone());
    let owner = new.owner().is_none() || new.owner() == there.owner();
    let group = new.group().is_none() || new.group() == there.group();
    let dacl = entries(new.dacl()) == entries(there.dacl()) && same(Control::DACL_PROTECTED);
    let sacl = entries(new.sacl()) == entries(there.sacl()) && same(Control::SACL_PROTECTED);
    owner
        && group
        && (!has(Control::DACL_PRESENT) || dacl && new.has_null_dacl() == there.has_null_dacl())
        && (!has(Control::SACL_PRESENT) || sacl)
}

/// What the model holds of a container.
fn settings(container: &GpoContainer) -> Vec<Attribute> {
    // The directory's numbers have a sign.
    let number = |bits: u32| bits.cast_signed().to_string();
    let (flags, version) = (
        number(container.status.bits()),
        number(container.version.value()),
    );
    let texts = [
        ("displayName", &container.display_name),
        ("gPCFileSysPath", &container.file_sys_path),
        ("gPCMachineExtensionNames", &container.machine_extensions),
        ("gPCUserExtensionNames", &container.user_extensions),
        ("gPCWQLFilter", &container.wql_filter),
        ("flags", &flags),
        ("versionNumber", &version),
    ];
    let texts = texts.into_iter();
    texts
        .map(|(name, text)| text_attribute(name, text))
        .collect()
}

/// What a new container has, too ([MS-GPOL] 2.2.1).
fn new_container(mut settings: Vec<Attribute>) -> Vec<Attribute> {
    settings.retain(|(_, values)| !values.is_empty());
    settings.push(text_attribute("gPCFunctionalityVersion", "2"));
    settings.push(text_attribute("showInAdvancedViewOnly", "TRUE"));
    settings
}

fn attributes(object: &DirectoryObject) -> Vec<Attribute> {
    let own = object.attributes.iter();
    let own = own.filter(|a| is_writable(&object.class, &a.name) && !a.values.is_empty());
    own.map(|a| (a.name.clone(), a.values.clone())).collect()
}

/// Whether it is a setting that can be written. GUIDs of objects are the directory's own: a package
/// that is made again gets another one, as with GPMC.
fn is_writable(class: &str, attribute: &str) -> bool {
    DirectoryObject::is_setting(class, attribute) && !attribute.eq_ignore_ascii_case("objectGUID")
}

/// The relative name, escaped again: whatever the source holds, it is one name, directly below the
/// object above.
fn relative_name(object: &DirectoryObject, above: &str) -> Result<String, SourceError> {
    let name = || {
        let (attribute, _) = object.rdn.split_once('=')?;
        let attribute = attribute.trim_matches(' ');
        let known = ["CN", "OU"]
            .iter()
            .find(|own| own.eq_ignore_ascii_case(attribute))?;
        let value = unescape_rdn_value(rdn_value(&object.rdn, known)?)?;
        let one = Dn::new(&object.rdn).rdns().count() == 1 && !value.is_empty();
        one.then(|| format!("{attribute}={}", escape_rdn_value(&value)))
    };
    name().ok_or_else(|| {
        let message = format!("{:?} is no relative name", object.rdn);
        SourceError::new(SourceErrorKind::Invalid, above, message)
    })
}

/// The name as a key: written as this crate writes it, whatever the server escapes.
fn key(dn: &str) -> String {
    let rdn = |rdn: &str| {
        let (attribute, value) = rdn.split_once('=').unwrap_or(("", rdn));
        let value = rdn_value(rdn, attribute.trim_matches(' ')).unwrap_or(value);
        let value = unescape_rdn_value(value).unwrap_or_else(|| value.to_owned());
        format!(
            "{}={}",
            attribute.trim_matches(' '),
            escape_rdn_value(&value)
        )
    };
    let rdns: Vec<String> = Dn::new(dn).rdns().map(rdn).collect();
    Dn::new(&rdns.join(",")).key()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gpo_core::DirectoryAttribute;
    use gpo_testkit::sample;
    use proptest::prelude::*;

    const DN: &str = "CN={A},CN=Policies,CN=System,DC=x";

    fn entry(dn: &str, class: &str, attributes: &[Attribute]) -> DirectoryEntry {
        let attribute = |(name, values): &Attribute| DirectoryAttribute {
            name: name.clone(),
            values: values.clone(),
        };
        let mut attributes: Vec<_> = attributes.iter().map(attribute).collect();
        attributes.push(attribute(&text_attribute("objectClass", class)));
        DirectoryEntry {
            dn: dn.into(),
            attributes,
        }
    }

    /// What is there when these changes were made.
    fn made(changes: &[Change]) -> ContainerEntries {
        let mut entries = changes.iter().map(|change| {
            let ChangeKind::Add(class, attributes) = &change.kind else {
                panic!("{change:?}");
            };
            let mut made = entry(&change.dn, class, attributes);
            let values = change.descriptor.iter().cloned().collect();
            made.attributes.push(DirectoryAttribute {
                name: "nTSecurityDescriptor".into(),
                values,
            });
            made
        });
        ContainerEntries {
            container: entries.next().unwrap(),
            below: entries.collect(),
        }
    }

    fn names(changes: &[Change]) -> Vec<(&str, &str)> {
        let kind = |change: &Change| match change.kind {
            ChangeKind::Add(..) => "add",
            ChangeKind::Replace(_) => "replace",
            ChangeKind::Remove => "remove",
        };
        let name = |change| (kind(change), Dn::new(&change.dn).rdn());
        changes.iter().map(name).collect()
    }

    #[test]
    fn a_new_container_is_made_from_the_top() {
        let new = changes(DN, &sample::container(1), None).unwrap();
        let rdns = new.iter().map(|change| Dn::new(&change.dn));
        let mut seen = vec!["CN=Policies,CN=System,DC=x".to_owned()];
        for dn in rdns {
            assert!(seen.contains(&dn.parent().unwrap().as_str().to_owned()));
            seen.push(dn.as_str().to_owned());
        }
        assert!(names(&new).iter().all(|(kind, _)| *kind == "add"));
        let packages = "CN=Packages,CN=Class Store,CN=Machine,CN={A},CN=Policies,CN=System,DC=x";
        assert!(seen.contains(&format!("CN=a\\, b,{packages}")));
    }

    #[test]
    fn what_is_there_already_changes_nothing() {
        let container = sample::container(1);
        let there = made(&changes(DN, &container, None).unwrap());
        assert_eq!(changes(DN, &container, Some(&there)).unwrap(), []);
    }

    #[test]
    fn what_differs_is_changed_and_the_container_last() {
        let mut container = sample::container(1);
        let there = made(&changes(DN, &container, None).unwrap());
        container.display_name = "Other".into();
        container.user_objects.clear();
        let store = &mut container.machine_objects[0];
        store.attributes.remove(0);
        store.children[0].children[0].class = "container".into();
        let planned = changes(DN, &container, Some(&there)).unwrap();
        let expected = [
            ("replace", "CN=Class Store"),
            ("remove", "CN=a\\, b"),
            ("add", "CN=a\\, b"),
            ("remove", "CN=PushedPrinterConnections"),
            ("replace", "CN={A}"),
        ];
        assert_eq!(names(&planned), expected);
        let last = &planned.last().unwrap().kind;
        let renamed = text_attribute("displayName", "Other");
        assert_eq!(*last, ChangeKind::Replace(vec![renamed]));
        assert_eq!(
            planned[0].kind,
            ChangeKind::Replace(vec![("description".into(), vec![])])
        );
    }

    #[test]
    fn a_name_cannot_lead_out_of_the_container() {
        let mut container = sample::container(1);
        for (rdn, written) in [
            ("CN=x+OU=y", Some("CN=x\\+OU\\=y")),
            ("CN=a\\2C b", Some("CN=a\\, b")),
            ("cn= x ", Some("cn=x")),
            ("CN=x,CN=y", None),
            ("CN=x\\,CN=y", Some("CN=x\\,CN\\=y")),
            ("DC=x", None),
            ("CN=", None),
            ("CN=\\", None),
            ("x", None),
            ("", None),
        ] {
            container.machine_objects[0].rdn = rdn.into();
            let planned = changes(DN, &container, None);
            match written {
                Some(written) => {
                    assert!(
                        names(&planned.unwrap()).contains(&("add", written)),
                        "{rdn}"
                    );
                }
                None => assert_eq!(
                    planned.unwrap_err().kind(),
                    SourceErrorKind::Invalid,
                    "{rdn}"
                ),
            }
        }
    }

    #[test]
    fn no_account_is_made_below_a_gpo_and_no_descriptor_as_an_attribute() {
        let mut container = sample::container(1);
        container.machine_objects[0]
            .attributes
            .push(DirectoryAttribute {
                name: "NTSecurityDescriptor".into(),
                values: vec![vec![1]],
            });
        let planned = changes(DN, &container, None).unwrap();
        for change in planned {
            let ChangeKind::Add(_, attributes) = change.kind else {
                panic!()
            };
            assert!(
                !attributes
                    .iter()
                    .any(|(name, _)| name.contains("Descriptor"))
            );
        }
        for class in ["user", "computer", "groupPolicyContainer", ""] {
            container.machine_objects[0].class = class.into();
            let error = changes(DN, &container, None).unwrap_err();
            assert_eq!(error.kind(), SourceErrorKind::Unsupported, "{class}");
        }
    }

    #[test]
    fn a_descriptor_is_written_when_a_part_of_it_differs() {
        // O:SYG:SYD:P, then its DACL alone.
        let whole = sample::container(1).security_descriptor.unwrap();
        let mut dacl_only = SecurityDescriptor::from_bytes(&whole).unwrap();
        dacl_only.set_owner(None);
        dacl_only.set_group(None);
        let mut open = dacl_only.clone();
        open.set_control(open.control() - Control::DACL_PROTECTED);
        let (dacl_only, open) = (dacl_only.to_bytes().unwrap(), open.to_bytes().unwrap());
        assert!(says_the_same(&whole, Some(&whole)));
        assert!(says_the_same(&dacl_only, Some(&whole)));
        assert!(!says_the_same(&whole, Some(&dacl_only)));
        assert!(!says_the_same(&open, Some(&whole)));
        assert!(!says_the_same(&whole, None));
        assert!(!says_the_same(b"x", Some(b"x")));
    }

    proptest! {
        #[test]
        fn the_same_name_has_the_same_key(value in "\\PC{1,6}") {
            let dn = format!("cn={},DC=x", escape_rdn_value(&value));
            let hex: Vec<String> = value.bytes().map(|byte| format!("\\{byte:02x}")).collect();
            let hex = hex.concat();
            prop_assert_eq!(key(&dn), key(&format!("CN={hex}, dc=X")));
        }
    }
}
