//! Strategies for property tests: any value of the model.
//!
//! Values are ones that a directory, a SYSVOL and a backup can hold: text without control
//! characters, paths that Windows can have, names of attributes that LDAP has. Within that they
//! look for trouble: characters outside ASCII and outside 16 bits, what XML and LDIF escape, GUIDs
//! in any case, empty values.
//!
//! ```
//! use gpo_testkit::strategies;
//! use proptest::prelude::*;
//!
//! proptest!(|(path in strategies::path())| {
//!     prop_assert_eq!(path.as_str().parse::<gpo_core::GpoPath>()?, path);
//! });
//! ```

use std::collections::BTreeMap;

use gpo_core::{
    BackupInst, BackupTime, DirectoryAttribute, DirectoryObject, EntryKind, ExtensionGroup,
    ExtensionList, Gpo, GpoContainer, GpoPath, GpoStatus, GpoVersion, Guid, HalfVersion, Inventory,
    Principal, PrincipalKind, WmiFilterLink,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use sddl_parser::Sid;

/// Text on one line, such as a display name: 0 to 20 characters.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ._-]{0,20}",
        "[\\PC&&[^\u{fffe}\u{ffff}]]{0,20}",
        // What XML, CDATA, LDIF, SDDL and shells take for their own.
        "([<>&'\"%$;,:=\\[\\]\\\\ ]|]]>|&amp;|\u{e9}|\u{1f600}){0,8}",
    ]
}

/// A DNS name in any case.
pub fn dns_name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9-]{0,8}[a-z](\\.[a-zA-Z]{2,5}){1,2}"
}

/// A GUID, in upper, lower or mixed case.
pub fn guid() -> impl Strategy<Value = Guid> {
    (any::<u128>(), any::<u32>()).prop_map(|(value, case)| {
        let upper = Guid::from_u128(value);
        let mixed = |(n, c): (usize, char)| match case >> (n % 32) & 1 {
            0 => c.to_ascii_lowercase(),
            _ => c,
        };
        let text: String = upper.to_string().chars().enumerate().map(mixed).collect();
        text.parse().unwrap_or(upper)
    })
}

/// A SID with 1 to 15 sub-authorities.
pub fn sid() -> impl Strategy<Value = Sid> {
    let any_sid = (0u64..1 << 48, vec(any::<u32>(), 1..=15));
    let domain = vec(any::<u32>(), 4).prop_map(|ids| (5, [&[21][..], &ids].concat()));
    prop_oneof![any_sid, domain]
        .prop_filter_map("fits", |(authority, ids)| Sid::new(authority, &ids))
}

/// A name of a file or folder that Windows can have.
pub fn name() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => "[a-zA-Z0-9._ -]{1,12}",
        1 => "\\PC{1,12}",
        1 => "[A-Za-z]{200,255}",
    ];
    name.prop_filter("a name that Windows can have", |name| {
        GpoPath::from_name(name).is_ok()
    })
}

/// A path of 1 to 6 names.
pub fn path() -> impl Strategy<Value = GpoPath> {
    vec(name(), 1..=6).prop_filter_map("short enough", |names| {
        let join = |path: GpoPath, name: &String| path.join(name);
        names.iter().try_fold(GpoPath::root(), join).ok()
    })
}

/// Content of a file: often empty or short, sometimes some 100 kB.
pub fn content() -> impl Strategy<Value = Vec<u8>> + Clone {
    prop_oneof![
        4 => vec(any::<u8>(), 0..64),
        1 => (any::<u8>(), 0..200_000usize).prop_map(|(byte, length)| vec![byte; length]),
    ]
}

/// The SYSVOL tree of a GPO, files with their content: what Windows makes in every GPO, files of
/// extensions, and anything else.
pub fn tree() -> impl Strategy<Value = BTreeMap<GpoPath, Option<Vec<u8>>>> {
    vec(entry(content()), 0..20).prop_map(|entries| {
        let mut inventory = Inventory::default();
        let mut contents = BTreeMap::new();
        for (path, content) in entries {
            let kind = match &content {
                Some(bytes) => EntryKind::File(bytes.len() as u64),
                None => EntryKind::Folder,
            };
            // A name that is taken is left out.
            if inventory.insert(path.clone(), kind).is_ok()
                && let Some(content) = content
            {
                contents.insert(path, content);
            }
        }
        let with_content = |(path, _): (&GpoPath, _)| (path.clone(), contents.remove(path));
        inventory.iter().map(with_content).collect()
    })
}

/// Which files and folders there are, without their content.
pub fn inventory() -> impl Strategy<Value = Inventory> {
    vec(entry(0..200_000u64), 0..20).prop_map(|entries| {
        let mut inventory = Inventory::default();
        for (path, size) in entries {
            // A name that is taken is left out.
            let _ = inventory.insert(path, size.map_or(EntryKind::Folder, EntryKind::File));
        }
        inventory
    })
}

/// A path, and for a file what is known of its content.
fn entry<S>(content: S) -> impl Strategy<Value = (GpoPath, Option<S::Value>)>
where
    S: Strategy + Clone,
{
    let known = |paths: &'static [&str]| {
        prop::sample::select(paths).prop_filter_map("a path", |path| path.parse().ok())
    };
    prop_oneof![
        2 => (known(&KNOWN_FILES), content.clone().prop_map(Some)),
        1 => known(&KNOWN_FOLDERS).prop_map(|folder| (folder, None)),
        1 => (path(), option::weighted(0.8, content)),
    ]
}

const KNOWN_FILES: [&str; 11] = [
    "GPO.cmt",
    "MACHINE\\Registry.pol",
    "Machine\\comment.cmtx",
    "Machine\\Microsoft\\Windows NT\\SecEdit\\GptTmpl.inf",
    "Machine\\Microsoft\\Windows NT\\Audit\\audit.csv",
    "Machine\\Scripts\\scripts.ini",
    "Machine\\Scripts\\Startup\\run.cmd",
    "Machine\\Applications\\{00000000-0000-0000-0000-000000000001}.aas",
    "Machine\\Preferences\\Groups\\Groups.xml",
    "User\\Registry.pol",
    "User\\Documents & Settings\\fdeploy1.ini",
];

const KNOWN_FOLDERS: [&str; 4] = [
    "Machine",
    "User",
    "Machine\\Applications",
    "User\\Scripts\\Logon",
];

/// An extension list: empty, or groups in any order.
pub fn extensions() -> impl Strategy<Value = ExtensionList> {
    let group = (guid(), vec(guid(), 1..4)).prop_map(|(cse, tools)| ExtensionGroup { cse, tools });
    vec(group, 0..4).prop_map(|groups| ExtensionList::from_groups(&groups))
}

/// A principal that a directory knows.
pub fn principal() -> impl Strategy<Value = Principal> {
    let kind = prop_oneof![
        Just(PrincipalKind::User),
        Just(PrincipalKind::Computer),
        Just(PrincipalKind::LocalGroup),
        Just(PrincipalKind::GlobalGroup),
        Just(PrincipalKind::UniversalGroup),
        Just(PrincipalKind::Unknown),
    ];
    let name = text().prop_filter("a name", |name| !name.is_empty() && !name.contains('\\'));
    (sid(), name, kind, "[A-Z]{1,15}", dns_name()).prop_map(
        |(sid, sam_account_name, kind, netbios_domain, dns_domain)| Principal {
            sid,
            upn: format!("{sam_account_name}@{dns_domain}"),
            sam_account_name,
            kind,
            netbios_domain,
            dns_domain,
        },
    )
}

/// An object below a GPO's container, with up to three levels below it. The names of attributes
/// and of siblings differ, whatever their case.
pub fn directory_object() -> impl Strategy<Value = DirectoryObject> {
    single_object().prop_recursive(3, 12, 3, |inner| {
        (single_object(), siblings(inner))
            .prop_map(|(object, children)| DirectoryObject { children, ..object })
    })
}

fn single_object() -> impl Strategy<Value = DirectoryObject> {
    let class = prop::sample::select(&["container", "classStore", "packageRegistration"][..]);
    let attributes = vec(("[a-zA-Z]{1,9}", vec(value(), 1..3)), 0..4);
    let name = "[a-zA-Z{][a-zA-Z0-9 {}-]{0,8}[a-z}]";
    (name, class, attributes, option::of(descriptor())).prop_map(
        |(name, class, attributes, security_descriptor)| DirectoryObject {
            rdn: format!("CN={name}"),
            class: class.to_owned(),
            attributes: attributes
                .into_iter()
                .enumerate()
                .map(|(n, (name, values))| DirectoryAttribute {
                    name: format!("{name}-{n}"),
                    values,
                })
                .collect(),
            security_descriptor,
            children: Vec::new(),
        },
    )
}

/// Siblings.
pub fn directory_objects() -> impl Strategy<Value = Vec<DirectoryObject>> {
    siblings(directory_object())
}

fn siblings(
    object: impl Strategy<Value = DirectoryObject>,
) -> impl Strategy<Value = Vec<DirectoryObject>> {
    vec(object, 0..3).prop_map(|mut objects| {
        for (n, object) in objects.iter_mut().enumerate() {
            object.rdn = format!("{}{n}", object.rdn);
        }
        objects
    })
}

/// The value of an attribute: text or bytes, never empty.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let text = text().prop_map(String::into_bytes);
    prop_oneof![text, vec(any::<u8>(), 1..20)].prop_filter("not empty", |v| !v.is_empty())
}

/// A self-relative security descriptor: owner, group, and a DACL of up to 8 ACEs.
pub fn descriptor() -> impl Strategy<Value = Vec<u8>> {
    let ace = (0u8..=1, any::<u8>(), any::<u32>(), sid());
    (sid(), sid(), vec(ace, 0..8)).prop_map(|(owner, group, aces)| {
        let (owner, group) = (owner.to_bytes(), group.to_bytes());
        let mut body = Vec::new();
        for (kind, flags, mask, sid) in &aces {
            let sid = sid.to_bytes();
            body.extend([*kind, *flags]);
            body.extend(size(8 + sid.len()));
            body.extend(mask.to_le_bytes());
            body.extend(sid);
        }
        let mut dacl = vec![2, 0];
        dacl.extend(size(8 + body.len()));
        dacl.extend(size(aces.len()));
        dacl.extend([0, 0]);
        dacl.extend(body);
        // [MS-DTYP] 2.4.6: revision 1, self-relative with a DACL, then the four offsets.
        let mut bytes = vec![1, 0, 4, 0x80];
        for offset in [20, 20 + owner.len(), 0, 20 + owner.len() + group.len()] {
            bytes.extend(size(offset));
            bytes.extend([0, 0]);
        }
        [bytes, owner, group, dacl].concat()
    })
}

/// A size of 16 bits; all sizes here are far below that.
fn size(size: usize) -> [u8; 2] {
    u16::try_from(size).unwrap_or(u16::MAX).to_le_bytes()
}

/// A GPO's container, without times of its own.
pub fn container() -> impl Strategy<Value = GpoContainer> {
    let core = (guid(), text(), any::<u32>(), any::<u32>(), dns_name());
    let lists = (extensions(), extensions(), option::of(guid()));
    let objects = (directory_objects(), directory_objects(), descriptor());
    (core, lists, objects).prop_map(|(core, lists, objects)| {
        let (id, display_name, status, version, domain) = core;
        let (machine_extensions, user_extensions, filter) = lists;
        let (machine_objects, user_objects, descriptor) = objects;
        GpoContainer {
            id: id.into(),
            display_name,
            status: GpoStatus::from_bits_retain(status),
            version: GpoVersion::new(version),
            machine_extensions: machine_extensions.as_str().to_owned(),
            user_extensions: user_extensions.as_str().to_owned(),
            wql_filter: filter.map_or_else(String::new, |id| format!("[{domain};{id};0]")),
            file_sys_path: format!("\\\\{domain}\\sysvol\\{domain}\\Policies\\{id}"),
            security_descriptor: Some(descriptor),
            machine_objects,
            user_objects,
            when_created: String::new(),
            when_changed: String::new(),
        }
    })
}

/// A GPO with its inventory.
pub fn gpo() -> impl Strategy<Value = Gpo> {
    let wmi_filter = option::of((guid(), text()));
    (
        container(),
        inventory(),
        dns_name(),
        any::<[u32; 2]>(),
        wmi_filter,
    )
        .prop_map(|(container, inventory, domain, versions, wmi_filter)| {
            let [machine_version, user_version] = versions.map(HalfVersion::from_bits);
            let (wmi_filter, wmi_filter_name) = wmi_filter.unzip();
            let link = |id: Guid| WmiFilterLink::in_backup(id.into(), &domain).ok();
            Gpo {
                id: container.id,
                wmi_filter: wmi_filter.and_then(link),
                wmi_filter_name: wmi_filter_name.unwrap_or_default(),
                domain,
                display_name: container.display_name,
                status: container.status,
                machine_version,
                user_version,
                machine_extensions: ExtensionList::from_text(container.machine_extensions),
                user_extensions: ExtensionList::from_text(container.user_extensions),
                security_descriptor: container.security_descriptor,
                inventory,
                machine_objects: container.machine_objects,
                user_objects: container.user_objects,
            }
        })
}

/// What bkupInfo.xml says, in GPMC's form.
pub fn backup_inst() -> impl Strategy<Value = BackupInst> {
    let ids = (guid(), option::of(guid()), guid());
    let names = (dns_name(), text(), text());
    let time = 0i64..253_402_300_799;
    (ids, names, time, any::<bool>()).prop_filter_map(
        "a time",
        |((gpo, domain_id, id), (domain, comment, display_name), time, software_installation)| {
            Some(BackupInst {
                gpo_id: gpo.into(),
                domain_controller: format!("dc1.{domain}"),
                gpo_domain: domain,
                gpo_domain_id: domain_id.map(|id| id.to_lower().into()),
                time: BackupTime::from_unix_seconds(time).ok()?,
                id: id.to_upper().into(),
                comment,
                display_name,
                software_installation,
                unusual: None,
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryDomain, MemoryTree, sample};
    use gpo_core::{BkupInfo, Contents, Directory, DirectoryWrite, Manifest, TreeWriter};

    proptest! {
        #[test]
        fn a_backup_inst_is_written_and_read(inst in backup_inst()) {
            let bytes = BkupInfo::new(inst.clone()).to_bytes().unwrap();
            prop_assert_eq!(&BkupInfo::parse(&bytes).unwrap().inst, &inst);
            let mut manifest = Manifest::default();
            manifest.insert(inst.clone());
            let read = Manifest::parse(&manifest.to_bytes().unwrap()).unwrap();
            prop_assert_eq!(&read.entries[0].inst, &inst);
        }

        #[test]
        fn a_descriptor_is_valid(bytes in descriptor()) {
            let descriptor = sddl_parser::SecurityDescriptor::from_bytes(&bytes).unwrap();
            prop_assert_eq!(descriptor.to_bytes().unwrap().len(), bytes.len());
        }

        #[test]
        fn a_tree_can_be_written(tree in tree()) {
            let mut written = MemoryTree::default();
            for (path, content) in &tree {
                match content {
                    None => written.create_folder(path).unwrap(),
                    Some(bytes) => {
                        written.create_file(path).unwrap();
                        written.append(bytes).unwrap();
                    }
                }
            }
            let mut found = 0;
            written.walk(&GpoPath::root(), &mut |entry| {
                assert!(tree.contains_key(&entry?.path));
                found += 1;
                Ok(())
            }).unwrap();
            prop_assert_eq!(found, tree.len());
        }

        #[test]
        fn a_gpo_has_what_its_parts_have(gpo in gpo(), container in container()) {
            prop_assert!(gpo.machine_extensions.groups().is_ok());
            prop_assert!(gpo.wmi_filter.is_none_or(|link| link.target().is_ok()));
            let domain = MemoryDomain::new(sample::domain());
            domain.put_container(&container).unwrap();
            let found = domain.containers(&[container.id]).unwrap().remove(0);
            prop_assert_eq!(found.unwrap(), Some(container));
        }
    }
}
