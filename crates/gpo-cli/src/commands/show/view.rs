//! A backup in JSON.

use gpo_core::{
    EntryKind, ExtensionList, FileKind, GpoPath, GpoStatus, HalfVersion, Inventory, SecurityGroup,
    extension_name,
};
use gpo_engine::{BackupDetails, BackupEntry, DescriptorDetails, ExtensionFiles};
use serde::Serialize;

use super::sidecar::SidecarView;
use crate::hex::hex;
use crate::json::{self, FindingJson, Inst};

#[derive(Serialize)]
pub(super) struct View {
    folder: String,
    backup: Option<Inst>,
    gpo: Gpo,
    principals: Vec<Principal>,
    paths: Vec<String>,
    extensions: Vec<Extension>,
    security: Option<Security>,
    sidecar: Option<SidecarView>,
    missing_files: Vec<String>,
    missing_folders: Vec<String>,
    unlisted_files: Vec<String>,
    other_files: Vec<Entry>,
    unknown_xml: Vec<UnknownXml>,
    findings: Vec<FindingJson>,
}

#[derive(Serialize)]
struct Gpo {
    id: String,
    domain: String,
    name: String,
    computer: Half,
    user: Half,
    wmi_filter: Option<WmiFilter>,
}

#[derive(Serialize)]
struct Half {
    enabled: Option<bool>,
    version_directory: Option<u16>,
    version_sysvol: Option<u16>,
    /// The list as it stands, which may be none.
    extension_list: String,
    extensions: Vec<ListedExtension>,
}

#[derive(Serialize)]
struct ListedExtension {
    id: String,
    name: Option<&'static str>,
    tools: Vec<String>,
}

#[derive(Serialize)]
struct WmiFilter {
    /// The link as it stands, which may be none.
    link: String,
    id: Option<String>,
    name: Option<String>,
}

#[derive(Serialize)]
struct Principal {
    sid: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    netbios_domain: String,
    dns_domain: String,
    upn: String,
    source: Option<String>,
}

#[derive(Serialize)]
struct Extension {
    id: Option<String>,
    name: String,
    entries: Vec<Entry>,
    directory_objects: Vec<DirectoryObject>,
}

#[derive(Serialize)]
struct Entry {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    size: Option<u64>,
    /// What a file of the GPO is; of no other file.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(Serialize)]
struct DirectoryObject {
    path: String,
    class: String,
}

#[derive(Serialize)]
struct Security {
    sddl: String,
    null_dacl: bool,
    permissions: Vec<Permission>,
}

#[derive(Serialize)]
struct Permission {
    sid: String,
    name: Option<String>,
    level: String,
    denied: bool,
    inherited: bool,
    inheritable: bool,
}

#[derive(Serialize)]
struct UnknownXml {
    element: &'static str,
    xml: String,
}

impl View {
    pub(super) fn of(details: &BackupDetails) -> Self {
        let xml = &details.xml;
        let tree = &details.tree;
        Self {
            folder: details.folder.path.clone(),
            backup: details.inst.as_ref().map(Into::into),
            gpo: Gpo::of(details),
            principals: xml.security_groups.iter().map(Into::into).collect(),
            paths: xml.file_paths.clone(),
            extensions: details.extensions.iter().map(Into::into).collect(),
            security: details
                .security
                .as_ref()
                .map(|security| Security::of(details, security)),
            sidecar: details.sidecar.as_ref().map(SidecarView::from),
            missing_files: texts(&tree.missing_files),
            missing_folders: texts(&tree.missing_folders),
            unlisted_files: texts(&tree.unlisted_files),
            other_files: entries(&details.files.beside),
            unknown_xml: unknown_xml(details),
            findings: json::findings(&details.findings),
        }
    }
}

fn texts(paths: &[GpoPath]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

fn entries(inventory: &Inventory) -> Vec<Entry> {
    let entries = inventory.iter();
    entries
        .map(|(path, kind)| Entry::new(path, Some(kind)))
        .collect()
}

fn unknown_xml(details: &BackupDetails) -> Vec<UnknownXml> {
    let mut unknown = Vec::new();
    for (element, foreign) in details.xml.foreign() {
        let attributes = foreign.attributes.iter();
        let attributes = attributes.map(|(name, value)| format!("{name}={value:?}"));
        let leaves = foreign.leaves.iter().flat_map(|leaf| {
            let attributes = leaf.attributes.iter();
            attributes.map(|(name, value)| format!("{}: {name}={value:?}", leaf.name))
        });
        let nodes = foreign.nodes.iter().map(|node| node.xml.clone());
        unknown.extend(
            attributes
                .chain(leaves)
                .chain(nodes)
                .map(|xml| UnknownXml { element, xml }),
        );
    }
    unknown
}

impl Gpo {
    fn of(details: &BackupDetails) -> Self {
        let core = &details.xml.core;
        let enabled = |off: GpoStatus| core.options.map(|options| !options.contains(off));
        let filter = core.wmi_filter.as_ref().map(|filter| WmiFilter {
            link: filter.as_str().to_owned(),
            id: filter.target().ok().map(|(id, _)| id.to_string()),
            name: core.wmi_filter_name.clone(),
        });
        Self {
            id: core.id.to_string(),
            domain: core.domain.clone(),
            name: core.display_name.clone(),
            computer: Half::of(
                enabled(GpoStatus::COMPUTER_DISABLED),
                core.machine_version,
                &core.machine_extensions,
            ),
            user: Half::of(
                enabled(GpoStatus::USER_DISABLED),
                core.user_version,
                &core.user_extensions,
            ),
            wmi_filter: filter,
        }
    }
}

impl Half {
    fn of(enabled: Option<bool>, version: Option<HalfVersion>, list: &ExtensionList) -> Self {
        let groups = list.groups().unwrap_or_default().into_iter();
        let extensions = groups.map(|group| ListedExtension {
            id: group.cse.to_string(),
            name: extension_name(group.cse),
            tools: group.tools.iter().map(ToString::to_string).collect(),
        });
        Self {
            enabled,
            version_directory: version.map(|version| version.directory),
            version_sysvol: version.map(|version| version.sysvol),
            extension_list: list.as_str().to_owned(),
            extensions: extensions.collect(),
        }
    }
}

impl From<&SecurityGroup> for Principal {
    fn from(group: &SecurityGroup) -> Self {
        Self {
            sid: group.sid.clone(),
            name: group.sam_account_name.clone(),
            kind: group.kind.name().to_owned(),
            netbios_domain: group.netbios_domain.clone(),
            dns_domain: group.dns_domain.clone(),
            upn: group.upn.clone(),
            source: group.source.as_text().map(str::to_owned),
        }
    }
}

impl From<&ExtensionFiles> for Extension {
    fn from(extension: &ExtensionFiles) -> Self {
        let objects = extension.directory_objects.iter().cloned();
        Self {
            id: extension.id.map(|id| id.to_string()),
            name: extension.name.clone(),
            entries: extension.entries.iter().map(Entry::of_extension).collect(),
            directory_objects: objects
                .map(|(path, class)| DirectoryObject { path, class })
                .collect(),
        }
    }
}

impl Entry {
    fn of_extension(entry: &BackupEntry) -> Self {
        Self {
            content: entry.kind.map(FileKind::name),
            sha256: entry.sha256.as_ref().map(|hash| hex(hash)),
            ..Self::new(&entry.path, entry.entry)
        }
    }

    fn new(path: &GpoPath, kind: Option<EntryKind>) -> Self {
        let (kind, size) = match kind {
            Some(EntryKind::File(size)) => ("file", Some(size)),
            Some(EntryKind::Folder) => ("folder", None),
            None => ("missing", None),
        };
        Self {
            path: path.to_string(),
            kind,
            size,
            content: None,
            sha256: None,
        }
    }
}

impl Security {
    fn of(details: &BackupDetails, security: &DescriptorDetails) -> Self {
        let permissions = security.permissions.iter().map(|entry| Permission {
            sid: entry.trustee.to_string(),
            name: details.principal_name(&entry.trustee),
            level: format!("{:?}", entry.permission),
            denied: entry.denied,
            inherited: entry.inherited,
            inheritable: entry.inheritable,
        });
        Self {
            sddl: security.sddl.clone(),
            null_dacl: security.null_dacl,
            permissions: permissions.collect(),
        }
    }
}
