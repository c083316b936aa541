//! Directory objects: as LDAP gives them, and as Backup.xml writes them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::build::Builder;
use super::template::{Place, container_variable};
use super::{BackupObject, DsAttribute, DsAttributeKind, DsObject};
use crate::client_side_extension::ClientSideExtension;
use crate::directory_object::{DirectoryAttribute, DirectoryObject, find};
use crate::dn::Dn;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::gpo::Half;
use crate::guid::GpoId;
use crate::hex_text::{from_spaced_hex, to_spaced_hex};
use crate::xml_character::illegal_character;

const CLASS_STORE: &str = "cn=Class Store";
const PACKAGES: &str = "cn=Packages";

/// The attributes of a package that GPMC saves, in its order (census).
const PACKAGE_ATTRIBUTES: [(DsAttributeKind, &str); 27] = [
    (DsAttributeKind::Binary, "objectGUID"),
    (DsAttributeKind::MultiString, "cOMClassID"),
    (DsAttributeKind::MultiString, "cOMProgID"),
    (DsAttributeKind::MultiString, "fileExtPriority"),
    (DsAttributeKind::MultiDword, "localeID"),
    (DsAttributeKind::MultiDword, "machineArchitecture"),
    (DsAttributeKind::Dword, "versionNumberHi"),
    (DsAttributeKind::Dword, "versionNumberLo"),
    (DsAttributeKind::Dword, "revision"),
    (DsAttributeKind::Dword, "packageType"),
    (DsAttributeKind::Dword, "packageFlags"),
    (DsAttributeKind::String, "packageName"),
    (DsAttributeKind::String, "msiScriptPath"),
    (DsAttributeKind::String, "msiScriptName"),
    (DsAttributeKind::Dword, "msiScriptSize"),
    (DsAttributeKind::MultiString, "url"),
    (DsAttributeKind::String, "setupCommand"),
    (DsAttributeKind::String, "lastUpdateSequence"),
    (DsAttributeKind::MultiString, "msiFileList"),
    (DsAttributeKind::MultiString, "categories"),
    (DsAttributeKind::MultiString, "canUpgradeScript"),
    (DsAttributeKind::Dword, "installUiLevel"),
    (DsAttributeKind::Binary, "msiScript"),
    (DsAttributeKind::String, "displayName"),
    (DsAttributeKind::Binary, "productCode"),
    (DsAttributeKind::Binary, "upgradeProductCode"),
    (DsAttributeKind::String, "Vendor"),
];

/// The class stores of a GPO, the user's first.
pub(super) fn software_installation(builder: &mut Builder<'_>) -> Vec<BackupObject> {
    let gpo = builder.gpo;
    [Half::User, Half::Machine]
        .into_iter()
        .filter_map(|half| Some((half, find(gpo.objects(half), CLASS_STORE)?)))
        .map(|(half, store)| BackupObject::Directory(class_store(builder, half, store)))
        .collect()
}

fn class_store(builder: &mut Builder<'_>, half: Half, store: &DirectoryObject) -> DsObject {
    let variable = container_variable(half);
    let dn = format!(
        "cn={},cn={},CN=Policies,CN=System,{}",
        half.name(),
        builder.gpo.id,
        domain_dn(&builder.gpo.domain)
    );
    let template = |path: &str, class: &str| DsObject {
        path: format!("{path},{variable}"),
        object_class: class.into(),
        source_expanded_path: Some(format!("{path},{dn}")),
        ..DsObject::default()
    };
    let packages = store
        .child(PACKAGES)
        .map_or(&[][..], |packages| &packages.children);
    let all_packages = DsObject {
        re_evaluate_function: Some("SIProcessAllPackageObjects".into()),
        children: packages
            .iter()
            .map(|p| package(builder, half, &dn, p))
            .collect(),
        security_descriptor: Some(None),
        attributes: package_attributes(None),
        ..template(
            &format!("*,{PACKAGES},{CLASS_STORE}"),
            "packageRegistration",
        )
    };
    let packages = DsObject {
        children: [all_packages].into(),
        ..template(&format!("{PACKAGES},{CLASS_STORE}"), "classStore")
    };
    let display_name = DsAttribute {
        kind: DsAttributeKind::ExpandedString,
        name: "displayName".into(),
        values: ["LDAP://%GPO_DSPATH%".into()].into(),
        foreign: None,
    };
    let own = |kind, name| attribute(kind, name, store.values(name));
    DsObject {
        children: [packages].into(),
        attributes: [
            own(DsAttributeKind::Dword, "appSchemaVersion"),
            own(DsAttributeKind::String, "extensionName"),
            own(DsAttributeKind::String, "description"),
            display_name,
        ]
        .into(),
        ..template(CLASS_STORE, "classStore")
    }
}

fn package(builder: &mut Builder<'_>, half: Half, dn: &str, package: &DirectoryObject) -> DsObject {
    let path = format!("{},CN=Packages,CN=Class Store", package.rdn);
    // The advertise script: a file of the package, named in it by its path in SYSVOL.
    let script = package.values("msiScriptPath").first();
    let script = script.and_then(|path| str::from_utf8(path).ok()?.rsplit('\\').next());
    let file = script
        .and_then(|name| builder.claimed_file(Place::In(half), &format!("Applications\\{name}")));
    DsObject {
        path: format!("{path},{}", container_variable(half)),
        object_class: "packageRegistration".into(),
        source_expanded_path: Some(format!("{path},{dn}")),
        re_evaluate_function: Some("SIProcessPackageObject".into()),
        files: file.into_iter().collect(),
        security_descriptor: Some(package.security_descriptor.clone()),
        attributes: package_attributes(Some(package)),
        ..DsObject::default()
    }
}

fn package_attributes(package: Option<&DirectoryObject>) -> Vec<DsAttribute> {
    PACKAGE_ATTRIBUTES
        .iter()
        .map(|&(kind, name)| {
            let values = package.map_or(&[][..], |package| package.values(name));
            attribute(kind, name, values)
        })
        .collect()
}

fn attribute(kind: DsAttributeKind, name: &str, values: &[Vec<u8>]) -> DsAttribute {
    // What is no text cannot stand in a text attribute; it is kept as bytes.
    let texts = values
        .iter()
        .map(|value| text_of(kind, value))
        .collect::<Option<Vec<_>>>();
    let (kind, values) = match texts {
        Some(texts) => (kind, texts),
        None => (
            DsAttributeKind::Binary,
            values.iter().map(|v| to_spaced_hex(v)).collect(),
        ),
    };
    DsAttribute {
        kind,
        name: name.into(),
        values,
        foreign: None,
    }
}

fn text_of(kind: DsAttributeKind, value: &[u8]) -> Option<String> {
    if kind == DsAttributeKind::Binary {
        return Some(to_spaced_hex(value));
    }
    let text = str::from_utf8(value)
        .ok()
        .filter(|text| illegal_character(text).is_none())?;
    Some(match (kind, text.parse::<i32>()) {
        // LDAP has signed integers, Backup.xml unsigned ones.
        (DsAttributeKind::Dword | DsAttributeKind::MultiDword, Ok(number)) => {
            number.cast_unsigned().to_string()
        }
        _ => text.into(),
    })
}

/// The objects that no typed block holds, those of the computer half first.
pub(super) fn unknown_objects(builder: &Builder<'_>) -> Vec<BackupObject> {
    let gpo = builder.gpo;
    let listed = gpo.has_extension(ClientSideExtension::SOFTWARE_INSTALLATION);
    let mut objects = Vec::new();
    for half in Half::BOTH {
        let dn = format!(
            "CN={},CN={},CN=Policies,CN=System,{}",
            half.name(),
            gpo.id,
            domain_dn(&gpo.domain)
        );
        for object in gpo.objects(half) {
            if !(listed && object.rdn.eq_ignore_ascii_case(CLASS_STORE)) {
                let object = unknown_object(object, container_variable(half), &dn);
                objects.push(BackupObject::Directory(object));
            }
        }
    }
    objects
}

// The depth of the recursion is that of a tree that exists.
fn unknown_object(object: &DirectoryObject, parent: &str, parent_dn: &str) -> DsObject {
    let path = format!("{},{parent}", object.rdn);
    let dn = format!("{},{parent_dn}", object.rdn);
    DsObject {
        children: object
            .children
            .iter()
            .map(|child| unknown_object(child, &path, &dn))
            .collect(),
        attributes: object
            .attributes
            .iter()
            .map(|a| attribute(DsAttributeKind::MultiString, &a.name, &a.values))
            .collect(),
        object_class: object.class.clone(),
        source_expanded_path: Some(dn),
        path,
        ..DsObject::default()
    }
}

/// The distinguished name of a domain.
fn domain_dn(domain: &str) -> String {
    let mut dn = String::new();
    for label in domain.split('.') {
        if !dn.is_empty() {
            dn.push(',');
        }
        dn.push_str("DC=");
        dn.push_str(label);
    }
    dn
}

/// The directory objects of a backup, by half.
pub(super) fn to_directory(
    objects: &[&DsObject],
    id: GpoId,
    domain: &str,
) -> Result<(Vec<DirectoryObject>, Vec<DirectoryObject>)> {
    let container = format!("CN={id},CN=Policies,CN=System,{}", domain_dn(domain));
    let (mut machine, mut user) = (Vec::new(), Vec::new());
    for object in objects {
        let half = if object.path.ends_with(container_variable(Half::Machine)) {
            &mut machine
        } else if object.path.ends_with(container_variable(Half::User)) {
            &mut user
        } else {
            return Err(Error::new(
                ErrorKind::Path,
                format!(
                    "the directory object {} is not below the container of the GPO",
                    Quoted::new(&object.path)
                ),
            ));
        };
        half.push(directory_object(object, &container)?);
    }
    Ok((machine, user))
}

fn directory_object(object: &DsObject, container: &str) -> Result<DirectoryObject> {
    let mut children = Vec::new();
    for child in &object.children {
        // A wildcard is no object; those that it found are.
        if child.path.starts_with('*') {
            for found in &child.children {
                children.push(directory_object(found, container)?);
            }
        } else {
            children.push(directory_object(child, container)?);
        }
    }
    let attributes = object.attributes.iter().filter(|a| !a.values.is_empty());
    Ok(DirectoryObject {
        rdn: Dn::new(&object.path).rdn().into(),
        class: object.object_class.clone(),
        attributes: attributes
            .map(|a| directory_attribute(a, container))
            .collect::<Result<Vec<_>>>()?,
        security_descriptor: object.security_descriptor.clone().flatten(),
        children,
    })
}

fn directory_attribute(attribute: &DsAttribute, container: &str) -> Result<DirectoryAttribute> {
    let value = |text: &String| -> Result<Vec<u8>> {
        Ok(match attribute.kind {
            DsAttributeKind::Binary => from_spaced_hex(text)?,
            DsAttributeKind::ExpandedString => text.replace("%GPO_DSPATH%", container).into_bytes(),
            DsAttributeKind::Dword | DsAttributeKind::MultiDword => match text.parse::<u32>() {
                Ok(number) => number.cast_signed().to_string().into_bytes(),
                Err(_) => text.clone().into_bytes(),
            },
            DsAttributeKind::String | DsAttributeKind::MultiString => text.clone().into_bytes(),
        })
    };
    let values = attribute
        .values
        .iter()
        .map(value)
        .collect::<Result<Vec<_>>>()?;
    Ok(DirectoryAttribute {
        name: attribute.name.clone(),
        values,
    })
}
