//! `gpo-journal.json`: what a backup leaves out of a GPO as it was.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gpo_core::{
    DirectoryAttribute, DirectoryObject, Domain, EntryKind, GpoContainer, GpoId, GpoPath,
    GpoStatus, GpoVersion, Inventory, Som, SourceError, SourceErrorKind,
};
use serde::{Deserialize, Serialize};

use crate::gpo_state::{GpoState, GptIniFile};
use crate::plan::Plan;

const SCHEMA: &str = "gpo/journal/1";

/// What is needed to put a GPO back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    schema: String,
    operation: String,
    domain: String,
    domain_id: Option<String>,
    gpo_id: String,
    /// What the operation was about to write; tells its own work from somebody else's.
    version_after: Option<u32>,
    container: Option<Container>,
    /// None where there was no folder.
    tree: Option<Vec<Node>>,
    gpt_ini: Option<File>,
    descriptor: Option<Base64>,
    soms: Vec<Linked>,
}

/// Bytes, in base64.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Base64(Vec<u8>);

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

impl From<Base64> for String {
    fn from(bytes: Base64) -> Self {
        STANDARD.encode(bytes.0)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Container {
    id: String,
    display_name: String,
    flags: u32,
    version: u32,
    machine_extensions: String,
    user_extensions: String,
    wql_filter: String,
    file_sys_path: String,
    security_descriptor: Option<Base64>,
    machine_objects: Vec<Object>,
    user_objects: Vec<Object>,
    when_created: String,
    when_changed: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Object {
    rdn: String,
    class: String,
    attributes: Vec<(String, Vec<Base64>)>,
    security_descriptor: Option<Base64>,
    children: Vec<Object>,
}

/// A file with its size, or a folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Node {
    path: String,
    size: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct File {
    name: String,
    bytes: Base64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Linked {
    dn: String,
    links: String,
    block_inheritance: bool,
}

impl Record {
    pub(crate) fn of_plan(plan: &Plan, domain: &Domain) -> Self {
        let before = &plan.before;
        let node = |(path, kind): (&GpoPath, EntryKind)| Node {
            path: path.as_str().to_owned(),
            size: match kind {
                EntryKind::Folder => None,
                EntryKind::File(size) => Some(size),
            },
        };
        let soms = plan.after.iter().flat_map(|new| &new.soms);
        Self {
            schema: SCHEMA.to_owned(),
            operation: plan.operation.to_owned(),
            domain: domain.dns_name.clone(),
            domain_id: domain.id.map(|id| id.to_string()),
            gpo_id: plan.gpo_id.to_string(),
            version_after: plan.version_after.map(GpoVersion::value),
            container: before.container.as_ref().map(Container::of),
            tree: before
                .tree
                .as_ref()
                .map(|tree| tree.iter().map(node).collect()),
            gpt_ini: before.gpt_ini.as_ref().map(|ini| File {
                name: ini.name.clone(),
                bytes: Base64(ini.bytes.clone()),
            }),
            descriptor: before.descriptor.clone().map(Base64),
            soms: soms
                .map(|change| Linked {
                    dn: change.before.dn.clone(),
                    links: change.before.links.clone(),
                    block_inheritance: change.before.block_inheritance,
                })
                .collect(),
        }
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, SourceError> {
        serde_json::to_vec_pretty(self).map_err(|error| invalid(&error))
    }

    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, SourceError> {
        let record: Self = serde_json::from_slice(bytes).map_err(|error| invalid(&error))?;
        if record.schema != SCHEMA {
            let text = format!("the schema is {}, not {SCHEMA}", record.schema);
            return Err(invalid(&text));
        }
        if record.gpo_id.parse::<GpoId>().is_err() {
            return Err(invalid(&"gpo_id is no GUID in braces"));
        }
        Ok(record)
    }

    /// Whether it is an entry for a GPO of this domain.
    pub(crate) fn is_of(&self, domain: &Domain) -> bool {
        match (&self.domain_id, domain.id) {
            (Some(own), Some(id)) => own.eq_ignore_ascii_case(&id.to_string()),
            _ => self.domain.eq_ignore_ascii_case(&domain.dns_name),
        }
    }

    pub(crate) fn gpo_id(&self) -> GpoId {
        // Checked when it was read.
        let nil = GpoId::new(gpo_core::Guid::from_u128(0));
        self.gpo_id.parse().unwrap_or(nil)
    }

    pub(crate) fn operation(&self) -> &str {
        &self.operation
    }

    pub(crate) fn version_after(&self) -> Option<GpoVersion> {
        self.version_after.map(GpoVersion::new)
    }

    /// The GPO as it was.
    pub(crate) fn state(&self) -> Result<GpoState, SourceError> {
        let mut tree = self.tree.as_ref().map(|_| Inventory::default());
        for node in self.tree.iter().flatten() {
            let kind = node.size.map_or(EntryKind::Folder, EntryKind::File);
            let path = node.path.parse::<GpoPath>();
            let insert = path.and_then(|path| match &mut tree {
                Some(tree) => tree.insert(path, kind),
                None => Ok(()),
            });
            insert.map_err(|error| invalid(&error))?;
        }
        Ok(GpoState {
            container: self
                .container
                .as_ref()
                .map(Container::to_container)
                .transpose()?,
            tree,
            gpt_ini: self.gpt_ini.as_ref().map(|file| GptIniFile {
                name: file.name.clone(),
                bytes: file.bytes.0.clone(),
            }),
            descriptor: self.descriptor.as_ref().map(|bytes| bytes.0.clone()),
        })
    }

    /// The links as they were.
    pub(crate) fn soms(&self) -> Vec<Som> {
        let som = |linked: &Linked| Som {
            dn: linked.dn.clone(),
            links: linked.links.clone(),
            block_inheritance: linked.block_inheritance,
        };
        self.soms.iter().map(som).collect()
    }
}

impl Container {
    fn of(container: &GpoContainer) -> Self {
        let objects = |objects: &[DirectoryObject]| objects.iter().map(Object::of).collect();
        Self {
            id: container.id.to_string(),
            display_name: container.display_name.clone(),
            flags: container.status.bits(),
            version: container.version.value(),
            machine_extensions: container.machine_extensions.clone(),
            user_extensions: container.user_extensions.clone(),
            wql_filter: container.wql_filter.clone(),
            file_sys_path: container.file_sys_path.clone(),
            security_descriptor: container.security_descriptor.clone().map(Base64),
            machine_objects: objects(&container.machine_objects),
            user_objects: objects(&container.user_objects),
            when_created: container.when_created.clone(),
            when_changed: container.when_changed.clone(),
        }
    }

    fn to_container(&self) -> Result<GpoContainer, SourceError> {
        let objects = |objects: &[Object]| objects.iter().map(Object::to_object).collect();
        Ok(GpoContainer {
            id: self
                .id
                .parse()
                .map_err(|error: gpo_core::Error| invalid(&error))?,
            display_name: self.display_name.clone(),
            status: GpoStatus::from_bits_retain(self.flags),
            version: GpoVersion::new(self.version),
            machine_extensions: self.machine_extensions.clone(),
            user_extensions: self.user_extensions.clone(),
            wql_filter: self.wql_filter.clone(),
            file_sys_path: self.file_sys_path.clone(),
            security_descriptor: self.security_descriptor.as_ref().map(|sd| sd.0.clone()),
            machine_objects: objects(&self.machine_objects),
            user_objects: objects(&self.user_objects),
            when_created: self.when_created.clone(),
            when_changed: self.when_changed.clone(),
        })
    }
}

impl Object {
    fn of(object: &DirectoryObject) -> Self {
        let attribute = |attribute: &DirectoryAttribute| {
            let values = attribute.values.iter().cloned().map(Base64).collect();
            (attribute.name.clone(), values)
        };
        Self {
            rdn: object.rdn.clone(),
            class: object.class.clone(),
            attributes: object.attributes.iter().map(attribute).collect(),
            security_descriptor: object.security_descriptor.clone().map(Base64),
            children: object.children.iter().map(Self::of).collect(),
        }
    }

    fn to_object(&self) -> DirectoryObject {
        let attribute = |(name, values): &(String, Vec<Base64>)| DirectoryAttribute {
            name: name.clone(),
            values: values.iter().map(|value| value.0.clone()).collect(),
        };
        DirectoryObject {
            rdn: self.rdn.clone(),
            class: self.class.clone(),
            attributes: self.attributes.iter().map(attribute).collect(),
            security_descriptor: self.security_descriptor.as_ref().map(|sd| sd.0.clone()),
            children: self.children.iter().map(Self::to_object).collect(),
        }
    }
}

fn invalid(error: &dyn std::fmt::Display) -> SourceError {
    let kind = SourceErrorKind::Invalid;
    SourceError::new(kind, super::JOURNAL, error.to_string())
}
