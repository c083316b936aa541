//! Values built anew from the typed fields of values that were read, through public constructors:
//! nothing that a reader may have kept on the side comes along.

use gpo_core::{
    BackupForm, BackupInst, BackupLayout, BackupObject, BackupTime, BackupXml, BkupInfo,
    CoreSettings, DsAttribute, DsObject, ExtensionBlock, ExtensionGroup, ExtensionList, Foreign,
    ForeignLeaf, ForeignNode, FsObject, GpoStatus, GroupSource, Guid, HalfVersion, Manifest,
    ManifestEntry, PrincipalKind, SecurityGroup, UnusualBackup, UnusualInst, WmiFilterLink,
};
use sddl_parser::{Ace, Acl, ObjectTypes, SecurityDescriptor};

use crate::Result;

/// A Backup.xml in the form in which GPMC or LGPO.exe writes it.
pub(crate) fn backup_xml(read: &BackupXml) -> Result<BackupXml> {
    let mut form = BackupForm {
        layout: read.form.layout,
        ..BackupForm::default()
    };
    if form.layout == BackupLayout::Lgpo {
        form.xml.epilog = "\r\n".into();
    }
    let extensions: Result<_> = read.extensions.iter().map(extension_block).collect();
    Ok(BackupXml {
        security_groups: read.security_groups.iter().map(security_group).collect(),
        file_paths: read.file_paths.clone(),
        core: core_settings(&read.core)?,
        extensions: extensions?,
        form,
        unusual: read.unusual.as_deref().map(|unusual| {
            Box::new(UnusualBackup {
                version: unusual.version.clone(),
                kind: unusual.kind.clone(),
                sections: unusual.sections.clone(),
                core_fields: unusual.core_fields.clone(),
                spellings: unusual.spellings.clone(),
                root: foreign(&unusual.root),
                object: foreign(&unusual.object),
                security_groups: foreign(&unusual.security_groups),
                file_paths: foreign(&unusual.file_paths),
                core: foreign(&unusual.core),
            })
        }),
    })
}

/// A bkupInfo.xml as GPMC writes it, or as LGPO.exe does: without a line end.
pub(crate) fn bkup_info(read: &BkupInfo, layout: BackupLayout) -> Result<BkupInfo> {
    let mut info = BkupInfo::new(backup_inst(&read.inst)?);
    if layout == BackupLayout::Lgpo {
        info.form.epilog.clear();
    }
    Ok(info)
}

/// A manifest.xml as GPMC writes it.
pub(crate) fn manifest(read: &Manifest) -> Result<Manifest> {
    let entry = |entry: &ManifestEntry| {
        Ok(ManifestEntry {
            inst: backup_inst(&entry.inst)?,
            declares_namespace: entry.declares_namespace,
        })
    };
    let entries: Result<_> = read.entries.iter().map(entry).collect();
    Ok(Manifest {
        entries: entries?,
        version: read.version.clone(),
        foreign: foreign(&read.foreign),
        ..Manifest::default()
    })
}

fn guid(read: Guid) -> Result<Guid> {
    Ok(read.to_string().parse()?)
}

pub(crate) fn backup_inst(read: &BackupInst) -> Result<BackupInst> {
    Ok(BackupInst {
        gpo_id: guid(read.gpo_id.guid())?.into(),
        gpo_domain: read.gpo_domain.clone(),
        gpo_domain_id: read
            .gpo_domain_id
            .map(|id| guid(id.guid()))
            .transpose()?
            .map(Into::into),
        domain_controller: read.domain_controller.clone(),
        time: BackupTime::from_unix_seconds(read.time.unix_seconds())?,
        id: guid(read.id.guid())?.into(),
        comment: read.comment.clone(),
        display_name: read.display_name.clone(),
        software_installation: read.software_installation,
        unusual: read.unusual.as_deref().map(|unusual| {
            Box::new(UnusualInst {
                fields: unusual.fields.clone(),
                foreign: foreign(&unusual.foreign),
            })
        }),
    })
}

fn security_group(read: &SecurityGroup) -> SecurityGroup {
    let source = read.source.as_text();
    SecurityGroup {
        source: source.map_or(GroupSource::Settings, GroupSource::from_text),
        sid: read.sid.clone(),
        sam_account_name: read.sam_account_name.clone(),
        kind: PrincipalKind::from_name(read.kind.name()),
        netbios_domain: read.netbios_domain.clone(),
        dns_domain: read.dns_domain.clone(),
        upn: read.upn.clone(),
        foreign: boxed(read.foreign.as_deref()),
    }
}

fn core_settings(read: &CoreSettings) -> Result<CoreSettings> {
    let version = |version: HalfVersion| HalfVersion {
        directory: version.directory,
        sysvol: version.sysvol,
    };
    Ok(CoreSettings {
        id: guid(read.id.guid())?.into(),
        domain: read.domain.clone(),
        security_descriptor: read
            .security_descriptor
            .as_deref()
            .map(descriptor)
            .transpose()?,
        display_name: read.display_name.clone(),
        options: read
            .options
            .map(|status| GpoStatus::from_bits_retain(status.bits())),
        user_version: read.user_version.map(version),
        machine_version: read.machine_version.map(version),
        machine_extensions: extension_list(&read.machine_extensions)?,
        user_extensions: extension_list(&read.user_extensions)?,
        wmi_filter: read.wmi_filter.as_ref().map(wmi_filter_link),
        wmi_filter_name: read.wmi_filter_name.clone(),
    })
}

/// A list of the groups; one that is no list, a blank one for example, is text.
fn extension_list(read: &ExtensionList) -> Result<ExtensionList> {
    let groups = match read.groups() {
        Ok(groups) if !groups.is_empty() => groups,
        _ => return Ok(ExtensionList::from_text(read.as_str())),
    };
    let mut list = Vec::new();
    for group in groups {
        let tools: Result<_> = group.tools.iter().map(|&tool| guid(tool)).collect();
        list.push(ExtensionGroup {
            cse: guid(group.cse)?,
            tools: tools?,
        });
    }
    Ok(ExtensionList::from_groups(&list))
}

fn wmi_filter_link(read: &WmiFilterLink) -> WmiFilterLink {
    let built = read
        .target()
        .and_then(|(filter, domain)| WmiFilterLink::in_backup(filter, domain));
    // A link in the directory's form, or in none.
    built.unwrap_or_else(|_| WmiFilterLink::from_text(read.as_str()))
}

/// A descriptor of its parts; bytes that are none, which some have put there, are copied.
fn descriptor(bytes: &[u8]) -> Result<Vec<u8>> {
    let Ok(read) = SecurityDescriptor::from_bytes(bytes) else {
        return Ok(bytes.to_vec());
    };
    let mut built = SecurityDescriptor::new();
    built.set_owner(read.owner().copied());
    built.set_group(read.group().copied());
    for (is_sacl, list) in [(false, read.dacl()), (true, read.sacl())] {
        let Some(list) = list else { continue };
        let mut acl = Acl::new(list.aces.iter().map(ace).collect());
        acl.revision = list.revision;
        if is_sacl {
            built.set_sacl(Some(acl));
        } else {
            built.set_dacl(Some(acl));
        }
    }
    if read.has_null_dacl() {
        built.set_null_dacl();
    }
    built.set_resource_manager_control(read.resource_manager_control());
    built.set_control(read.control());
    Ok(built.to_bytes()?)
}

/// An ACE of its parts; one of a type that has none is copied.
fn ace(read: &Ace) -> Ace {
    let built = read
        .sid()
        .zip(read.mask())
        .and_then(|(sid, mask)| Ace::new(read.ace_type(), mask, *sid))
        .and_then(|ace| ace.with_data(read.data().to_vec()).ok());
    let Some(mut built) = built else {
        return read.clone();
    };
    if let Some(types) = read.object_types() {
        let types = ObjectTypes::new(types.object_type, types.inherited_object_type);
        built = built.with_object_types(types);
    }
    built.with_flags(read.flags())
}

fn extension_block(read: &ExtensionBlock) -> Result<ExtensionBlock> {
    let objects: Result<_> = read.objects.iter().map(backup_object).collect();
    Ok(ExtensionBlock {
        id: guid(read.id)?,
        name: read.name.clone(),
        objects: objects?,
        foreign: boxed(read.foreign.as_deref()),
    })
}

fn backup_object(read: &BackupObject) -> Result<BackupObject> {
    Ok(match read {
        BackupObject::File(file) => BackupObject::File(fs_object(file)),
        BackupObject::Folder(folder) => BackupObject::Folder(fs_object(folder)),
        BackupObject::Directory(object) => BackupObject::Directory(ds_object(object)?),
    })
}

fn fs_object(read: &FsObject) -> FsObject {
    FsObject {
        path: read.path.clone(),
        source_expanded_path: read.source_expanded_path.clone(),
        re_evaluate_function: read.re_evaluate_function.clone(),
        location: read.location.clone(),
        matches: read.matches.iter().map(fs_object).collect(),
        foreign: boxed(read.foreign.as_deref()),
    }
}

fn ds_object(read: &DsObject) -> Result<DsObject> {
    let children: Result<_> = read.children.iter().map(ds_object).collect();
    let security_descriptor = match &read.security_descriptor {
        None => None,
        Some(None) => Some(None),
        Some(Some(bytes)) => Some(Some(descriptor(bytes)?)),
    };
    Ok(DsObject {
        path: read.path.clone(),
        object_class: read.object_class.clone(),
        source_expanded_path: read.source_expanded_path.clone(),
        re_evaluate_function: read.re_evaluate_function.clone(),
        children: children?,
        files: read.files.iter().map(fs_object).collect(),
        security_descriptor,
        attributes: read
            .attributes
            .iter()
            .map(|attribute| DsAttribute {
                kind: attribute.kind,
                name: attribute.name.clone(),
                values: attribute.values.clone(),
                foreign: boxed(attribute.foreign.as_deref()),
            })
            .collect(),
        foreign: boxed(read.foreign.as_deref()),
    })
}

fn boxed(read: Option<&Foreign>) -> Option<Box<Foreign>> {
    read.map(|read| Box::new(foreign(read)))
}

fn foreign(read: &Foreign) -> Foreign {
    let node = |node: &ForeignNode| ForeignNode {
        before: node.before,
        xml: node.xml.clone(),
    };
    let leaf = |leaf: &ForeignLeaf| ForeignLeaf {
        name: leaf.name,
        number: leaf.number,
        attributes: leaf.attributes.clone(),
    };
    Foreign {
        attributes: read.attributes.clone(),
        nodes: read.nodes.iter().map(node).collect(),
        leaves: read.leaves.iter().map(leaf).collect(),
    }
}
