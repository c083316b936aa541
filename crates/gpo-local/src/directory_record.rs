//! What a record of the directory says, as a value of the model.

use gpo_core::{
    DirectoryAttribute, DirectoryObject, Error, ErrorKind, GpoContainer, GpoId, GpoStatus,
    GpoVersion, Guid, Half, Principal, PrincipalKind, Quoted, WmiFilter, WmiFilterId,
};
use sddl_parser::Sid;

use crate::directory_index::Partition;
use crate::dn::{Dn, value};
use crate::ldif::LdifRecord;

/// How many levels of objects a GPO may have below its container. Software installation, the
/// deepest that is known, has three.
const DEEPEST: usize = 64;

/// Attributes that the directory keeps for itself; they say nothing about settings.
const OPERATIONAL: [&str; 19] = [
    "canonicalName",
    "cn",
    "createTimeStamp",
    "distinguishedName",
    "dSCorePropagationData",
    "instanceType",
    "isCriticalSystemObject",
    "modifyTimeStamp",
    "name",
    "nTSecurityDescriptor",
    "objectCategory",
    "objectClass",
    "objectGUID",
    "subSchemaSubEntry",
    "systemFlags",
    "uSNChanged",
    "uSNCreated",
    "whenChanged",
    "whenCreated",
];

/// Whether an attribute of an object of this class says something about settings.
pub(crate) fn is_setting(class: &str, attribute: &str) -> bool {
    // The GUID of a software package is the product's name for clients.
    let of_package = attribute.eq_ignore_ascii_case("objectGUID")
        && class.eq_ignore_ascii_case("packageRegistration");
    of_package
        || !OPERATIONAL
            .iter()
            .any(|other| attribute.eq_ignore_ascii_case(other))
}

/// The ID that the container's `CN` is; none for what is no GPO's container.
pub(crate) fn gpo_id(dn: Dn<'_>) -> Option<GpoId> {
    let guid: Guid = value(dn.rdn(), "CN")?.parse().ok()?;
    Some(guid.into())
}

/// A GPO's container, with the records of the objects below it.
pub(crate) fn container(
    id: GpoId,
    record: &LdifRecord,
    below: &[LdifRecord],
) -> Result<GpoContainer, Error> {
    let mut machine = Vec::new();
    let mut user = Vec::new();
    let dn = Dn::new(record.dn());
    let mut below: Vec<(usize, &LdifRecord)> = below
        .iter()
        .filter_map(|object| Some((Dn::new(object.dn()).depth_below(dn)?, object)))
        .collect();
    // Parents before children; the order of the file otherwise.
    below.sort_by_key(|(depth, _)| *depth);
    for (depth, object) in below {
        if depth > DEEPEST {
            let message = format!(
                "the object {} is too deep below its GPO",
                Quoted::new(object.dn())
            );
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let mut path: Vec<&str> = Dn::new(object.dn()).rdns().take(depth).collect();
        let half = path
            .pop()
            .and_then(|rdn| value(rdn, "CN"))
            .unwrap_or_default();
        let objects = match half {
            _ if path.is_empty() => continue,
            half if half.eq_ignore_ascii_case(Half::Machine.name()) => &mut machine,
            half if half.eq_ignore_ascii_case(Half::User.name()) => &mut user,
            _ => continue,
        };
        insert(objects, &path, directory_object(object))?;
    }
    Ok(GpoContainer {
        id,
        display_name: text(record, "displayName")?,
        status: GpoStatus::from_bits_retain(number(record, "flags")?),
        version: GpoVersion::new(number(record, "versionNumber")?),
        machine_extensions: text(record, "gPCMachineExtensionNames")?,
        user_extensions: text(record, "gPCUserExtensionNames")?,
        wql_filter: text(record, "gPCWQLFilter")?,
        file_sys_path: text(record, "gPCFileSysPath")?,
        security_descriptor: descriptor(record),
        machine_objects: machine,
        user_objects: user,
        when_created: text(record, "whenCreated")?,
        when_changed: text(record, "whenChanged")?,
    })
}

/// Puts an object below the one that the path leads to, the outermost name last.
fn insert(
    mut objects: &mut Vec<DirectoryObject>,
    path: &[&str],
    object: DirectoryObject,
) -> Result<(), Error> {
    let above = path.get(1..).unwrap_or_default();
    for rdn in above.iter().rev() {
        let found = objects
            .iter_mut()
            .find(|object| Dn::new(&object.rdn) == Dn::new(rdn));
        let Some(found) = found else {
            let message = format!(
                "the object {} is there, but not {} above it",
                Quoted::new(&object.rdn),
                Quoted::new(rdn)
            );
            return Err(Error::new(ErrorKind::Missing, message));
        };
        objects = &mut found.children;
    }
    let is_there = |other: &DirectoryObject| Dn::new(&other.rdn) == Dn::new(&object.rdn);
    // Of records with one name the first counts.
    if !objects.iter().any(is_there) {
        objects.push(object);
    }
    Ok(())
}

fn directory_object(record: &LdifRecord) -> DirectoryObject {
    let class = class(record);
    let mut attributes: Vec<DirectoryAttribute> = Vec::new();
    for (name, value) in record.attributes() {
        if !is_setting(&class, name) {
            continue;
        }
        let value = value.into_owned();
        let same = |other: &&mut DirectoryAttribute| other.name.eq_ignore_ascii_case(name);
        match attributes.iter_mut().find(same) {
            Some(attribute) => attribute.values.push(value),
            None => attributes.push(DirectoryAttribute {
                name: name.to_owned(),
                values: vec![value],
            }),
        }
    }
    DirectoryObject {
        rdn: Dn::new(record.dn()).rdn().to_owned(),
        class,
        attributes,
        security_descriptor: descriptor(record),
        children: Vec::new(),
    }
}

/// The most specific class: the directory lists it last.
pub(crate) fn class(record: &LdifRecord) -> String {
    let class = record.values("objectClass").last().unwrap_or_default();
    String::from_utf8_lossy(&class).into_owned()
}

fn descriptor(record: &LdifRecord) -> Option<Vec<u8>> {
    record
        .value("nTSecurityDescriptor")
        .map(std::borrow::Cow::into_owned)
}

/// A WMI filter.
pub(crate) fn wmi_filter(id: WmiFilterId, record: &LdifRecord) -> Result<WmiFilter, Error> {
    Ok(WmiFilter {
        id,
        name: text(record, "msWMI-Name")?,
        description: text(record, "msWMI-Parm1")?,
        queries: text(record, "msWMI-Parm2")?,
        author: text(record, "msWMI-Author")?,
        created: text(record, "msWMI-CreationDate")?,
        changed: text(record, "msWMI-ChangeDate")?,
    })
}

/// The ID of a WMI filter: `msWMI-ID`, else its `CN`.
pub(crate) fn wmi_filter_id(record: &LdifRecord) -> Option<WmiFilterId> {
    let own = record.text("msWMI-ID").and_then(|id| id.parse().ok());
    let named = || value(Dn::new(record.dn()).rdn(), "CN")?.parse().ok();
    own.or_else(named)
}

/// The SID and name of a principal; none for what is none.
///
/// A foreign security principal has a SID, but no name: only its own domain knows that.
pub(crate) fn principal_key(record: &LdifRecord) -> Option<(Sid, String)> {
    let sid = Sid::from_bytes(&record.value("objectSid")?).ok()?;
    Some((sid, record.text("sAMAccountName")?))
}

/// A principal in its domain.
pub(crate) fn principal(record: &LdifRecord, domain: &Partition) -> Option<Principal> {
    let (sid, sam_account_name) = principal_key(record)?;
    let upn = record
        .text("userPrincipalName")
        .unwrap_or_else(|| format!("{sam_account_name}@{}", domain.dns_name));
    Some(Principal {
        sid,
        kind: principal_kind(record),
        sam_account_name,
        netbios_domain: domain.netbios_name.clone().unwrap_or_default(),
        dns_domain: domain.dns_name.clone(),
        upn,
    })
}

/// The kind by `groupType` and class, else by `sAMAccountType` ([MS-ADTS] 2.2.12, [MS-SAMR]
/// 2.2.1.9).
fn principal_kind(record: &LdifRecord) -> PrincipalKind {
    if let Ok(kind @ 1..) = number(record, "groupType") {
        return match kind {
            kind if kind & 2 != 0 => PrincipalKind::GlobalGroup,
            kind if kind & 8 != 0 => PrincipalKind::UniversalGroup,
            _ => PrincipalKind::LocalGroup,
        };
    }
    if record.has_class("computer") {
        return PrincipalKind::Computer;
    }
    if record.has_class("user") {
        return PrincipalKind::User;
    }
    match number(record, "sAMAccountType") {
        Ok(0x1000_0000 | 0x1000_0001) => PrincipalKind::GlobalGroup,
        Ok(0x2000_0000 | 0x2000_0001) => PrincipalKind::LocalGroup,
        Ok(0x3000_0000) => PrincipalKind::User,
        Ok(0x3000_0001) => PrincipalKind::Computer,
        _ => PrincipalKind::Unknown,
    }
}

/// The GPOs in a `gPLink`, with the options of each link: `[LDAP://CN={GUID},…;0][…]`.
///
/// What is no link of a GPO counts as a place, too, so that the others keep theirs.
pub(crate) fn links(text: &str) -> impl Iterator<Item = Option<(GpoId, u32)>> {
    text.split('[').skip(1).map(|link| {
        let link = link.split(']').next()?;
        let (path, options) = link.rsplit_once(';')?;
        let (scheme, dn) = path.split_at_checked("LDAP://".len())?;
        let scheme = scheme.eq_ignore_ascii_case("LDAP://");
        Some((
            gpo_id(Dn::new(dn)).filter(|_| scheme)?,
            options.trim().parse().ok()?,
        ))
    })
}

fn text(record: &LdifRecord, name: &str) -> Result<String, Error> {
    let Some(value) = record.value(name) else {
        return Ok(String::new());
    };
    String::from_utf8(value.into_owned()).map_err(|_| {
        let message = format!("the value of {name} is no UTF-8");
        Error::new(ErrorKind::Encoding, message)
    })
}

/// A number of 32 bits, which the directory holds signed and tools write either way; 0 where it is
/// absent.
pub(crate) fn number(record: &LdifRecord, name: &str) -> Result<u32, Error> {
    let text = text(record, name)?;
    if text.is_empty() {
        return Ok(0);
    }
    let signed = || text.parse::<i32>().map(i32::cast_unsigned);
    text.parse().or_else(|_| signed()).map_err(|_| {
        let message = format!("{name} is {}, not a number of 32 bits", Quoted::new(&text));
        Error::new(ErrorKind::Value, message)
    })
}
