//! Writing objects of the directory into an LDIF document.

use std::collections::HashSet;

use gpo_core::{
    DirectoryObject, Dn, Domain, Error, ErrorKind, GpoContainer, GpoId, Half, LineEnd, Principal,
    PrincipalKind, Quoted, Som, WmiFilter, escape_rdn_value, gpo_id_of_dn, rdn_value,
};

use crate::directory_index::policies;
use crate::directory_record::{entry, wmi_filter_id};
use crate::ldif::{LdifDocument, LdifRecord};

const CONTAINER: [&str; 2] = ["top", "container"];

/// Makes a GPO's container, or gives it other settings, with all that is below it.
///
/// Records that stay keep their place, their comments and the attributes that [`GpoContainer`]
/// does not hold. Times are written where the container has them, and never made up.
pub(crate) fn put_container(
    document: &mut LdifDocument,
    domain: &str,
    container: &GpoContainer,
) -> Result<(), Error> {
    let dn = format!("CN={},{}", container.id, policies(domain));
    let classes = ["top", "container", "groupPolicyContainer"];
    put(document, &dn, &classes, |record| {
        set_container(record, container)
    })?;
    let mut kept = HashSet::new();
    for half in Half::BOTH {
        let dn = format!("CN={},{dn}", half.name());
        put(document, &dn, &CONTAINER, |_| Ok(()))?;
        kept.insert(Dn::new(&dn).key());
        let objects = match half {
            Half::Machine => &container.machine_objects,
            Half::User => &container.user_objects,
        };
        put_objects(document, &dn, objects, &mut kept)?;
    }
    let container = Dn::new(&dn);
    document.retain(|record| {
        let dn = Dn::new(record.dn());
        let child = dn
            .depth_below(container)
            .and_then(|depth| dn.rdns().nth(depth.checked_sub(1)?));
        !child.is_some_and(is_half) || kept.contains(&dn.key())
    });
    Ok(())
}

/// Takes a GPO's container out, with all that is below it; says whether there was one.
pub(crate) fn remove_container(document: &mut LdifDocument, domain: &str, id: GpoId) -> bool {
    let policies = policies(domain);
    let mut found = false;
    document.retain(|record| {
        let dn = Dn::new(record.dn());
        let Some(depth @ 1..) = dn.depth_below(Dn::new(&policies)) else {
            return true;
        };
        let own = dn
            .rdns()
            .nth(depth - 1)
            .and_then(|rdn| gpo_id_of_dn(Dn::new(rdn)));
        found |= own == Some(id) && depth == 1;
        own != Some(id)
    });
    found
}

/// Makes a WMI filter, or changes the one with this ID, wherever it is.
pub(crate) fn put_wmi_filter(
    document: &mut LdifDocument,
    domain: &str,
    filter: &WmiFilter,
) -> Result<(), Error> {
    let is_own = |record: &&LdifRecord| {
        record.has_class("msWMI-Som") && wmi_filter_id(record) == Some(filter.id)
    };
    let dn = match document.records().find(is_own) {
        Some(record) => record.dn().to_owned(),
        None => format!("CN={},CN=SOM,CN=WMIPolicy,CN=System,{domain}", filter.id),
    };
    put(document, &dn, &["top", "msWMI-Som"], |record| {
        if record.value("msWMI-ID").is_none() {
            record.set("showInAdvancedViewOnly", &["TRUE"])?;
            record.set("msWMI-ID", &[filter.id.to_string()])?;
        }
        for (name, text) in [
            ("msWMI-Name", &filter.name),
            ("msWMI-Parm1", &filter.description),
            ("msWMI-Parm2", &filter.queries),
            ("msWMI-Author", &filter.author),
            ("msWMI-CreationDate", &filter.created),
            ("msWMI-ChangeDate", &filter.changed),
        ] {
            record.set(name, Some(text).filter(|text| !text.is_empty()).as_slice())?;
        }
        Ok(())
    })
}

/// Makes a SOM with its links, or gives them to the one that is there. A site's name begins with
/// `CN=`.
pub(crate) fn make_som(document: &mut LdifDocument, som: &Som) -> Result<(), Error> {
    let class = if rdn_value(Dn::new(&som.dn).rdn(), "OU").is_some() {
        "organizationalUnit"
    } else {
        "site"
    };
    put(document, &som.dn, &["top", class], |_| Ok(()))?;
    put_som(document, som).map(|_| ())
}

/// Gives a SOM its links, and says whether there is one of this name.
pub(crate) fn put_som(document: &mut LdifDocument, som: &Som) -> Result<bool, Error> {
    let Some(record) = document.record_mut(&som.dn) else {
        return Ok(false);
    };
    let links = Some(&som.links).filter(|links| !links.is_empty());
    record.set("gPLink", links.as_slice())?;
    let options = entry(record).number("gPOptions")?;
    if (options & 1 != 0) != som.block_inheritance {
        set_number(record, "gPOptions", options ^ 1)?;
    }
    Ok(true)
}

fn is_half(rdn: &str) -> bool {
    let name = rdn_value(rdn, "CN").unwrap_or_default();
    Half::BOTH
        .iter()
        .any(|half| half.name().eq_ignore_ascii_case(name))
}

fn set_container(record: &mut LdifRecord, container: &GpoContainer) -> Result<(), Error> {
    if record.value("gPCFunctionalityVersion").is_none() {
        record.set("gPCFunctionalityVersion", &["2"])?;
        record.set("showInAdvancedViewOnly", &["TRUE"])?;
    }
    set_number(record, "flags", container.status.bits())?;
    set_number(record, "versionNumber", container.version.value())?;
    for (name, text) in [
        ("displayName", &container.display_name),
        ("gPCMachineExtensionNames", &container.machine_extensions),
        ("gPCUserExtensionNames", &container.user_extensions),
        ("gPCWQLFilter", &container.wql_filter),
        ("gPCFileSysPath", &container.file_sys_path),
    ] {
        // An empty value is none: the directory has no empty strings.
        record.set(name, Some(text).filter(|text| !text.is_empty()).as_slice())?;
    }
    for (name, time) in [
        ("whenCreated", &container.when_created),
        ("whenChanged", &container.when_changed),
    ] {
        if !time.is_empty() {
            record.set(name, &[time])?;
        }
    }
    set_descriptor(record, container.security_descriptor.as_deref())
}

fn put_objects(
    document: &mut LdifDocument,
    above: &str,
    objects: &[DirectoryObject],
    kept: &mut HashSet<String>,
) -> Result<(), Error> {
    let mut open = vec![(above.to_owned(), objects)];
    while let Some((above, objects)) = open.pop() {
        for object in objects {
            // A name of several parts would put the object elsewhere.
            if Dn::new(&object.rdn).rdns().count() != 1 || !object.rdn.contains('=') {
                let message = format!("{} is no relative name", Quoted::new(&object.rdn));
                return Err(Error::new(ErrorKind::Unwritable, message));
            }
            let dn = format!("{},{above}", object.rdn);
            put(document, &dn, &classes(&object.class), |record| {
                set_object(record, object)
            })?;
            kept.insert(Dn::new(&dn).key());
            open.push((dn, &object.children));
        }
    }
    Ok(())
}

fn set_object(record: &mut LdifRecord, object: &DirectoryObject) -> Result<(), Error> {
    if !entry(record).class().eq_ignore_ascii_case(&object.class) {
        record.set("objectClass", &classes(&object.class))?;
    }
    let gone: Vec<String> = record
        .attributes()
        .map(|(name, _)| name)
        .filter(|name| {
            DirectoryObject::is_setting(&object.class, name) && object.values(name).is_empty()
        })
        .map(ToOwned::to_owned)
        .collect();
    for name in gone {
        record.set::<&[u8]>(&name, &[])?;
    }
    for attribute in &object.attributes {
        // What the directory keeps for itself, descriptors among it, is no attribute to be set.
        if DirectoryObject::is_setting(&object.class, &attribute.name) {
            record.set(&attribute.name, &attribute.values)?;
        }
    }
    set_descriptor(record, object.security_descriptor.as_deref())
}

/// The classes of a new object. All that are known below a GPO come right after `top`.
fn classes(class: &str) -> Vec<&str> {
    match class {
        "top" => vec!["top"],
        class => vec!["top", class],
    }
}

fn set_descriptor(record: &mut LdifRecord, descriptor: Option<&[u8]>) -> Result<(), Error> {
    match descriptor {
        Some(descriptor) => record.set("nTSecurityDescriptor", &[descriptor]),
        None => Ok(()),
    }
}

/// Numbers are signed in the directory; one that is there in another spelling stays.
fn set_number(record: &mut LdifRecord, name: &str, value: u32) -> Result<(), Error> {
    if record.value(name).is_some() && entry(record).number(name) == Ok(value) {
        return Ok(());
    }
    record.set(name, &[value.cast_signed().to_string()])
}

/// Changes a record, which is made with these classes if it is not there.
fn put(
    document: &mut LdifDocument,
    dn: &str,
    classes: &[&str],
    change: impl FnOnce(&mut LdifRecord) -> Result<(), Error>,
) -> Result<(), Error> {
    let make = |line_end| {
        let mut record = LdifRecord::new(dn, line_end);
        record.set("objectClass", classes)?;
        Ok(record)
    };
    document.edit(dn, make, change)
}

/// The directory of a new domain: its own object, the containers of its GPOs and these principals,
/// in this order.
pub(crate) fn new_domain(domain: &Domain, principals: &[Principal]) -> Result<LdifDocument, Error> {
    let mut document = LdifDocument::new(LineEnd::Lf);
    if !domain.domain_controller.is_empty() {
        let mut root = LdifRecord::new("", LineEnd::Lf);
        root.set("dnsHostName", &[&domain.domain_controller])?;
        document.push(root);
    }
    let classes = ["top", "domain", "domainDNS"];
    put(&mut document, &domain.dn, &classes, |own| {
        if let Some(id) = domain.id {
            own.set("objectGUID", &[id.guid().to_bytes()])?;
        }
        if let Some(sid) = domain.sid {
            own.set("objectSid", &[sid.to_bytes()])?;
        }
        Ok(())
    })?;
    for dn in [format!("CN=System,{}", domain.dn), policies(&domain.dn)] {
        put(&mut document, &dn, &CONTAINER, |_| Ok(()))?;
    }
    let netbios_name = domain.netbios_name.as_deref().unwrap_or_default();
    let (dn, dns_name) = (&domain.dn, &domain.dns_name);
    put_cross_reference(&mut document, domain, dn, dns_name, netbios_name)?;
    for principal in principals {
        put_principal(&mut document, domain, principal)?;
    }
    Ok(document)
}

/// What the configuration says about a domain of the forest.
fn put_cross_reference(
    document: &mut LdifDocument,
    forest: &Domain,
    partition: &str,
    dns_name: &str,
    netbios_name: &str,
) -> Result<(), Error> {
    let name = match netbios_name {
        "" => dns_name,
        name => name,
    };
    let dn = format!(
        "CN={},CN=Partitions,CN=Configuration,{}",
        escape_rdn_value(name),
        forest.dn
    );
    put(document, &dn, &["top", "crossRef"], |reference| {
        reference.set("nCName", &[partition])?;
        reference.set("dnsRoot", &[dns_name])?;
        let netbios_name = Some(netbios_name).filter(|name| !name.is_empty());
        reference.set("nETBIOSName", netbios_name.as_slice())
    })
}

/// Makes a principal of the domain, or of another one of its forest.
pub(crate) fn put_principal(
    document: &mut LdifDocument,
    domain: &Domain,
    principal: &Principal,
) -> Result<(), Error> {
    let dns_domain = principal.dns_domain.as_str();
    let mut partition = domain.dn.clone();
    if !dns_domain.is_empty() && !dns_domain.eq_ignore_ascii_case(&domain.dns_name) {
        partition = dn_of(dns_domain);
        let netbios_name = &principal.netbios_domain;
        put_cross_reference(document, domain, &partition, dns_domain, netbios_name)?;
    }
    let sid = principal.sid.to_string();
    let mut dn = format!(
        "CN={},CN=Users,{partition}",
        match principal.sam_account_name.as_str() {
            "" => sid.as_str().into(),
            name => escape_rdn_value(name),
        }
    );
    if document.record_mut(&dn).is_some() {
        // Two of one name, from two backups: the SID tells them apart.
        dn = format!("CN={sid},CN=Users,{partition}");
    }
    let (classes, group_type) = classes_of(&principal.kind);
    put(document, &dn, classes, |record| {
        record.set("objectSid", &[principal.sid.to_bytes()])?;
        let name = principal.sam_account_name.as_str();
        record.set(
            "sAMAccountName",
            Some(name).filter(|n| !n.is_empty()).as_slice(),
        )?;
        record.set("groupType", group_type.as_slice())?;
        let usual = principal.upn.is_empty() || principal.upn == format!("{name}@{dns_domain}");
        let upn = Some(&principal.upn).filter(|_| !usual);
        record.set("userPrincipalName", upn.as_slice())
    })
}

/// The distinguished name of a domain.
fn dn_of(dns_name: &str) -> String {
    let names: Vec<String> = dns_name
        .split('.')
        .map(|label| format!("DC={}", escape_rdn_value(label)))
        .collect();
    names.join(",")
}

/// The classes of a principal, and `groupType` of a security group ([MS-ADTS] 2.2.12).
fn classes_of(kind: &PrincipalKind) -> (&'static [&'static str], Option<&'static str>) {
    match kind {
        PrincipalKind::User => (&["top", "person", "organizationalPerson", "user"], None),
        PrincipalKind::Computer => (
            &["top", "person", "organizationalPerson", "user", "computer"],
            None,
        ),
        PrincipalKind::LocalGroup => (&["top", "group"], Some("-2147483644")),
        PrincipalKind::GlobalGroup => (&["top", "group"], Some("-2147483646")),
        PrincipalKind::UniversalGroup => (&["top", "group"], Some("-2147483640")),
        PrincipalKind::Unknown | PrincipalKind::Other(_) => (&["top"], None),
    }
}
